/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <feclip/result.h>

#include <string.h>

/* The public struct first, so that one pointer serves both. */
typedef struct {
  FeclipResult public;
  gatomicrefcount ref_count;
} Result;

G_DEFINE_BOXED_TYPE (FeclipResult, feclip_result, feclip_result_ref,
                     feclip_result_unref)

static void
copy_tiles (FeclipResult *self, const FeclipResult *values)
{
  gsize n = (gsize)values->tile_columns * values->tile_rows;

  if (n > 0 && values->tile_scores) {
    self->tile_scores = g_memdup2 (values->tile_scores, n * sizeof (double));
    return;
  }
  self->tile_scores = NULL;
  self->tile_columns = self->tile_rows = 0;
  self->mean_score = self->score;
}

FeclipResult *
feclip_result_new (const FeclipResult *values)
{
  Result *self;
  gsize map_size;

  g_return_val_if_fail (values != NULL, NULL);

  self = g_new0 (Result, 1);
  self->public = *values;
  self->public.tap_scores =
      g_memdup2 (values->tap_scores, values->n_taps * sizeof (double));
  map_size = values->map ? (gsize)values->map_width * values->map_height
                               * sizeof (float)
                         : 0;
  self->public.map = g_memdup2 (values->map, map_size);
  if (!self->public.map)
    self->public.map_width = self->public.map_height = 0;
  copy_tiles (&self->public, values);
  g_atomic_ref_count_init (&self->ref_count);
  return &self->public;
}

FeclipResult *
feclip_result_ref (FeclipResult *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&((Result *)self)->ref_count);
  return self;
}

void
feclip_result_unref (FeclipResult *self)
{
  if (!self || !g_atomic_ref_count_dec (&((Result *)self)->ref_count))
    return;
  g_free ((double *)self->tap_scores);
  g_free ((float *)self->map);
  g_free ((double *)self->tile_scores);
  g_free (self);
}
