/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The operations that compare a frame's patches with those of normal
 * references (paper, section 4.6). */
#pragma once

#include "compute/ops.h"

G_BEGIN_DECLS

/* Parts of `rows` references, each of which has a maximum of its own. */
guint fe_nearest_splits (guint rows);

/* Numbers from one split of the maxima to the next. */
guint fe_nearest_step (const FeDevice *device, guint rows);

/* y[r] = x[r] / |x[r]| for as many rows as y has. */
void fe_op_normalize_rows (FeCommands *commands, const FeMatrix *x,
                           const FeMatrix *y);

/* best[first_split + split][row] = the largest similarity of a row of x to
 * those of a split of the references; rows of length one. x [rows][k],
 * references [n][k], n a multiple of 64, best [splits][step] */
void fe_op_nearest (FeCommands *commands, const FeMatrix *x,
                    const FeMatrix *references, guint first_split,
                    FeBuffer *best);

/* values[first + row] = or += weight · (1 − max over splits of
 * best[split][row])
 */
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
