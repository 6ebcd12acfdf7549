/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/tile_merge.h"

#include <math.h>

#include "result/map_type.h"

/* The largest number of cells along an edge of a frame's map. */
#define LARGEST_MAP 1024
/* About as many cells along an edge where something is ignored. */
#define FINE_MAP 512
/* The smallest weight, so that a tile's outermost cells have one. */
#define LEAST_WEIGHT 1e-6
/* Rounding errors of shares of a frame are smaller. */
#define ROUNDING 1e-9

/* The extent of a tile in one direction. */
typedef struct {
  double start; /* shares of the frame */
  double end;
  double ramp_up; /* overlap with the neighbours, 0 for none */
  double ramp_down;
  guint cells; /* of the tile's own map */
} Span;

/* Where a cell of the frame's map lies in a tile's map, in one direction. */
typedef struct {
  guint tile;
  guint low; /* the tile's cells before and after that place */
  guint high;
  float share; /* of the latter */
  float weight;
} Tap;

/* The taps of all cells in one direction: cell i has from[i] up to from[i +
 * 1]. */
typedef struct {
  GArray *taps;
  guint *from;
} Axis;

/* How many cells of a tile's size fit along the frame. */
static guint
count_cells (guint cells, double tile_share)
{
  return (guint)CLAMP (rint (cells / tile_share), 1, MAX (LARGEST_MAP, cells));
}

static guint
refine (guint cells, double share, guint pixels)
{
  guint seen = (guint)CLAMP (ceil (share * pixels), 1, FINE_MAP);

  return MAX (cells, seen);
}

void
fe_tile_merge_init (FeTileMerge *self, const FePreprocess *preprocess,
                    guint edge)
{
  const FeTiles *tiles = fe_preprocess_get_tiles (preprocess);
  const FeIgnoreMask *mask = fe_preprocess_get_mask (preprocess);
  FeMapPlace *place = &self->place;
  guint n = tiles->columns * tiles->rows;

  *self = (FeTileMerge){
      .columns = tiles->columns,
      .rows = tiles->rows,
      .ignored_tiles = g_new0 (gboolean, n),
  };
  for (guint i = 0; mask && i < n; i++)
    self->ignored_tiles[i] = fe_ignore_mask_covers (mask, &tiles->parts[i]);
  fe_preprocess_get_region (preprocess, &place->x, &place->y, &place->width,
                            &place->height);
  place->columns = place->rows = edge;
  if (n > 1) {
    place->columns = edge ? count_cells (edge, place->width) : 0;
    place->rows = edge ? count_cells (edge, place->height) : 0;
    place->x = place->y = 0;
    place->width = place->height = 1;
  }
  if (mask && edge) {
    place->columns = refine (place->columns, place->width, mask->width);
    place->rows = refine (place->rows, place->height, mask->height);
    self->ignored = fe_ignore_mask_find_cells (mask, place);
  }
}

void
fe_tile_merge_clear (FeTileMerge *self)
{
  g_clear_pointer (&self->ignored_tiles, g_free);
  g_clear_pointer (&self->ignored, g_free);
}

gboolean
fe_tile_merge_is_needed (const FeTileMerge *self)
{
  return self->columns * self->rows > 1 || self->ignored
         || self->ignored_tiles[0];
}

static double
get_weight (const Span *span, double at)
{
  double up = span->ramp_up > 0 ? (at - span->start) / span->ramp_up : 1;
  double down = span->ramp_down > 0 ? (span->end - at) / span->ramp_down : 1;

  return CLAMP (MIN (up, down), LEAST_WEIGHT, 1);
}

static Tap
make_tap (const Span *span, guint tile, double at)
{
  double cell = (at - span->start) / (span->end - span->start) * span->cells;
  double clamped = CLAMP (cell - 0.5, 0, span->cells - 1);
  guint low = (guint)clamped;

  return (Tap){
      .tile = tile,
      .low = low,
      .high = MIN (low + 1, span->cells - 1),
      .share = (float)(clamped - low),
      .weight = (float)get_weight (span, at),
  };
}

/* Finds the taps of n cells between `origin` and `origin` + `extent`. */
static void
axis_init (Axis *self, const Span *spans, guint n_spans, double origin,
           double extent, guint n)
{
  self->taps = g_array_new (FALSE, FALSE, sizeof (Tap));
  self->from = g_new (guint, n + 1);
  for (guint i = 0; i < n; i++) {
    double at = origin + (i + 0.5) / n * extent;

    self->from[i] = self->taps->len;
    for (guint t = 0; t < n_spans; t++) {
      if (at >= spans[t].start - ROUNDING && at <= spans[t].end + ROUNDING) {
        Tap tap = make_tap (&spans[t], t, at);

        g_array_append_val (self->taps, tap);
      }
    }
  }
  self->from[n] = self->taps->len;
}

