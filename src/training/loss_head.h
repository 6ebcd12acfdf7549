/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the features of all taps to the losses, and back to the gradients of the
 * features.
 *
 * Shapes: N taps, B images, grid edge G, image edge S, embedding E. Tables over
 * taps and images have the images of one tap next to each other. Maps are
 * enlarged by products with a matrix of bilinear weights, one for each
 * direction. */
#pragma once

#include "compute/ops_losses.h"

G_BEGIN_DECLS

typedef struct {
  guint n_taps;     /* N */
  guint images;     /* B */
  guint grid_size;  /* G */
  guint image_size; /* S */
  guint embedding;  /* E */
  double temperature;
  double alpha; /* of the focal loss */
  double gamma;
} FeLossConfig;

typedef struct {
  FeLossConfig config;
  FeLosses losses;
  FeBuffer *text;            /* [2][padded E], normalised */
  FeBuffer *scores;          /* [N·B] */
  FeBuffer *score_gradients; /* [N·B] */
  FeMatrix bilinear;         /* [S][G] */
  FeMatrix bilinear_turned;  /* [G][S] */
  FeMatrix maps;             /* [N·B][G][G] and then their gradients */
  FeMatrix columns;          /* [N·B][S][G] enlarged in one direction */
  FeMatrix column_gradients; /* [N·B][G][S] */
  FeMatrix large;            /* [N·B][S][S] */
  FeMatrix large_gradients;  /* [N·B][S][S] */
  FeMatrix masks;            /* [B][S][S] */
  FeBuffer *sums;            /* [N·B·S][4] */
  FeBuffer *totals;          /* [N·B][4] */
} FeLossHead;

/* `text` [2][E] are the features of the normal and the anomalous prompt. */
void fe_loss_head_init (FeLossHead *self, FeArena *arena,
                        const FeLossConfig *config, const float *text);

/* Records a tap's scores and maps, from class_features [B][E] and features
 * [B][G·G + 1][E], whose last row is not read. */
void fe_loss_head_add_tap (FeCommands *commands, const FeLossHead *self,
                           guint tap, const FeMatrix *class_features,
                           const FeMatrix *features);

/* Records the losses of all taps, and the gradients of scores and maps. */
void fe_loss_head_run (FeCommands *commands, const FeLossHead *self);

/* Records the gradients of a tap's features, from the features that its maps
 * were computed from. The last row of the gradients is not written. */
typedef struct {
  FeMatrix class_features;
  FeMatrix features;
  FeMatrix class_gradients;
  FeMatrix gradients;
} FeLossHeadBackward;

void fe_loss_head_backward (FeCommands *commands, const FeLossHead *self,
                            guint tap, const FeLossHeadBackward *backward);

G_END_DECLS
