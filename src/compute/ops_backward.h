/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gradients of the operations in ops.h with respect to their inputs. dx is the
 * gradient of the loss with respect to x and has its shape. All operations
 * process the images of a batch at once.
 *
 * The gradients of a matrix product are matrix products. For y = x · wᵀ + bias
 *   dx = dy · w, dw = dyᵀ · x, dbias = the row sums of dyᵀ
 * with fe_op_matmul() and fe_op_transpose(). The gradients of the window DCT
 * and of fe_op_blend_adapters() are in ops.h, since they use the same kernels.
 */
#pragma once

#include "compute/ops.h"

G_BEGIN_DECLS

/* y = act (x), as an operation of its own because training keeps x for the
 * gradient. Both are [images][rows][columns]; only the rows that x has are read
 * and written. */
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

/* sums[r] += Σ_c x[r][c]; x [rows][columns]. */
void fe_op_row_sums (FeCommands *commands, const FeMatrix *x, FeBuffer *sums);

/* Gradient of fe_op_layer_norm_rows(): row t of dy is the gradient of row first
 * + step · t of x and is written or added to that row of dx. */
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

/* ds from p = softmax (s / 8) and dp; all [heads][queries][keys]. */
void fe_op_softmax_backward (FeCommands *commands, const FeMatrix *p,
                             const FeMatrix *dp, const FeMatrix *ds);

/* col2im: dx [images][grid²][channels] from dy [images][grid²][9·channels]. */
void fe_op_im2col_backward (FeCommands *commands, guint grid,
                            const FeMatrix *dy, const FeMatrix *dx);

/* x, dy, dx [images][grid²][channels]; `table` is filled by fe_lfs_table(). */
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

/* dz from the gradients with respect to the probabilities of z's rows: those
 * from gradients[first] on or, if `maps` [images][edge][edge] is set, those in
 * the maps, for z [images][edge²][features]. */
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
