/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Antialiased bicubic resizing of one axis, as weights.
 *
 * Keys' kernel with a = −0.5 between half-pixel centres, widened by the ratio
 * when shrinking, and its weights normalised where it sticks out of the
 * image. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Which samples an output is made of: [first, end). */
typedef struct {
  guint first;
  guint end;
} FeTaps;

/* The outputs [first_output, first_output + n_outputs) of an axis. */
typedef struct {
  guint n_outputs;
  FeTaps *taps; /* [n_outputs]; neither first nor end ever falls */
  guint most;   /* samples that one output is made of, at most */
  guint taps4;  /* the same / 4, rounded up */
  /* [n_outputs][1 + taps4][4], for the kernels: the first sample's number, from
   * taps[0].first on; three zeros; the weights, padded with zeros. */
  float *table;
} FeResizeFilter;

/* Sets up resizing an axis from `in` samples to `out`. */
void fe_resize_filter_init (FeResizeFilter *self, guint in, guint64 out,
                            guint64 first_output, guint n_outputs);

void fe_resize_filter_clear (FeResizeFilter *self);

/* Floats in the table. */
gsize fe_resize_filter_get_size (const FeResizeFilter *self);

G_END_DECLS
