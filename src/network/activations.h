/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the network computes, of one image or several at a time: memory for
 * it, which the detectors of a batch share. */
#pragma once

#include "network/config.h"
#include "network/vision.h"

G_BEGIN_DECLS

/* Images that may go through the network at a time, at most. */
#define FE_ACTIVATIONS_MAX 64

/* Shapes: B images, grid edge G, network's edge S, embedding E. */
typedef struct {
  gatomicrefcount refs;
  /* Held by who runs the network, from the prompts on until results are read.
   */
  GMutex lock;

  FeNetwork *network;
  FeConfig config; /* but for what is a detector's own */
  guint capacity;  /* B */

  FeArena *arena;
  FeVisionActivations vision;
  FeAdapterActivations adapters; /* empty without adapters */
  FeBuffer *text;                /* [B][2][padded E], normalised */
  float *known_text;             /* the same, as uploaded */
  FeBuffer *values;              /* [n_taps][B] scores, [B][G·G] map,
                                  * [G·G] M_few of the first; read back */
  FeBuffer **enlarged; /* B of [S·S] map, read back; with smoothing */
  FeBuffer *scratch;   /* [S·S] */
  FeBuffer *smoothing; /* [smoothing_radius + 1] */
  guint smoothing_radius;
} FeActivations;

/* Memory for up to `wanted` images, fewer where the device's buffers do not
 * hold as many. */
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

/* Where an image's patches go: [G·G] rows, without the class token. */
FeMatrix fe_activations_get_patches (const FeActivations *self, guint image);

/* Has an image compared with the prompts' features [2][padded E]. */
gboolean fe_activations_set_text (FeActivations *self, guint image,
                                  const float *text, GError **error);

/* G·G. */
guint fe_activations_count_patches (const FeActivations *self);

/* Whether the prompts make a map, or a share of one. */
gboolean fe_activations_have_prompt_map (const FeActivations *self);

/* Where an image's numbers are or begin among the values. */
guint fe_activations_get_score (const FeActivations *self, guint tap,
                                guint image);
guint fe_activations_get_map (const FeActivations *self, guint image);
guint fe_activations_get_few_shot_map (const FeActivations *self);

G_END_DECLS
