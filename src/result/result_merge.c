/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <feclip/result.h>
#include <math.h>

#include "result/map_type.h"

/* Largest number of cells along an edge of the merged map. */
#define LARGEST_MAP 512

/* A cell next to a position, and the weight of the following cell. */
static guint
find_cell (double place, double origin, double extent, guint cells,
           float *share)
{
  double at =
      CLAMP ((place - origin) / extent * cells - 0.5, 0, (double)cells - 1);

  *share = (float)(at - floor (at));
  return (guint)at;
}

static float
read_map (const FeclipResult *part, double x, double y)
{
  float right, below;
  guint column = find_cell (x, part->x, part->width, part->map_width, &right);
  guint row = find_cell (y, part->y, part->height, part->map_height, &below);
  guint next = MIN (column + 1, part->map_width - 1);
  const float *upper = part->map + (gsize)row * part->map_width;
  const float *lower =
      part->map + (gsize)MIN (row + 1, part->map_height - 1) * part->map_width;
  float above = upper[column] + (upper[next] - upper[column]) * right;
  float under = lower[column] + (lower[next] - lower[column]) * right;

  return above + (under - above) * below;
}

static gboolean
lies_in (const FeclipResult *part, double x, double y)
{
  return x >= part->x && x <= part->x + part->width && y >= part->y
         && y <= part->y + part->height;
}

/* Fills the merged map with the highest value of all results at each position.
 */
static void
fill (FeclipResult *joined, FeclipResult *const *parts, guint n, float *map)
{
  for (guint r = 0; r < joined->map_height; r++) {
    double y = (r + 0.5) / joined->map_height;

    for (guint c = 0; c < joined->map_width; c++) {
      double x = (c + 0.5) / joined->map_width;
      float value = fe_map_type_get_floor (joined->map_type);

      for (guint i = 0; i < n; i++) {
        if (lies_in (parts[i], x, y))
          value = MAX (value, read_map (parts[i], x, y));
      }
      map[(gsize)r * joined->map_width + c] = value;
    }
  }
}

FeclipResult *
feclip_result_merge (FeclipResult *const *parts, guint n_parts)
{
  FeclipResult joined;
  g_autofree float *map = NULL;
  double columns = 1, rows = 1;
  gboolean has_map = TRUE;
  guint best = 0;

  g_return_val_if_fail (parts != NULL && n_parts > 0, NULL);

  for (guint i = 0; i < n_parts; i++) {
    if (parts[i]->score > parts[best]->score)
      best = i;
    has_map &= parts[i]->map != NULL;
    columns = MAX (columns, parts[i]->map_width / parts[i]->width);
    rows = MAX (rows, parts[i]->map_height / parts[i]->height);
  }
  joined = *parts[best];
  joined.x = joined.y = 0;
  joined.width = joined.height = 1;
  joined.map = NULL;
  joined.tile_scores = NULL;
  if (has_map) {
    joined.map_width = (guint)MIN (columns, LARGEST_MAP);
    joined.map_height = (guint)MIN (rows, LARGEST_MAP);
    map = g_new (float, (gsize)joined.map_width *joined.map_height);
    fill (&joined, parts, n_parts, map);
    joined.map = map;
  }
  return feclip_result_new (&joined);
}
