/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the network computes, of one picture or several at a time: memory for
 * it, which the detectors of a batch share. */
#pragma once

#include "network/config.h"
#include "api/model.h"

G_BEGIN_DECLS

/* Pictures that may go through the network at a time, at most. */
#define FE_PICTURES_MOST 64

/* Shapes: B pictures, grid edge G, network's edge S, embedding E. */
typedef struct {
  gatomicrefcount refs;
  /* Held by who runs the network, from the prompts on until results are read.
   */
  GMutex lock;

  FeclipModel *model;
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
} FePictures;

/* Memory for up to `wanted` pictures, fewer where the device's buffers do not
 * hold as many. */
FePictures *fe_pictures_new (FeclipModel *model, const FeConfig *config,
                             guint wanted, GError **error);

FePictures *fe_pictures_ref (FePictures *self);
void fe_pictures_unref (FePictures *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FePictures, fe_pictures_unref)

/* Whether the network computes the same with a model and a config: all but how
 * a frame becomes pictures and how their results are put together. */
gboolean fe_pictures_suit (const FePictures *self, FeclipModel *model,
                           const FeConfig *config);

/* Where a picture's patches go: [G·G] rows, without the class token. */
FeMatrix fe_pictures_get_patches (const FePictures *self, guint picture);

/* Has a picture compared with the prompts' features [2][padded E]. */
gboolean fe_pictures_set_text (FePictures *self, guint picture,
                               const float *text, GError **error);

/* G·G. */
guint fe_pictures_count_patches (const FePictures *self);

/* Whether the prompts make a map, or a share of one. */
gboolean fe_pictures_have_prompt_map (const FePictures *self);

/* Where a picture's numbers are or begin among the values. */
guint fe_pictures_get_score (const FePictures *self, guint tap, guint picture);
guint fe_pictures_get_map (const FePictures *self, guint picture);
guint fe_pictures_get_few_shot_map (const FePictures *self);

G_END_DECLS
