/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "network/weight_loader.h"

#include <math.h>

#include "compute/strassen.h"

void
fe_weight_loader_clear (FeWeightLoader *self)
{
  g_clear_pointer (&self->values, g_free);
  g_clear_error (&self->error);
}

gboolean
fe_weight_loader_check (FeWeightLoader *self, GError **error)
{
  if (self->error) {
    if (error)
      *error = g_error_copy (self->error);
    return FALSE;
  }
  return fe_arena_check (self->arena, error);
}

static guint64
shape_size (const FeShape *shape)
{
  guint64 n = 1;

  for (guint i = 0; i < shape->n_dims; i++)
    n *= shape->dims[i];
  return n;
}

/* Random numbers that keep activations in a normal range: gains of one, no
 * shifts, matrices that preserve the variance. */
static void
fill_random (GRand *random, const FeShape *shape, const char *name,
             float *values)
{
  guint64 n = shape_size (shape);
  double fan_in = shape->n_dims ? (double)n / shape->dims[0] : 1;
  double range = sqrt (3 / MAX (fan_in, 1));

  if (shape->n_dims == 1 && !g_str_has_suffix (name, "embedding"))
    range = 0;
  for (guint64 i = 0; i < n; i++)
    values[i] = (float)(range * g_rand_double_range (random, -1, 1));
  if (shape->n_dims == 1 && g_str_has_suffix (name, "weight")) {
    for (guint64 i = 0; i < n; i++)
      values[i] = 1;
  }
}

static const float *
load (FeWeightLoader *self, const FeShape *shape, const char *name)
{
  guint64 n = shape_size (shape);

  if (!fe_weight_loader_check (self, NULL))
    return NULL;
  if (n > self->n_values) {
    g_free (self->values);
    self->values = g_new (float, n);
    self->n_values = n;
  }
  if (!self->weights) {
    fill_random (self->random, shape, name, self->values);
    return self->values;
  }
  if (!fe_weights_read (self->weights, name, shape, self->values, &self->error))
    return NULL;
  fe_weights_release_pages (self->weights);
  return self->values;
}

static gboolean
store_half (FeWeightLoader *self, const char *name)
{
  if (self->arithmetic.storage != FECLIP_WEIGHTS_STORAGE_AUTO)
    return self->arithmetic.storage == FECLIP_WEIGHTS_STORAGE_FP16;
  return self->weights && fe_weights_has (self->weights, name)
         && fe_weights_get_dtype (self->weights, name) == FE_DTYPE_F16;
}

static gboolean
fits_strassen (FeWeightLoader *self, const char *name, guint rows,
               guint columns)
{
  guint64 size = (guint64)rows * columns * 7 / 4 * sizeof (float);

  return !store_half (self, name) && fe_strassen_suits (rows, columns)
         && fe_arena_get_size (self->arena) + size
                <= fe_arena_get_device (self->arena)->strassen_limit;
}

static FeMatrix
add_matrix (FeWeightLoader *self, const char *name, guint rows, guint columns,
            const float *values)
{
  FeMatrix matrix = {.rows = rows, .columns = columns, .batch = 1};

  if (!values)
    return matrix;
  if (self->strassen && fits_strassen (self, name, rows, columns))
    return fe_arena_strassen (self->arena, name, rows, columns, values);
  matrix = fe_arena_weights (self->arena, name, rows, columns,
                             store_half (self, name), values);
  matrix.coopmat = matrix.half && self->arithmetic.coopmat;
  return matrix;
}

#define FORMAT_NAME(formatted, format) \
  va_list args; \
  va_start (args, format); \
  formatted = g_strdup_vprintf (format, args); \
  va_end (args)

const float *
fe_weight_loader_values (FeWeightLoader *self, const FeShape *shape,
                         const char *name, ...)
{
  g_autofree char *formatted = NULL;
  FORMAT_NAME (formatted, name);

  return load (self, shape, formatted);
}

FeBuffer *
fe_weight_loader_vector (FeWeightLoader *self, guint n, const char *name, ...)
{
  g_autofree char *formatted = NULL;
  const float *values;
  FORMAT_NAME (formatted, name);

  values = load (self, &FE_SHAPE (n), formatted);
  return values ? fe_arena_floats (self->arena, formatted, FE_BUFFER_DEVICE, n,
                                   values)
                : NULL;
}

FeMatrix
fe_weight_loader_matrix (FeWeightLoader *self, guint rows, guint columns,
                         const char *name, ...)
{
  g_autofree char *formatted = NULL;
  FORMAT_NAME (formatted, name);

  return add_matrix (self, formatted, rows, columns,
                     load (self, &FE_SHAPE (rows, columns), formatted));
}

FeMatrix
fe_weight_loader_transposed (FeWeightLoader *self, guint rows, guint columns,
                             const char *name, ...)
{
  g_autofree char *formatted = NULL;
  g_autofree float *turned = NULL;
  const float *values;
  FORMAT_NAME (formatted, name);

  values = load (self, &FE_SHAPE (columns, rows), formatted);
  if (values) {
    turned = g_new (float, (gsize)rows *columns);
    for (guint c = 0; c < columns; c++) {
      for (guint r = 0; r < rows; r++)
        turned[(gsize)r * columns + c] = values[(gsize)c * rows + r];
    }
  }
  return add_matrix (self, formatted, rows, columns, turned);
}

FeMatrix
fe_weight_loader_patch_kernel (FeWeightLoader *self, guint outputs,
                               guint inputs, guint edge, const char *name, ...)
{
  g_autofree char *formatted = NULL;
  FORMAT_NAME (formatted, name);

  return add_matrix (
      self, formatted, outputs, inputs * edge * edge,
      load (self, &FE_SHAPE (outputs, inputs, edge, edge), formatted));
}

FeMatrix
fe_weight_loader_convolution (FeWeightLoader *self, guint outputs, guint inputs,
                              const char *name, ...)
{
  g_autofree char *formatted = NULL;
  g_autofree float *ordered = NULL;
  const float *values;
  FORMAT_NAME (formatted, name);

  values = load (self, &FE_SHAPE (outputs, inputs, 3, 3), formatted);
  if (values) {
    ordered = g_new (float, (gsize)outputs *inputs * 9);
    for (gsize o = 0; o < outputs; o++) {
      for (gsize i = 0; i < inputs; i++) {
        for (gsize tap = 0; tap < 9; tap++)
          ordered[(o * 9 + tap) * inputs + i] =
              values[(o * inputs + i) * 9 + tap];
      }
    }
  }
  return add_matrix (self, formatted, outputs, 9 * inputs, ordered);
}
