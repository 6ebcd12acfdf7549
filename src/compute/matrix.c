/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compute/matrix.h"

#include <string.h>

#include "base/half.h"
#include "compute/strassen.h"

/* Tiles are 16 or 64 rows high as the right operand: a multiple of both. */
#define WEIGHT_ROWS 64

/* About the size of one transfer of weights, in bytes. */
#define TRANSFER_SIZE ((gsize)16 * 1024 * 1024)

struct _FeArena {
  FeDevice *device;
  GPtrArray *buffers; /* FeBuffer */
  guint64 size;
  GError *error;
};

static guint
round_up (guint n, guint multiple)
{
  return (n + multiple - 1) / multiple * multiple;
}

guint
fe_padded_columns (guint columns)
{
  return round_up (columns, 8);
}

FeMatrix
fe_matrix_split (const FeMatrix *self, guint first_column, guint columns,
                 guint batch)
{
  FeMatrix part = *self;
  guint panel = self->buffer ? self->buffer->device->panel : 0;

  g_assert (!self->group && first_column % 4 == 0);
  g_assert (first_column + columns * batch <= self->columns);
  g_assert (batch == 1 || columns % 8 == 0);
  part.columns = columns;
  part.batch = batch * self->batch;
  part.offset += first_column / 4 * panel;
  part.batch_stride = columns / 4 * panel;
  if (self->batch > 1) {
    part.group = batch;
    part.group_stride = self->batch_stride;
  }
  return part;
}

double
fe_matrix_count_bytes (const FeMatrix *self)
{
  return (double)self->rows * self->columns * self->batch
         * (self->half ? 2 : 4);
}

guint
fe_tile_rows (const FeDevice *device)
{
  return device->subgroup_kernels ? 5 * device->panel : 64;
}

guint
fe_tile_columns (const FeDevice *device)
{
  return device->subgroup_kernels ? 16 : 64;
}

/* Rows are padded to whole tiles, and for right operands to whole groups of 8,
 * as their rows become columns. */
static guint
padded_rows (const FeDevice *device, guint rows)
{
  return round_up (rows,
                   device->subgroup_kernels ? 5 * MAX (device->panel, 8) : 192);
}

FeMatrix
fe_matrix_stacked (const FeMatrix *self)
{
  FeMatrix whole = *self;

  g_assert (!self->group && self->offset == 0);
  if (self->batch > 1)
    whole.rows = self->batch_stride * 4 / fe_padded_columns (self->columns)
                 * self->batch;
  whole.batch = 1;
  return whole;
}

FeMatrix
fe_matrix_first (const FeMatrix *self, guint n)
{
  FeMatrix first = *self;

  g_assert (!self->group && n > 0 && n <= self->batch);
  first.batch = n;
  return first;
}

FeMatrix
fe_matrix_batch_item (const FeMatrix *self, guint part)
{
  FeMatrix one = fe_matrix_first (self, 1);

  g_assert (part < self->batch);
  one.offset += part * self->batch_stride;
  return one;
}

FeArena *
fe_arena_new (FeDevice *device)
{
  FeArena *self = g_new0 (FeArena, 1);

  self->device = fe_device_ref (device);
  self->buffers =
      g_ptr_array_new_with_free_func ((GDestroyNotify)fe_buffer_free);
  return self;
}

void
fe_arena_free (FeArena *self)
{
  if (!self)
    return;
  g_ptr_array_unref (self->buffers);
  g_clear_error (&self->error);
  fe_device_unref (self->device);
  g_free (self);
}

const FeDevice *
fe_arena_get_device (const FeArena *self)
{
  return self->device;
}

guint64
fe_arena_get_size (const FeArena *self)
{
  return self->size;
}

gboolean
fe_arena_check (FeArena *self, GError **error)
{
  if (self->error && error)
    *error = g_error_copy (self->error);
  return self->error == NULL;
}

static FeBuffer *
add_buffer (FeArena *self, const char *what, FeBufferKind kind, VkFormat format,
            gsize size)
{
  FeBuffer *buffer;

  if (self->error)
    return NULL;
  buffer = fe_buffer_new (self->device, kind, format, size, what, &self->error);
  if (buffer) {
    g_ptr_array_add (self->buffers, buffer);
    self->size += buffer->size;
  }
  return buffer;
}

/* Batch items are `step` rows apart; the last one has `padded_rows`. */
typedef struct {
  guint rows, padded_rows, step;
  guint columns;
  guint batch;
  gboolean half;
} Shape;

