/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "result/map_resample.h"

#include <math.h>

/* Tolerance for rectangles that end on the edge or centre of a pixel but were
 * rounded as fractions of the frame. */
static double
snap (double position)
{
  const double nearest = rint (position * 2) / 2;

  return fabs (position - nearest) < 1e-6 ? nearest : position;
}

/* First pixel whose centre is at or after @position. */
static guint
first_centre_from (double position, guint frame)
{
  return (guint)CLAMP (ceil (position - 0.5), 0, frame);
}

static gboolean
axis_init (FeAxis *self, double origin, double extent, guint frame,
           guint n_cells)
{
  const double start = snap (origin * frame);
  const double end = snap ((origin + extent) * frame);
  guint i, cell;

  if (n_cells == 0 || !isfinite (start) || !isfinite (end) || end <= start)
    return FALSE;

  self->first = first_centre_from (start, frame);
  self->n_pixels = first_centre_from (end, frame) - self->first;
  self->n_cells = n_cells;
  self->cells = g_new (guint, self->n_pixels);
  self->weights = g_new (float, self->n_pixels);
  self->starts = g_new (guint, (gsize)n_cells + 1);

  cell = 0;
  self->starts[0] = 0;
  for (i = 0; i < self->n_pixels; i++) {
    const double at =
        (self->first + i + 0.5 - start) / (end - start) * n_cells - 0.5;
    const double clamped = CLAMP (at, 0, n_cells - 1);

    self->cells[i] = (guint)clamped;
    self->weights[i] = (float)(clamped - self->cells[i]);
    while (cell < self->cells[i])
      self->starts[++cell] = i;
  }
  while (cell < n_cells)
    self->starts[++cell] = self->n_pixels;
  return self->n_pixels > 0;
}

static void
axis_clear (FeAxis *self)
{
  g_clear_pointer (&self->cells, g_free);
  g_clear_pointer (&self->weights, g_free);
  g_clear_pointer (&self->starts, g_free);
}

gboolean
fe_resampled_map_init (FeResampledMap *self, const FeclipResult *result,
                       guint frame_width, guint frame_height, double threshold)
{
  *self = (FeResampledMap){.map = result->map, .threshold = (float)threshold};
  if (!result->map
      || !axis_init (&self->columns, result->x, result->width, frame_width,
                     result->map_width)
      || !axis_init (&self->rows, result->y, result->height, frame_height,
                     result->map_height))
    return FALSE;

  self->line = g_new (float, (gsize)result->map_width + 1);
  self->values = g_new (float, self->columns.n_pixels);
  return TRUE;
}

void
fe_resampled_map_clear (FeResampledMap *self)
{
  axis_clear (&self->columns);
  axis_clear (&self->rows);
  g_clear_pointer (&self->line, g_free);
  g_clear_pointer (&self->values, g_free);
}

static float
mix (float a, float b, float weight)
{
  return a + (b - a) * weight;
}

/* Map rows above and below frame row @y; the last row is used twice at the
 * edge. */
static void
rows_around (const FeResampledMap *self, guint y, const float **upper,
             const float **lower)
{
  const guint row = self->rows.cells[y];

  *upper = self->map + (gsize)row * self->columns.n_cells;
  *lower =
      row + 1 < self->rows.n_cells ? *upper + self->columns.n_cells : *upper;
}

/* Interpolates between two map rows. FALSE if the result is below the threshold
 * everywhere. */
static gboolean
mix_line (FeResampledMap *self, guint y)
{
  const float weight = self->rows.weights[y];
  const guint n = self->columns.n_cells;
  const float *upper, *lower;
  gboolean reaches = FALSE;
  guint i;

  rows_around (self, y, &upper, &lower);
  for (i = 0; i < n; i++) {
    self->line[i] = mix (upper[i], lower[i], weight);
    reaches |= self->line[i] >= self->threshold;
  }
  self->line[n] = self->line[n - 1];
  return reaches;
}

gboolean
fe_resampled_map_read_row (FeResampledMap *self, guint y, guint *begin,
                           guint *end)
{
  const FeAxis *columns = &self->columns;
  guint cell, x;

  *begin = *end = 0;
  if (!mix_line (self, y))
    return FALSE;

  for (cell = 0; cell < columns->n_cells; cell++) {
    const float left = self->line[cell];
    const float right = self->line[cell + 1];
    const guint stop = columns->starts[cell + 1];

    x = columns->starts[cell];
    if (x == stop || !(left >= self->threshold || right >= self->threshold))
      continue;
    if (*begin == *end)
      *begin = *end = x;
    while (*end < x)
      self->values[(*end)++] = -INFINITY;
    for (; x < stop; x++)
      self->values[x] = mix (left, right, columns->weights[x]);
    *end = stop;
  }
  return *begin < *end;
}

float
fe_resampled_map_get (const FeResampledMap *self, guint x, guint y)
{
  const guint column = self->columns.cells[x];
  const guint next = MIN (column + 1, self->columns.n_cells - 1);
  const float *upper, *lower;

  rows_around (self, y, &upper, &lower);
  return mix (mix (upper[column], lower[column], self->rows.weights[y]),
              mix (upper[next], lower[next], self->rows.weights[y]),
              self->columns.weights[x]);
}
