/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Weights for antialiased bicubic resizing along one axis.
 *
 * Keys' cubic kernel (Keys 1981) with a = −0.5 and half-pixel centres. When
 * downscaling, the kernel is widened by the ratio. At the image's edges the
 * weights are normalised to a sum of 1. This is the filter of Pillow's BICUBIC.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Range of input samples of an output: [first, end). */
typedef struct {
  guint first;
  guint end;
} FeTaps;

/* Filter for the outputs [first_output, first_output + n_outputs) of an axis.
 */
typedef struct {
  guint n_outputs;
  FeTaps *taps; /* [n_outputs]; first and end never decrease */
  guint most;   /* largest number of samples of an output */
  guint taps4;  /* `most` / 4, rounded up */
  /* [n_outputs][1 + taps4][4], for the kernels: the index of the first sample
   * relative to taps[0].first, three zeros, then the weights, padded with
   * zeros. */
  float *table;
} FeResizeFilter;

/* Computes the filter for resizing an axis from `in` samples to `out`. */
void fe_resize_filter_init (FeResizeFilter *self, guint in, guint64 out,
                            guint64 first_output, guint n_outputs);

void fe_resize_filter_clear (FeResizeFilter *self);

/* Number of floats in the table. */
gsize fe_resize_filter_get_size (const FeResizeFilter *self);

G_END_DECLS
