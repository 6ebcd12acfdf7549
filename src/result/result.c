/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <feclip/result.h>

#include <math.h>
#include <string.h>

/* The public struct comes first, so that a pointer to either can be cast. */
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

static double
mix (double value, double earlier, double share)
{
  return isfinite (earlier) ? earlier + (value - earlier) * share : value;
}

static gboolean
maps_match (const FeclipResult *a, const FeclipResult *b)
{
  return a->map != NULL && b->map != NULL && a->map_type == b->map_type
         && a->map_width == b->map_width && a->map_height == b->map_height;
}

FeclipResult *
feclip_result_mix (FeclipResult *self, const FeclipResult *earlier,
                   double score_share, double map_share)
{
  FeclipResult *mixed = NULL;
  gsize n_cells = 0;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (earlier != NULL, NULL);

  if (score_share >= 1 && map_share >= 1)
    return feclip_result_ref (self);
  mixed = feclip_result_new (self);
  mixed->score = mix (self->score, earlier->score, score_share);
  mixed->mean_score = mix (self->mean_score, earlier->mean_score, score_share);
  for (guint i = 0; i < self->n_taps && i < earlier->n_taps; i++)
    ((double *)mixed->tap_scores)[i] =
        mix (self->tap_scores[i], earlier->tap_scores[i], score_share);
  if (maps_match (self, earlier) && map_share < 1)
    n_cells = (gsize)self->map_width * self->map_height;
  for (gsize i = 0; i < n_cells; i++)
    ((float *)mixed->map)[i] =
        (float)mix (self->map[i], earlier->map[i], map_share);
  return mixed;
}
