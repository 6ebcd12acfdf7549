/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Packed matrices: the one layout of all weights and activations.
 *
 * A matrix of fp32 (weights: or fp16) is cut into panels of P rows, P being the
 * device's panel. Inside a panel, four columns of one row lie together, then
 * the same four of the next row:
 *
 *   element (r, c) = data[((r / P * C4 + c / 4) * P + r % P) * 4 + c % 4]
 *
 * with C4 = columns / 4, columns padded to a multiple of 8. P lanes that own a
 * row each thus read 16·P bytes in one piece. Padding columns are zero wherever
 * they are multiplied; padding rows hold finite numbers that nobody uses.
 */
#pragma once

#include "compute/vulkan/memory.h"

G_BEGIN_DECLS

/* A matrix, a part of one, or a batch of equal parts, such as an attention's
 * heads; a batch may consist of groups of them, such as each image's heads.
 * Sizes in elements, offset and strides in vec4. Does not own its buffer. */
typedef struct {
  FeBuffer *buffer;
  guint rows;
  guint columns;
  guint batch;
  guint offset;
  guint panel_stride; /* from one panel of rows to the next */
  guint batch_stride; /* from one batch item to the next */
  guint group;        /* within a group of as many; 0: all are one */
  guint group_stride; /* from one group to the next */
  gboolean half;      /* fp16, read-only */
  gboolean strassen;  /* weights in forms, batch_stride apart: strassen.h */
  gboolean coopmat;   /* fp16, for cooperative matrices where there are any */
} FeMatrix;

/* Columns of a matrix in memory. */
guint fe_padded_columns (guint columns);

/* Rows that a tile of the product has as its left operand: it reads and writes
 * that many, padding included. */
guint fe_tile_rows (const FeDevice *device);

/* Columns of it: rows of the right operand. */
guint fe_tile_columns (const FeDevice *device);

/* The part that starts at a column, as a batch of `batch` parts of `columns`
 * each. Of a batch: the same of each of its items, which become groups. */
FeMatrix fe_matrix_split (const FeMatrix *self, guint first_column,
                          guint columns, guint batch);

/* Bytes of its numbers, without padding. */
double fe_matrix_count_bytes (const FeMatrix *self);

/* All parts of a stack as one matrix, the padding rows between them included.
 */
FeMatrix fe_matrix_stacked (const FeMatrix *self);

/* The first n parts of a batch, and one of them by itself. */
FeMatrix fe_matrix_first (const FeMatrix *self, guint n);
FeMatrix fe_matrix_batch_item (const FeMatrix *self, guint part);

/* Buffers that are freed together. The first error is kept and reported by
 * fe_arena_check(), so that a network's tensors can be allocated in a plain
 * list of calls. */
typedef struct _FeArena FeArena;

FeArena *fe_arena_new (FeDevice *device);

void fe_arena_free (FeArena *self);

const FeDevice *fe_arena_get_device (const FeArena *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeArena, fe_arena_free)

/* A zero matrix of activations, fp32, or a batch of them. Rows are padded so
 * that any kernel may write whole tiles. */
FeMatrix fe_arena_matrix (FeArena *self, const char *what, guint rows,
                          guint columns, guint batch);

/* A batch whose parts follow each other in one matrix, so that a product can
 * take all of them at once: fe_matrix_stacked(). */
FeMatrix fe_arena_stack (FeArena *self, const char *what, guint rows,
                         guint columns, guint batch);

/* A matrix with a weight's values, rows by columns without gaps. */
FeMatrix fe_arena_weights (FeArena *self, const char *what, guint rows,
                           guint columns, gboolean half, const float *values);

/* The same in fp32 as strassen.h keeps them. */
FeMatrix fe_arena_strassen (FeArena *self, const char *what, guint rows,
                            guint columns, const float *values);

/* The same in fp32, padded as activations are: a product's residual. */
FeMatrix fe_arena_residual (FeArena *self, const char *what, guint rows,
                            guint columns, const float *values);

/* Plain floats, zero where `values` is NULL. */
FeBuffer *fe_arena_floats (FeArena *self, const char *what, FeBufferKind kind,
                           gsize n, const float *values);

/* Bytes of device memory in it. */
guint64 fe_arena_get_size (const FeArena *self);

/* Returns whether all calls so far succeeded; else sets the first error. */
gboolean fe_arena_check (FeArena *self, GError **error);

/* Reads rows [first, first + n) of one part of a batch into dst [n][columns].
 * Blocks; for tests and for results. fp32 only. */
gboolean fe_matrix_read (const FeMatrix *self, guint part, guint first, guint n,
                         float *dst, GError **error);

/* Reads weights of fe_arena_strassen() back: dst [rows][columns], each number
 * within the rounding of two additions. Blocks. */
gboolean fe_matrix_read_strassen (const FeMatrix *weights, float *dst,
                                  GError **error);

/* Fills one part of a matrix from src [rows][columns]. fp32 only. */
gboolean fe_matrix_write (const FeMatrix *self, guint part, const float *src,
                          GError **error);

G_END_DECLS