static FeMatrix
add_matrix (FeArena *self, const char *what, const Shape *shape)
{
  guint columns = fe_padded_columns (shape->columns);
  guint64 part = (guint64)shape->step * columns;
  guint64 size =
      part * (shape->batch - 1) + (guint64)shape->padded_rows * columns;
  FeMatrix matrix = {
      .rows = shape->rows,
      .columns = shape->columns,
      .batch = shape->batch,
      .panel_stride = columns / 4 * self->device->panel,
      .batch_stride = (guint)(part / 4),
      .half = shape->half,
  };

  matrix.buffer = add_buffer (self, what, FE_BUFFER_DEVICE,
                              shape->half ? VK_FORMAT_R16G16B16A16_SFLOAT
                                          : VK_FORMAT_R32G32B32A32_SFLOAT,
                              size * (shape->half ? 2 : 4));
  return matrix;
}

FeMatrix
fe_arena_matrix (FeArena *self, const char *what, guint rows, guint columns,
                 guint batch)
{
  guint padded = padded_rows (self->device, rows);

  return add_matrix (self, what,
                     &(Shape){rows, padded, padded, columns, batch, FALSE});
}

FeMatrix
fe_arena_stack (FeArena *self, const char *what, guint rows, guint columns,
                guint batch)
{
  return add_matrix (self, what,
                     &(Shape){
                         .rows = rows,
                         .padded_rows = padded_rows (self->device, rows),
                         .step = round_up (rows, fe_tile_rows (self->device)),
                         .columns = columns,
                         .batch = batch,
                     });
}

/* Returns the index of an element in the buffer. */
static gsize
element (const FeMatrix *self, guint part, guint row, guint column)
{
  guint panel = self->buffer->device->panel;
  guint group = self->group ? self->group : self->batch;
  gsize at = self->offset + (gsize)(part / group) * self->group_stride
             + (gsize)(part % group) * self->batch_stride
             + (gsize)(row / panel) * self->panel_stride
             + (gsize)(column / 4) * panel + row % panel;

  return at * 4 + column % 4;
}

/* Packs a panel of rows, so that a transfer needs no copy of a whole matrix. */
static void
pack_panel (const FeMatrix *self, guint first_row, const float *values,
            void *packed)
{
  guint panel = self->buffer->device->panel;
  guint rows = MIN (panel, self->rows - first_row);

  for (guint r = 0; r < rows; r++) {
    const float *row = values + (gsize)(first_row + r) * self->columns;

    for (guint c = 0; c < self->columns; c++) {
      gsize at = ((gsize)(c / 4) * panel + r) * 4 + c % 4;

      if (self->half)
        ((guint16 *)packed)[at] = fe_half_from_float (row[c]);
      else
        ((float *)packed)[at] = row[c];
    }
  }
}

/* Panels in one transfer. Those of a part of a matrix have other parts' columns
 * between them and are transferred one by one. */
static guint
panels_per_transfer (const FeMatrix *self, gsize panel_size)
{
  guint panel = self->buffer->device->panel;
  gboolean gapless =
      self->panel_stride == round_up (self->columns, 4) / 4 * panel;

  return gapless ? (guint)MAX (TRANSFER_SIZE / panel_size, 1) : 1;
}

static gboolean
write_panels (const FeMatrix *self, guint part, const float *values,
              GError **error)
{
  guint panel = self->buffer->device->panel;
  gsize element_size = self->half ? 2 : 4;
  /* Without the padding columns: in a part of a matrix, columns of others are
   * there. */
  gsize panel_size = (gsize)round_up (self->columns, 4) * panel * element_size;
  guint step = panel * panels_per_transfer (self, panel_size);
  g_autofree guint8 *packed = NULL;

  for (guint first = 0; first < self->rows; first += step) {
    gsize at = element (self, part, first, 0) * element_size;
    guint rows = round_up (MIN (step, self->rows - first), panel);
    gsize size = rows / panel * panel_size;

    if (self->buffer->mapped) {
      for (guint row = first; row < first + rows; row += panel)
        pack_panel (self, row, values,
                    (guint8 *)self->buffer->mapped
                        + element (self, part, row, 0) * element_size);
      continue;
    }
    g_free (packed);
    packed = g_malloc0 (size);
    for (guint row = 0; row < rows; row += panel)
      pack_panel (self, first + row, values, packed + row / panel * panel_size);
    if (!fe_buffer_write (self->buffer, at, packed, size, error))
      return FALSE;
  }
  return TRUE;
}

FeMatrix
fe_arena_weights (FeArena *self, const char *what, guint rows, guint columns,
                  gboolean half, const float *values)
{
  guint padded = round_up (rows, WEIGHT_ROWS);
  FeMatrix matrix =
      add_matrix (self, what, &(Shape){rows, padded, padded, columns, 1, half});

  if (matrix.buffer && !self->error)
    write_panels (&matrix, 0, values, &self->error);
  return matrix;
}

