/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Features of normal images in system memory and on disk, with the network and
 * the settings that they come from. */
#pragma once

#include "network/config.h"

G_BEGIN_DECLS

/* The largest number of rows of a tap: more than a search in real time could
 * compare with. */
#define FE_REFERENCES_MAX_ROWS (4 * 1024 * 1024)

/* Numbers of a network's weights that identify it. */
#define FE_SAMPLE_SIZE 16

/* The network and the settings that features come from. */
typedef struct {
  guint n_taps;
  guint width; /* D */
  guint grid;  /* G */
  char *text;  /* all that the features depend on but the weights */
  float sample[FE_SAMPLE_SIZE]; /* of the weights */
} FeReferencesOrigin;

gboolean fe_references_origin_init (FeReferencesOrigin *self,
                                    const FeConfig *config,
                                    const FeNetwork *network, GError **error);

void fe_references_origin_clear (FeReferencesOrigin *self);

/* Whether both are the same; else sets an error that begins with `whose`. */
gboolean fe_references_origin_check (const FeReferencesOrigin *self,
                                     const FeReferencesOrigin *other,
                                     const char *whose, GError **error);

/* For each tap rows [n][D], each of length one: GArrays whose element is a row.
 */
typedef struct {
  guint images;
  guint n_taps;
  GArray *taps[FE_MAX_TAPS];
} FeFeatures;

void fe_features_init (FeFeatures *self, guint n_taps, guint width);

/* A zeroed one is allowed. */
void fe_features_clear (FeFeatures *self);

/* Keeps `limit` rows of each tap, as feclip_references_reduce() says; `width`
 * is D. Takes seconds for many rows. */
void fe_features_reduce (FeFeatures *self, guint width, guint limit);

/* Writes the file of feclip_references_save(). */
gboolean fe_features_save (const FeFeatures *self,
                           const FeReferencesOrigin *origin, const char *path,
                           GError **error);

/* Fills `self`, which is zeroed and has to be cleared, after a failure too. */
gboolean fe_features_load (FeFeatures *self, const FeReferencesOrigin *origin,
                           const char *path, GError **error);

G_END_DECLS
