/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A tensor's numbers where they lie in a file: format, place and strides. */
#pragma once

#include "files/weights.h"

G_BEGIN_DECLS

typedef struct {
  FeDtype dtype;
  FeShape shape;
  guint64 offset;                       /* bytes from the file's start */
  guint64 strides[FE_WEIGHTS_MAX_DIMS]; /* in elements */
} FeView;

/* "F32", "F16" or "BF16". */
const char *fe_dtype_to_string (FeDtype dtype);

/* Bytes of one element. */
guint64 fe_dtype_get_size (FeDtype dtype);

/* "[64, 128]" */
char *fe_shape_to_string (const FeShape *shape);

/* Product of the dims, 1 for none; FALSE if it exceeds 64 bits. */
gboolean fe_shape_count (const FeShape *shape, guint64 *n_elements);

/* Sets the strides of a tensor whose rows follow each other without gaps. */
void fe_view_set_packed (FeView *self);

/* Whether all elements lie within the n_elements that follow offset. */
gboolean fe_view_fits (const FeView *self, guint64 n_elements);

/* Swaps the two dims of a matrix. */
void fe_view_transpose (FeView *self);

/* Reads whole rows, entries of dims[0], as fp32 without gaps; a tensor without
 * dims is one row. The rows must exist. FALSE if a number is not finite: dst is
 * then undefined and *bad is that element's place, counted from first_row's
 * first one. */
gboolean fe_view_read (const FeView *self, const guint8 *file,
                       guint64 first_row, guint64 n_rows, float *dst,
                       guint64 *bad);

G_END_DECLS
