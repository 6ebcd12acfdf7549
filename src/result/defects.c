/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connected-component labelling of runs of defective pixels, row by row: memory
 * holds only two rows of runs and the regions themselves. */
#include <feclip/result.h>

#include "result/map_resample.h"

typedef struct {
  guint begin;
  guint end;
  guint region;
} Run;

/* @end_x and @end_y are exclusive. @parent is the index of the region itself or
 * of an earlier region that it was merged into (union-find). */
typedef struct {
  guint parent;
  guint x;
  guint y;
  guint end_x;
  guint end_y;
  float peak;
  guint64 area;
} Region;

static guint
find_root (GArray *regions, guint index)
{
  Region *all = (Region *)regions->data;

  while (all[index].parent != index) {
    all[index].parent = all[all[index].parent].parent;
    index = all[index].parent;
  }
  return index;
}

static void
absorb (Region *self, const Region *other)
{
  self->x = MIN (self->x, other->x);
  self->y = MIN (self->y, other->y);
  self->end_x = MAX (self->end_x, other->end_x);
  self->end_y = MAX (self->end_y, other->end_y);
  self->peak = MAX (self->peak, other->peak);
  self->area += other->area;
}

/* The earlier region becomes the root, so that the index of a root is that of
 * the first region in reading order. */
static guint
merge (GArray *regions, guint a, guint b)
{
  Region *all = (Region *)regions->data;
  guint first, second;

  a = find_root (regions, a);
  b = find_root (regions, b);
  if (a == b)
    return a;

  first = MIN (a, b);
  second = MAX (a, b);
  absorb (&all[first], &all[second]);
  all[second].parent = first;
  return first;
}

static void
find_runs (const FeResampledMap *map, guint y, guint begin, guint end,
           GArray *regions, GArray *runs)
{
  guint x = begin;

  while (x < end) {
    Region region = {.parent = regions->len, .y = y, .end_y = y + 1};

    while (x < end && !(map->values[x] >= map->threshold))
      x++;
    if (x == end)
      break;
    region.x = x;
    region.peak = map->values[x];
    for (; x < end && map->values[x] >= map->threshold; x++)
      region.peak = MAX (region.peak, map->values[x]);
    region.end_x = x;
    region.area = x - region.x;
    g_array_append_val (regions, region);
    g_array_append_val (runs, ((Run){region.x, x, region.parent}));
  }
}

/* Merges each run with the runs of the row above that it touches (8-connected).
 */
static void
join_runs (GArray *regions, const GArray *above, GArray *runs)
{
  const Run *upper = (const Run *)above->data;
  guint i, j = 0;

  for (i = 0; i < runs->len; i++) {
    Run *run = &g_array_index (runs, Run, i);

    while (j < above->len && upper[j].end < run->begin)
      j++;
    while (j < above->len && upper[j].begin <= run->end) {
      run->region = merge (regions, run->region, upper[j].region);
      /* A run that extends beyond this one may touch the next one, too. */
      if (upper[j].end > run->end)
        break;
      j++;
    }
  }
}

static GArray *
find_regions (FeResampledMap *map)
{
  g_autoptr (GArray) above = g_array_new (FALSE, FALSE, sizeof (Run));
  g_autoptr (GArray) runs = g_array_new (FALSE, FALSE, sizeof (Run));
  GArray *regions = g_array_new (FALSE, FALSE, sizeof (Region));
  guint y, begin, end;

  for (y = 0; y < map->rows.n_pixels; y++) {
    GArray *done = above;

    above = g_steal_pointer (&runs);
    runs = g_array_set_size (done, 0);
    if (!fe_resampled_map_read_row (map, y, &begin, &end))
      continue;
    find_runs (map, y, begin, end, regions, runs);
    join_runs (regions, above, runs);
  }
  return regions;
}

/* Highest confidence first; among equals, first in reading order. */
static int
compare_regions (const void *a, const void *b)
{
  const Region *left = a;
  const Region *right = b;

  if (left->peak != right->peak)
    return left->peak > right->peak ? -1 : 1;
  return left->parent < right->parent ? -1 : left->parent > right->parent;
}

GArray *
feclip_result_find_defects (const FeclipResult *self, guint frame_width,
                            guint frame_height, double pixel_threshold)
{
  g_auto (FeResampledMap) map = {0};
  g_autoptr (GArray) regions = NULL;
  GArray *defects;
  guint i, n_roots;

  g_return_val_if_fail (self != NULL, NULL);

  defects = g_array_new (FALSE, FALSE, sizeof (FeclipDefect));
  if (!fe_resampled_map_init (&map, self, frame_width, frame_height,
                              pixel_threshold))
    return defects;

  regions = find_regions (&map);
  n_roots = 0;
  for (i = 0; i < regions->len; i++) {
    const Region *region = &g_array_index (regions, Region, i);

    if (region->parent == i)
      g_array_index (regions, Region, n_roots++) = *region;
  }
  g_array_set_size (regions, n_roots);
  g_array_sort (regions, compare_regions);

  for (i = 0; i < regions->len; i++) {
    const Region *region = &g_array_index (regions, Region, i);
    const FeclipDefect defect = {
        .x_min = (map.columns.first + region->x) / (double)frame_width,
        .y_min = (map.rows.first + region->y) / (double)frame_height,
        .x_max = (map.columns.first + region->end_x) / (double)frame_width,
        .y_max = (map.rows.first + region->end_y) / (double)frame_height,
        .confidence = region->peak,
        .area = region->area,
    };

    g_array_append_val (defects, defect);
  }
  return defects;
}

void
feclip_defects_drop_small (GArray *defects, guint frame_width,
                           guint frame_height, double min_area)
{
  const double frame = (double)frame_width * frame_height;
  const double smallest = min_area < 1 ? min_area * frame : min_area;
  guint n_kept = 0;

  g_return_if_fail (defects != NULL);

  for (guint i = 0; i < defects->len; i++) {
    const FeclipDefect defect = g_array_index (defects, FeclipDefect, i);

    if (defect.area >= smallest)
      g_array_index (defects, FeclipDefect, n_kept++) = defect;
  }
  g_array_set_size (defects, n_kept);
}
