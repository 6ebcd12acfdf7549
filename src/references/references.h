/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What detectors need of a FeclipReferences beyond its public face. */
#pragma once

#include <feclip/references.h>

#include "references/reference_bank.h"
#include "network/config.h"

G_BEGIN_DECLS

/* Patches of each tap: more than a search in real time could compare with. */
#define FE_REFERENCES_MAX_ROWS (4 * 1024 * 1024)

/* Numbers taken from a network's weights to tell it by. */
#define FE_SAMPLE_SIZE 16

/* Whose features they are. */
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

/* Whether both are the same, or a sentence that begins with `whose`. */
gboolean fe_references_origin_check (const FeReferencesOrigin *self,
                                     const FeReferencesOrigin *other,
                                     const char *whose, GError **error);

/* Features: for each tap rows [n][D] of length one, in GArrays whose element is
 * a row. */
typedef struct {
  guint images;
  guint n_taps;
  GArray *taps[FE_MAX_TAPS];
} FeFeatures;

void fe_features_init (FeFeatures *self, guint n_taps, guint width);

/* A zeroed one is allowed. */
void fe_features_clear (FeFeatures *self);

/* The file of feclip_references_save(). */
gboolean fe_features_save (const FeFeatures *self,
                           const FeReferencesOrigin *origin, const char *path,
                           GError **error);

/* Fills `self`, which is zeroed; it has to be cleared in either case. */
gboolean fe_features_load (FeFeatures *self, const FeReferencesOrigin *origin,
                           const char *path, GError **error);

/* Keeps `limit` of more rows, as feclip_references_reduce() says. */
void fe_coreset_reduce (GArray *rows, guint width, guint limit);

const FeReferencesOrigin *fe_references_get_origin (FeclipReferences *self);

/* What is known now, on the device: `bank` (transfer full), NULL before the
 * first image. Thread-safe. */
gboolean fe_references_get_bank (FeclipReferences *self, FeReferenceBank **bank,
                                 GError **error);

/* Runs the network on an image's tile and fills `features` [n_taps], each
 * [G·G][D]. In detector.c. */
gboolean fe_detector_get_features (FeclipDetector *self,
                                   const FeclipFrame *frame, guint tile,
                                   float *const *features, GError **error);

/* Tiles of the image that features were last taken from, 1 without tiles. */
guint fe_detector_count_tiles (FeclipDetector *self);

/* In detector.c. */
gboolean fe_detector_get_origin (FeclipDetector *self,
                                 FeReferencesOrigin *origin, GError **error);
FeDevice *fe_detector_get_device (FeclipDetector *self);

G_END_DECLS
