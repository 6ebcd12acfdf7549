/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loads the tensors of a weight file to the device, one at a time. */
#pragma once

#include <feclip/settings.h>

#include "compute/matrix.h"
#include "files/weights.h"

G_BEGIN_DECLS

/* How weights are kept and multiplied. */
typedef struct {
  FeclipWeightsStorage storage;
  gboolean coopmat; /* fp16 operands where there are cooperative matrices */
} FeArithmetic;

/* Source and destination of a network's tensors. The first error is kept and
 * reported by fe_weight_loader_check(), so that loading a network is a list of
 * calls. */
typedef struct {
  FeArena *arena;
  const FeWeights *weights; /* NULL: random numbers instead */
  GRand *random;
  FeArithmetic arithmetic;
  /* Whether the matrices that are loaded next may be kept as strassen.h says,
   * as long as the arena is within the device's limit. */
  gboolean strassen;
  /* Private: */
  float *values;
  gsize n_values;
  GError *error;
} FeWeightLoader;

void fe_weight_loader_clear (FeWeightLoader *self);

gboolean fe_weight_loader_check (FeWeightLoader *self, GError **error);

/* Each returns the device's copy of one tensor, named like printf(). */

/* [n] in the file. */
FeBuffer *fe_weight_loader_vector (FeWeightLoader *self, guint n,
                                   const char *name, ...) G_GNUC_PRINTF (3, 4);

/* [rows][columns] in the file and on the device. */
FeMatrix fe_weight_loader_matrix (FeWeightLoader *self, guint rows,
                                  guint columns, const char *name, ...)
    G_GNUC_PRINTF (4, 5);

/* [columns][rows] in the file, [rows][columns] on the device. */
FeMatrix fe_weight_loader_transposed (FeWeightLoader *self, guint rows,
                                      guint columns, const char *name, ...)
    G_GNUC_PRINTF (4, 5);

/* [outputs][inputs][edge][edge] in the file. On the device one row per output,
 * columns (input, y, x). */
FeMatrix fe_weight_loader_patch_kernel (FeWeightLoader *self, guint outputs,
                                        guint inputs, guint edge,
                                        const char *name, ...)
    G_GNUC_PRINTF (5, 6);

/* [outputs][inputs][3][3] in the file. On the device one row per output,
 * columns (y, x, input), as fe_op_im2col() gathers them. */
FeMatrix fe_weight_loader_convolution (FeWeightLoader *self, guint outputs,
                                       guint inputs, const char *name, ...)
    G_GNUC_PRINTF (4, 5);

/* The tensor's numbers on the host, valid until the next call; NULL after a
 * failure. */
const float *fe_weight_loader_values (FeWeightLoader *self,
                                      const FeShape *shape, const char *name,
                                      ...) G_GNUC_PRINTF (3, 4);

G_END_DECLS
