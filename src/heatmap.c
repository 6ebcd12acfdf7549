/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "heatmap.h"

#include "colormap.h"

cairo_surface_t *
fe_heatmap_new (FeEnlarged *map, FeclipMapType map_type,
                const cairo_rectangle_int_t *bounds, FeclipColormap colormap,
                double alpha)
{
  const guint left = bounds->x - map->columns.first;
  const guint top = bounds->y - map->rows.first;
  cairo_surface_t *surface = cairo_image_surface_create (
      CAIRO_FORMAT_ARGB32, bounds->width, bounds->height);
  const int stride = cairo_image_surface_get_stride (surface);
  guint8 *pixels = cairo_image_surface_get_data (surface);
  guint32 colors[FE_COLORMAP_SIZE];
  int y;

  if (!pixels)
    return surface;

  fe_colormap_fill (colormap, alpha, colors);
  for (y = 0; y < bounds->height; y++) {
    guint32 *row = (guint32 *)(pixels + (gsize)y * stride);
    guint begin, end, x;

    if (!fe_enlarged_read_row (map, top + y, &begin, &end))
      continue;
    for (x = MAX (begin, left); x < MIN (end, left + bounds->width); x++) {
      if (map->values[x] >= map->threshold)
        row[x - left] = colors[fe_colormap_index (map_type, map->values[x])];
    }
  }
  cairo_surface_mark_dirty (surface);
  return surface;
}