static void
axis_clear (Axis *self)
{
  g_array_unref (self->taps);
  g_free (self->from);
}

static void
link_spans (Span *spans, guint n)
{
  for (guint t = 1; t < n; t++) {
    double overlap = MAX (spans[t - 1].end - spans[t].start, 0);

    spans[t - 1].ramp_down = spans[t].ramp_up = overlap;
  }
}

static void
columns_init (Axis *self, const FeTileMerge *merge,
              FeclipResult *const *results)
{
  g_autofree Span *spans = g_new0 (Span, merge->columns);

  for (guint t = 0; t < merge->columns; t++) {
    spans[t].start = results[t]->x;
    spans[t].end = results[t]->x + results[t]->width;
    spans[t].cells = results[t]->map_width;
  }
  link_spans (spans, merge->columns);
  axis_init (self, spans, merge->columns, merge->place.x, merge->place.width,
             merge->place.columns);
}

static void
rows_init (Axis *self, const FeTileMerge *merge, FeclipResult *const *results)
{
  g_autofree Span *spans = g_new0 (Span, merge->rows);

  for (guint t = 0; t < merge->rows; t++) {
    const FeclipResult *result = results[t * merge->columns];

    spans[t].start = result->y;
    spans[t].end = result->y + result->height;
    spans[t].cells = result->map_height;
  }
  link_spans (spans, merge->rows);
  axis_init (self, spans, merge->rows, merge->place.y, merge->place.height,
             merge->place.rows);
}

static float
read_cell (const FeclipResult *result, const Tap *column, const Tap *row)
{
  const float *upper = result->map + (gsize)row->low * result->map_width;
  const float *lower = result->map + (gsize)row->high * result->map_width;
  float above = upper[column->low]
                + (upper[column->high] - upper[column->low]) * column->share;
  float below = lower[column->low]
                + (lower[column->high] - lower[column->low]) * column->share;

  return above + (below - above) * row->share;
}

static float
blend (const FeTileMerge *self, FeclipResult *const *results,
       const Axis *columns, const Axis *rows, guint x, guint y)
{
  float sum = 0, weights = 0;

  for (guint r = rows->from[y]; r < rows->from[y + 1]; r++) {
    const Tap *row = &g_array_index (rows->taps, Tap, r);

    for (guint c = columns->from[x]; c < columns->from[x + 1]; c++) {
      const Tap *column = &g_array_index (columns->taps, Tap, c);
      float weight = row->weight * column->weight;

      sum += weight
             * read_cell (results[row->tile * self->columns + column->tile],
                          column, row);
      weights += weight;
    }
  }
  return sum / weights;
}

static float *
merge_maps (const FeTileMerge *self, FeclipResult *const *results)
{
  const FeMapPlace *place = &self->place;
  float floor = fe_map_type_get_floor (results[0]->map_type);
  float *map = g_new (float, (gsize)place->columns * place->rows);
  Axis columns, rows;

  columns_init (&columns, self, results);
  rows_init (&rows, self, results);
  for (guint y = 0; y < place->rows; y++) {
    for (guint x = 0; x < place->columns; x++) {
      gsize at = (gsize)y * place->columns + x;

      map[at] = self->ignored && self->ignored[at]
                    ? floor
                    : blend (self, results, &columns, &rows, x, y);
    }
  }
  axis_clear (&columns);
  axis_clear (&rows);
  return map;
}

FeclipResult *
fe_tile_merge_run (const FeTileMerge *self, FeclipResult *const *results)
{
  guint n = self->columns * self->rows, n_seen = 0, best = 0;
  g_autofree double *scores = g_new (double, n);
  g_autofree float *map = NULL;
  FeclipResult merged;
  double sum = 0;

  for (guint i = 0; i < n; i++) {
    scores[i] = results[i]->score;
    if (self->ignored_tiles[i])
      continue;
    if (n_seen == 0 || scores[i] > scores[best])
      best = i;
    sum += scores[i];
    n_seen++;
  }
  merged = *results[best];
  merged.x = self->place.x;
  merged.y = self->place.y;
  merged.width = self->place.width;
  merged.height = self->place.height;
  if (merged.map) {
    merged.map = map = merge_maps (self, results);
    merged.map_width = self->place.columns;
    merged.map_height = self->place.rows;
  }
  if (n > 1) {
    merged.tile_columns = self->columns;
    merged.tile_rows = self->rows;
    merged.tile_scores = scores;
    merged.mean_score = n_seen ? sum / n_seen : 0;
  }
  return feclip_result_new (&merged);
}
