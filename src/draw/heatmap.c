/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "draw/heatmap.h"

#include <math.h>
#include <string.h>

#include "draw/colormap.h"
#include "base/rectangle.h"

/* Rows drawn at a time: few enough to stay in the CPU cache. */
#define STRIP_HEIGHT 32

/* The pixels inside the clip of @cr. */
static cairo_rectangle_int_t
visible_pixels (cairo_t *cr)
{
  double left, top, right, bottom;

  cairo_clip_extents (cr, &left, &top, &right, &bottom);
  return fe_rectangle_between ((int)floor (left), (int)floor (top),
                               (int)ceil (right), (int)ceil (bottom));
}

/* Fills one row, starting at column @left of the map. */
static void
fill_row (FeResampledMap *map, FeclipMapType map_type, guint left, guint y,
          const guint32 *colors, guint32 *row, guint width)
{
  guint begin, end, x;

  memset (row, 0, width * sizeof (*row));
  if (!fe_resampled_map_read_row (map, y, &begin, &end))
    return;
  for (x = MAX (begin, left); x < MIN (end, left + width); x++) {
    if (map->values[x] >= map->threshold)
      row[x - left] = colors[fe_colormap_index (map_type, map->values[x])];
  }
}

static void
draw_strip (FeResampledMap *map, FeclipMapType map_type, const guint32 *colors,
            const cairo_rectangle_int_t *area, cairo_surface_t *strip,
            cairo_t *cr)
{
  const gsize stride = cairo_image_surface_get_stride (strip);
  int y;

  cairo_surface_flush (strip);
  for (y = 0; y < area->height; y++)
    fill_row (map, map_type, area->x - map->columns.first,
              area->y - map->rows.first + y, colors,
              (guint32 *)(cairo_image_surface_get_data (strip) + y * stride),
              area->width);
  cairo_surface_mark_dirty (strip);

  cairo_save (cr);
  cairo_rectangle (cr, area->x, area->y, area->width, area->height);
  cairo_clip (cr);
  cairo_set_source_surface (cr, strip, area->x, area->y);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_paint (cr);
  cairo_restore (cr);
}

void
fe_heatmap_draw (FeResampledMap *map, FeclipMapType map_type,
                 const cairo_rectangle_int_t *bounds, FeclipColormap colormap,
                 double alpha, cairo_t *cr)
{
  const cairo_rectangle_int_t visible = visible_pixels (cr);
  const cairo_rectangle_int_t area = fe_rectangle_intersect (bounds, &visible);
  guint32 colors[FE_COLORMAP_SIZE];
  cairo_surface_t *strip;
  int y;

  if (fe_rectangle_is_empty (&area))
    return;
  fe_colormap_fill (colormap, alpha, colors);
  strip = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, area.width,
                                      STRIP_HEIGHT);
  for (y = 0; y < area.height; y += STRIP_HEIGHT) {
    const cairo_rectangle_int_t rows = {area.x, area.y + y, area.width,
                                        MIN (STRIP_HEIGHT, area.height - y)};

    draw_strip (map, map_type, colors, &rows, strip, cr);
  }
  cairo_surface_destroy (strip);
}
