/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The gradients of what ops.h computes, with respect to its inputs. A gradient
 * has the shape of what it belongs to; dx belongs to x. Like the forward
 * operations, these take all images of a batch at once.
 *
 * A product's gradients are products. For y = x · wᵀ + bias
 *   dx = dy · w, dw = dyᵀ · x, dbias = the row sums of dyᵀ
 * with fe_op_matmul() and fe_op_transpose(); the gradients of the window DCT
 * and of the fusing are in ops.h, being the same kernels. */
#pragma once

#include "compute/ops.h"

G_BEGIN_DECLS

/* A layer's sums x, kept for its gradient. All are [images][rows][columns];
 * only the rows that x has are looked at and written. */
void fe_op_activation (FeCommands *commands, FeclipActivation activation,
                       const FeMatrix *x, const FeMatrix *y);

typedef struct {
  const char *use;
  FeclipActivation activation;
  FeMatrix x;
  FeMatrix dy;
  FeMatrix dx;
} FeActivationBackward;

void fe_op_activation_backward (FeCommands *commands,
                                const FeActivationBackward *backward);

/* sums[r] += the sum of row r of x [rows][columns]. */
void fe_op_row_sums (FeCommands *commands, const FeMatrix *x, FeBuffer *sums);

/* For the rows first, first + step and so on of x, as many as dy has: their
 * gradients are written to those rows of dx, or added. */
typedef struct {
  const char *use;
  FeMatrix x;
  guint first;
  guint step;
  FeBuffer *scale; /* [columns] */
  FeMatrix dy;
  FeMatrix dx;
  gboolean accumulate;
} FeLayerNormBackward;

void fe_op_layer_norm_backward (FeCommands *commands,
                                const FeLayerNormBackward *backward);

/* ds from p, the softmax of s / 8, and dp; all [heads][queries][keys]. */
void fe_op_softmax_backward (FeCommands *commands, const FeMatrix *p,
                             const FeMatrix *dp, const FeMatrix *ds);

/* dx [images][grid²][channels] from dy [images][grid²][9·channels]. */
void fe_op_im2col_backward (FeCommands *commands, guint grid,
                            const FeMatrix *dy, const FeMatrix *dx);

/* x, dy, dx [images][grid²][channels]; `table` is from fe_lfs_table(). */
typedef struct {
  guint grid;
  guint window;
  FeclipLfsStatistic statistic;
  FeBuffer *table;
  FeMatrix x;
  FeMatrix dy;
  FeMatrix dx;
} FeLfsStatisticBackward;

void fe_op_lfs_statistic_backward (FeCommands *commands,
                                   const FeLfsStatisticBackward *backward);

/* dz from the gradients with respect to the rows' probabilities: those from
 * gradients[first] on, or with `maps` [images][edge][edge] those of z's rows
 * [images][edge²]. */
typedef struct {
  FeMatrix z;
  FeBuffer *text;
  double temperature;
  FeBuffer *gradients;
  guint first;
  const FeMatrix *maps;
  FeMatrix dz;
} FeSimilarityBackward;

void fe_op_similarity_backward (FeCommands *commands,
                                const FeSimilarityBackward *backward);

G_END_DECLS