FeMatrix
fe_arena_strassen (FeArena *self, const char *what, guint rows, guint columns,
                   const float *values)
{
  guint n = rows / 2, k = columns / 2, padded = round_up (n, WEIGHT_ROWS);
  g_autofree float *form = g_new (float, (gsize)n *k);
  FeMatrix matrix = add_matrix (
      self, what, &(Shape){n, padded, padded, k, FE_STRASSEN_FORMS, FALSE});

  g_assert (fe_strassen_divides (rows, columns));
  for (guint i = 0; i < FE_STRASSEN_FORMS && matrix.buffer && !self->error;
       i++) {
    fe_strassen_form (values, rows, columns, i, form);
    write_panels (&matrix, i, form, &self->error);
  }
  matrix.rows = rows;
  matrix.columns = columns;
  matrix.batch = 1;
  matrix.strassen = TRUE;
  return matrix;
}

FeMatrix
fe_arena_residual (FeArena *self, const char *what, guint rows, guint columns,
                   const float *values)
{
  FeMatrix matrix = fe_arena_matrix (self, what, rows, columns, 1);

  if (matrix.buffer && !self->error)
    write_panels (&matrix, 0, values, &self->error);
  return matrix;
}

FeBuffer *
fe_arena_floats (FeArena *self, const char *what, FeBufferKind kind, gsize n,
                 const float *values)
{
  /* Kernels read vec4; the last one may be padded. */
  FeBuffer *buffer =
      add_buffer (self, what, kind, VK_FORMAT_R32G32B32A32_SFLOAT,
                  (n + 31) / 32 * 32 * sizeof (float));

  if (buffer && values && !self->error)
    fe_buffer_write (buffer, 0, values, n * sizeof (float), &self->error);
  return buffer;
}

gboolean
fe_matrix_read (const FeMatrix *self, guint part, guint first, guint n,
                float *dst, GError **error)
{
  guint panel = self->buffer->device->panel;
  gsize size = (gsize)self->panel_stride * 4 * sizeof (float);
  g_autofree float *packed = NULL;

  g_assert (!self->half && !self->strassen);
  g_assert (part < self->batch && first + n <= self->rows);
  /* A part of a matrix may begin inside a panel's columns and is narrower. */
  size = MIN (size, (gsize)fe_padded_columns (self->columns) * panel
                        * sizeof (float));
  packed = g_malloc (size);
  for (guint row = first / panel * panel; row < first + n; row += panel) {
    if (!fe_buffer_read (self->buffer,
                         element (self, part, row, 0) * sizeof (float), packed,
                         size, error))
      return FALSE;
    for (guint r = MAX (row, first); r < MIN (row + panel, first + n); r++) {
      for (guint c = 0; c < self->columns; c++)
        dst[(gsize)(r - first) * self->columns + c] =
            packed[((gsize)(c / 4) * panel + (r - row)) * 4 + c % 4];
    }
  }
  return TRUE;
}

/* One of the forms of weights, as a matrix. */
static FeMatrix
get_form (const FeMatrix *weights, guint form)
{
  FeMatrix one = *weights;

  one.rows /= 2;
  one.columns /= 2;
  one.offset += form * weights->batch_stride;
  one.strassen = FALSE;
  return one;
}

/* Puts a form into a quarter of dst, or adds it to what is there. */
static gboolean
read_quarter (const FeMatrix *weights, guint form, gboolean add, float *dst,
              GError **error)
{
  FeMatrix one = get_form (weights, form);
  g_autofree float *values = g_new (float, (gsize)one.rows *one.columns);

  if (!fe_matrix_read (&one, 0, 0, one.rows, values, error))
    return FALSE;
  for (gsize r = 0; r < one.rows; r++) {
    const float *from = values + r * one.columns;
    float *to = dst + r * weights->columns;

    for (gsize c = 0; c < one.columns; c++)
      to[c] = add ? to[c] + from[c] : from[c];
  }
  return TRUE;
}

gboolean
fe_matrix_read_strassen (const FeMatrix *weights, float *dst, GError **error)
{
  gsize right = weights->columns / 2;
  gsize lower = (gsize)weights->rows / 2 * weights->columns;

  return read_quarter (weights, FE_STRASSEN_B11, FALSE, dst, error)
         && read_quarter (weights, FE_STRASSEN_B21, FALSE, dst + right, error)
         && read_quarter (weights, FE_STRASSEN_B11, FALSE, dst + lower, error)
         && read_quarter (weights, FE_STRASSEN_T1, TRUE, dst + lower, error)
         && read_quarter (weights, FE_STRASSEN_B22, FALSE, dst + lower + right,
                          error);
}

gboolean
fe_matrix_write (const FeMatrix *self, guint part, const float *src,
                 GError **error)
{
  g_assert (!self->half && !self->strassen && part < self->batch);
  return write_panels (self, part, src, error);
}
