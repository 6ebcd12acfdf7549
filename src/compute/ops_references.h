/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Operations that compare the patches of a frame with those of normal
 * references (FE-CLIP paper, section 4.6). */
#pragma once

#include "compute/ops.h"

G_BEGIN_DECLS

/* Number of splits of `rows` references; each split has its own maximum. */
guint fe_nearest_splits (guint rows);

/* Stride between the maxima of two splits, in floats. */
guint fe_nearest_step (const FeDevice *device, guint rows);

/* L2-normalises rows: y[r] = x[r] / |x[r]|, for every row of y. */
void fe_op_normalize_rows (FeCommands *commands, const FeMatrix *x,
                           const FeMatrix *y);

/* best[first_split + split][row] = the largest cosine similarity of a row of x
 * to the references of a split; all rows have L2 norm 1.
 *
 *     x [rows][k], references [n][k], n a multiple of 64, best [splits][step]
 */
void fe_op_nearest (FeCommands *commands, const FeMatrix *x,
                    const FeMatrix *references, guint first_split,
                    FeBuffer *best);

/* values[first + row] = or += weight · (1 − max over splits of
 * best[split][row]), the cosine distance from the nearest reference. */
typedef struct {
  FeBuffer *best; /* [splits][step] */
  guint splits;
  guint rows;
  double weight;
  gboolean accumulate;
  FeBuffer *values;
  guint first;
} FeReferenceDistance;

void fe_op_reference_distance (FeCommands *commands,
                               const FeReferenceDistance *distance);

G_END_DECLS
