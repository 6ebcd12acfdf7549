/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Device memory for what the network computes from one image, or from several
 * at a time. The detectors of a batch share it. */
#pragma once

#include "network/config.h"
#include "network/vision.h"

G_BEGIN_DECLS

/* The largest number of images that go through the network at a time. */
#define FE_ACTIVATIONS_MAX 64

/* Shapes: B images, grid edge G, network's edge S, embedding E. */
typedef struct {
  gatomicrefcount refs;
  /* Held from uploading the prompts until the results have been read. */
  GMutex lock;

  FeNetwork *network;
  FeConfig config; /* without what each detector has of its own */
  guint capacity;  /* B */

  FeArena *arena;
  FeVisionActivations vision;
  FeAdapterActivations adapters; /* empty without adapters */
  FeBuffer *text;                /* [B][2][padded E], normalised */
  float *known_text;             /* the same, as uploaded */
  /* [n_taps][B] scores, [B][G·G] maps, [G·G] M_few of the first image; read
   * back */
  FeBuffer *values;
  FeBuffer **enlarged; /* B maps [S·S], read back; NULL without smoothing */
  FeBuffer *scratch;   /* [S·S] */
  FeBuffer *smoothing; /* [smoothing_radius + 1] */
  guint smoothing_radius;
} FeActivations;

/* Allocates memory for `wanted` images, or for fewer where the device's buffers
 * do not hold as many. Keeps a reference to the network. */
FeActivations *fe_activations_new (FeNetwork *network, const FeConfig *config,
                                   guint wanted, GError **error);

FeActivations *fe_activations_ref (FeActivations *self);
void fe_activations_unref (FeActivations *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeActivations, fe_activations_unref)

/* Whether a network computes the same results with this memory and with a
 * config. What differs only in how frames become images, and in how results of
 * images are merged, suits. */
gboolean fe_activations_suit (const FeActivations *self,
                              const FeNetwork *network, const FeConfig *config);

/* The rows [G·G] that take an image's patches, without the class token. */
FeMatrix fe_activations_get_patches (const FeActivations *self, guint image);

/* Sets the prompts' features [2][padded E] that an image is compared with.
 * Uploads them only where they differ from those on the device. */
gboolean fe_activations_set_text (FeActivations *self, guint image,
                                  const float *text, GError **error);

/* G·G. */
guint fe_activations_count_patches (const FeActivations *self);

/* Whether the map, or a share of it, comes from the prompts. */
gboolean fe_activations_have_prompt_map (const FeActivations *self);

/* Indices into `values`: of a score, and of the first number of a map. */
guint fe_activations_get_score (const FeActivations *self, guint tap,
                                guint image);
guint fe_activations_get_map (const FeActivations *self, guint image);
guint fe_activations_get_few_shot_map (const FeActivations *self);

G_END_DECLS
