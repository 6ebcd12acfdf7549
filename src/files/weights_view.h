/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A view of a tensor's elements in a file: format, offset and strides. */
#pragma once

#include "files/weights.h"

G_BEGIN_DECLS

typedef struct {
  FeDtype dtype;
  FeShape shape;
  guint64 offset;                       /* in bytes, from the start of the file
                                         */
  guint64 strides[FE_WEIGHTS_MAX_DIMS]; /* in elements */
} FeView;

/* "F32", "F16" or "BF16". */
const char *fe_dtype_to_string (FeDtype dtype);

/* Size of an element in bytes. */
guint64 fe_dtype_get_size (FeDtype dtype);

/* "[64, 128]" */
char *fe_shape_to_string (const FeShape *shape);

/* Product of the dims, 1 if there are none; FALSE if it exceeds 64 bits. */
gboolean fe_shape_count (const FeShape *shape, guint64 *n_elements);

/* Sets the strides of a contiguous, row-major tensor. */
void fe_view_set_packed (FeView *self);

/* Whether all elements are among the n_elements after `offset`. */
gboolean fe_view_fits (const FeView *self, guint64 n_elements);

/* Transposes a matrix by swapping dims and strides. */
void fe_view_transpose (FeView *self);

/* Reads n_rows rows (indices of dims[0]) as contiguous fp32; a tensor without
 * dims is one row. The rows must exist. FALSE if an element is NaN or infinite:
 * dst is then undefined, and *bad is the index of the element, counted from the
 * first element of first_row. */
gboolean fe_view_read (const FeView *self, const guint8 *file,
                       guint64 first_row, guint64 n_rows, float *dst,
                       guint64 *bad);

G_END_DECLS
