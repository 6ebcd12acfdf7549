/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/preprocess_stage.h"

#include "support/golden.h"

Stage *
stage_new (guint size, guint patch, FeclipFit fit)
{
  Stage *self = g_new0 (Stage, 1);
  guint grid = size / patch;
  g_autoptr (GError) error = NULL;

  self->device = fe_device_open (NULL, &error);
  g_assert_no_error (error);
  self->size = size;
  self->fit = fit;
  self->patch = patch;
  self->arena = fe_arena_new (self->device);
  self->patches = fe_arena_matrix (self->arena, "patches", grid * grid,
                                   3 * patch * patch, 1);
  fe_arena_check (self->arena, &error);
  g_assert_no_error (error);
  self->preprocess =
      fe_preprocess_new (self->device, size, patch, fit, &self->patches);
  return self;
}

void
stage_free (Stage *self)
{
  fe_commands_free (self->commands);
  fe_preprocess_free (self->preprocess);
  fe_arena_free (self->arena);
  fe_device_unref (self->device);
  g_free (self);
}

gboolean
stage_run (Stage *self, const FeclipFrame *frame)
{
  g_autoptr (GError) error = NULL;
  gboolean changed = FALSE;

  fe_preprocess_prepare (self->preprocess, frame, &changed, &error);
  g_assert_no_error (error);
  if (changed) {
    g_clear_pointer (&self->commands, fe_commands_free);
    self->commands = fe_commands_new (self->device, FALSE, &error);
    g_assert_no_error (error);
    fe_preprocess_record (self->preprocess, self->commands);
    fe_commands_end (self->commands, &error);
    g_assert_no_error (error);
  }
  fe_preprocess_upload (self->preprocess, frame, &error);
  g_assert_no_error (error);
  fe_commands_run (self->commands, &error);
  g_assert_no_error (error);
  return changed;
}

float *
stage_read (Stage *self)
{
  guint p = self->patch, grid = self->size / p, area = self->size * self->size;
  FeMatrix padded = self->patches;
  float *image = g_new (float, 3 * area);
  g_autofree float *values = NULL;
  g_autoptr (GError) error = NULL;

  padded.columns = fe_padded_columns (padded.columns);
  values = g_new (float, padded.rows *padded.columns);
  fe_matrix_read (&padded, 0, 0, padded.rows, values, &error);
  g_assert_no_error (error);
  for (guint row = 0; row < padded.rows; row++) {
    const float *value = values + row * padded.columns;

    for (guint i = 0; i < 3 * p * p; i++) {
      guint y = row / grid * p + i / p % p, x = row % grid * p + i % p;

      image[i / (p * p) * area + y * self->size + x] = value[i];
    }
    for (guint i = 3 * p * p; i < padded.columns; i++)
      g_assert_cmpfloat (value[i], ==, 0);
  }
  return image;
}

void
stage_expect (const char *what, const FeclipFrame *frame, double difference,
              double tolerance)
{
  if (difference > tolerance)
    g_test_message ("%s: format %d, %u×%u, range %d, site %d, orientation %d",
                    what, (int)frame->format, frame->width, frame->height,
                    (int)frame->range, (int)frame->chroma_site,
                    (int)frame->orientation);
  g_assert_cmpfloat (difference, <=, tolerance);
}

void
stage_check (Stage *self, const FeclipFrame *frame)
{
  guint n = 3 * self->size * self->size;
  Image image = ref_convert (frame);
  g_autofree float *expected = g_new (float, n);
  g_autofree float *got = NULL;

  ref_resize (&image, self->fit, self->size, expected);
  image_clear (&image);
  stage_run (self, frame);
  got = stage_read (self);
  stage_expect ("differs from plain C", frame,
                largest_difference (got, expected, n), STAGE_TOLERANCE);
}
