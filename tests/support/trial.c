/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/trial.h"

#include <math.h>

Trial *
trial_new (void)
{
  Trial *self = g_new0 (Trial, 1);
  g_autoptr (GError) error = NULL;

  self->random = g_rand_new_with_seed (1);
  self->floats = g_ptr_array_new_with_free_func (g_free);
  self->device = fe_device_open (NULL, &error);
  g_assert_no_error (error);
  self->arena = fe_arena_new (self->device);
  self->commands = fe_commands_new (self->device, FALSE, &error);
  g_assert_no_error (error);
  return self;
}

void
trial_free (Trial *self)
{
  if (!self)
    return;
  fe_commands_free (self->commands);
  fe_arena_free (self->arena);
  fe_device_unref (self->device);
  g_ptr_array_unref (self->floats);
  g_rand_free (self->random);
  g_free (self);
}

float *
trial_floats (Trial *self, gsize n)
{
  float *values = g_new0 (float, n);

  g_ptr_array_add (self->floats, values);
  return values;
}

float *
trial_random (Trial *self, gsize n)
{
  float *values = trial_floats (self, n);

  for (gsize i = 0; i < n; i++)
    values[i] = (float)g_rand_double_range (self->random, -1, 1);
  return values;
}

static void
fill_buffer (FeBuffer *buffer, float value)
{
  g_autofree float *values = g_malloc (buffer->size);
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < buffer->size / sizeof *values; i++)
    values[i] = value;
  fe_buffer_write (buffer, 0, values, buffer->size, &error);
  g_assert_no_error (error);
}

void
trial_fill (Trial *self, const FeMatrix *matrix, float value)
{
  fill_buffer (matrix->buffer, value);
}

/* A row together with its padding columns. */
static FeMatrix
with_padding (const FeMatrix *matrix)
{
  FeMatrix padded = *matrix;

  padded.columns = fe_padded_columns (matrix->columns);
  return padded;
}

FeMatrix
trial_matrix (Trial *self, guint rows, guint columns, guint batch,
              const float *values)
{
  FeMatrix matrix =
      fe_arena_matrix (self->arena, "a test's matrix", rows, columns, batch);
  FeMatrix padded = with_padding (&matrix);
  g_autofree float *part = g_new0 (float, (gsize)rows *padded.columns);
  g_autoptr (GError) error = NULL;

  fe_arena_check (self->arena, &error);
  g_assert_no_error (error);
  trial_fill (self, &matrix, TRIAL_UNUSED);
  for (guint b = 0; values && b < batch; b++) {
    for (guint r = 0; r < rows; r++) {
      for (guint c = 0; c < columns; c++)
        part[r * padded.columns + c] = *values++;
    }
    fe_matrix_write (&padded, b, part, &error);
    g_assert_no_error (error);
  }
  return matrix;
}

FeBuffer *
trial_buffer (Trial *self, gsize n, const float *values)
{
  FeBuffer *buffer = fe_arena_floats (self->arena, "a test's numbers",
                                      FE_BUFFER_DEVICE, n, values);
  g_autoptr (GError) error = NULL;

  fe_arena_check (self->arena, &error);
  g_assert_no_error (error);
  if (!values)
    fill_buffer (buffer, TRIAL_UNUSED);
  return buffer;
}

void
trial_run (Trial *self)
{
  g_autoptr (GError) error = NULL;

  fe_commands_end (self->commands, &error);
  g_assert_no_error (error);
  fe_commands_run (self->commands, &error);
  g_assert_no_error (error);
}

void
trial_expect (const char *what, gsize n, const float *got, const float *wanted,
              double tolerance)
{
  double worst = 0;
  gsize at = 0, wrong = 0;

  for (gsize i = 0; i < n; i++) {
    double off =
        fabs ((double)got[i] - wanted[i]) / MAX (fabs ((double)wanted[i]), 1);

    if (off <= tolerance)
      continue;
    wrong++;
    if (wrong == 1 || !(off <= worst)) {
      worst = off;
      at = i;
    }
  }
  if (wrong) {
    g_test_message ("%s: %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT
                    " elements are wrong; element %" G_GSIZE_FORMAT
                    " is %.9g, not %.9g",
                    what, wrong, n, at, got[at], wanted[at]);
    g_test_fail ();
  }
}

void
trial_expect_matrix (const char *what, const FeMatrix *got, const float *wanted,
                     double tolerance)
{
  gsize n = (gsize)got->rows * got->columns;
  g_autofree float *values = g_new (float, n * got->batch);
  g_autoptr (GError) error = NULL;

  for (guint part = 0; part < got->batch; part++) {
    fe_matrix_read (got, part, 0, got->rows, values + part * n, &error);
    g_assert_no_error (error);
  }
  trial_expect (what, n * got->batch, values, wanted, tolerance);
}

void
trial_expect_buffer (const char *what, FeBuffer *got, gsize first, gsize n,
                     const float *wanted, double tolerance)
{
  g_autofree float *values = g_new (float, n);
  g_autoptr (GError) error = NULL;

  fe_buffer_read (got, first * sizeof *values, values, n * sizeof *values,
                  &error);
  g_assert_no_error (error);
  trial_expect (what, n, values, wanted, tolerance);
}

void
trial_expect_zero_padding (const char *what, const FeMatrix *matrix)
{
  FeMatrix padded = with_padding (matrix);
  g_autofree float *values = g_new (float, (gsize)matrix->rows *padded.columns);
  g_autoptr (GError) error = NULL;

  for (guint part = 0; part < matrix->batch; part++) {
    fe_matrix_read (&padded, part, 0, matrix->rows, values, &error);
    g_assert_no_error (error);
    for (guint r = 0; r < matrix->rows; r++) {
      for (guint c = matrix->columns; c < padded.columns; c++) {
        if (values[r * padded.columns + c] != 0) {
          g_test_message ("%s: padding column %u of row %u is %g, not 0", what,
                          c, r, values[r * padded.columns + c]);
          g_test_fail ();
          return;
        }
      }
    }
  }
}

const char *
trial_get_obstacle (const FeDevice *device)
{
  const char *width = g_getenv ("LP_NATIVE_VECTOR_WIDTH");
  gboolean tiles = g_strcmp0 (g_getenv ("FECLIP_KERNELS"), "workgroup") == 0;

  g_assert_false (device->subgroup_kernels && tiles);
  if (width && !device->subgroup_kernels)
    return "the device is no processor, so its vectors have no width to set";
  if (width && device->panel * 32 != g_ascii_strtoull (width, NULL, 10))
    return "the driver does not make vectors of the width that is asked for";
  return NULL;
}
