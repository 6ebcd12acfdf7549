/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/ignore_mask.h"

#include <cairo.h>
#include <feclip/error.h>
#include <math.h>

/* Fills all polygons of a list with the current source. */
static void
fill_polygons (cairo_t *cr, const GPtrArray *polygons)
{
  for (guint i = 0; i < polygons->len; i++) {
    const GArray *polygon = g_ptr_array_index (polygons, i);

    for (guint c = 0; c < polygon->len; c++) {
      const FeCorner *corner = &g_array_index (polygon, FeCorner, c);

      cairo_line_to (cr, corner->x, corner->y);
    }
    cairo_close_path (cr);
    cairo_fill (cr);
  }
}

/* Draws one byte per pixel, which is not 0 if the pixel is ignored. */
static void
draw (cairo_surface_t *surface, const FePolygons *polygons, const FeRect *part,
      guint width, guint height)
{
  cairo_t *cr = cairo_create (surface);

  cairo_translate (cr, -(double)part->x, -(double)part->y);
  cairo_scale (cr, width, height);
  cairo_set_antialias (cr, CAIRO_ANTIALIAS_NONE);
  cairo_set_operator (cr, CAIRO_OPERATOR_SOURCE);
  if (polygons->include->len) {
    cairo_set_source_rgba (cr, 0, 0, 0, 1);
    cairo_paint (cr);
    cairo_set_source_rgba (cr, 0, 0, 0, 0);
    fill_polygons (cr, polygons->include);
  }
  cairo_set_source_rgba (cr, 0, 0, 0, 1);
  fill_polygons (cr, polygons->ignore);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
}

static void
pack (FeIgnoreMask *self, cairo_surface_t *surface)
{
  const guint8 *bytes = cairo_image_surface_get_data (surface);
  gsize stride = (gsize)cairo_image_surface_get_stride (surface);

  for (guint y = 0; y < self->height; y++) {
    guint32 *row = self->words + (gsize)y * self->stride;

    for (guint x = 0; x < self->width; x++)
      row[x / 32] |= (guint32)(bytes[y * stride + x] != 0) << x % 32;
  }
}

gboolean
fe_ignore_mask_init (FeIgnoreMask *self, const FePolygons *polygons,
                     const FeRect *part, guint frame_width, guint frame_height,
                     GError **error)
{
  cairo_surface_t *surface = cairo_image_surface_create (
      CAIRO_FORMAT_A8, (int)part->width, (int)part->height);
  cairo_status_t status = cairo_surface_status (surface);

  *self =
      (FeIgnoreMask){part->width, part->height, (part->width + 31) / 32, NULL};
  if (status == CAIRO_STATUS_SUCCESS) {
    draw (surface, polygons, part, frame_width, frame_height);
    self->words = g_new0 (guint32, (gsize)self->stride * part->height);
    pack (self, surface);
  } else {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "include and ignore regions cannot be drawn for frames of "
                 "%u×%u pixels: %s",
                 part->width, part->height, cairo_status_to_string (status));
  }
  cairo_surface_destroy (surface);
  return self->words != NULL;
}

void
fe_ignore_mask_clear (FeIgnoreMask *self)
{
  g_clear_pointer (&self->words, g_free);
}

static gboolean
is_ignored (const FeIgnoreMask *self, guint x, guint y)
{
  return self->words[(gsize)y * self->stride + x / 32] >> x % 32 & 1;
}

gboolean
fe_ignore_mask_covers (const FeIgnoreMask *self, const FeRect *part)
{
  if (!self->words)
    return FALSE;
  for (guint y = part->y; y < part->y + part->height; y++) {
    for (guint x = part->x; x < part->x + part->width; x++) {
      if (!is_ignored (self, x, y))
        return FALSE;
    }
  }
  return TRUE;
}

/* Summed-area table: ignored pixels left of and above each corner, [rows +
 * 1][columns + 1]. */
static guint32 *
sum_up (const FeIgnoreMask *self, const FeOrientationTransform *transform,
        guint columns, guint rows)
{
  gsize stride = (gsize)columns + 1;
  guint32 *sums = g_new0 (guint32, stride * (rows + 1));

  for (guint y = 0; y < rows; y++) {
    const guint32 *above = sums + y * stride;
    guint32 *row = sums + (y + 1) * stride;
    guint32 sum = 0;

    for (guint x = 0; x < columns; x++) {
      gint32 stored[2];

      for (guint i = 0; i < 2; i++)
        stored[i] = transform->origin[i] + (gint32)x * transform->step_x[i]
                    + (gint32)y * transform->step_y[i];
      sum += is_ignored (self, (guint)stored[0], (guint)stored[1]);
      row[x + 1] = above[x + 1] + sum;
    }
  }
  return sums;
}

guint8 *
fe_ignore_mask_find_affected (const FeIgnoreMask *self,
                              const FeOrientationTransform *transform,
                              const FeResizeFilter *columns,
                              const FeResizeFilter *rows)
{
  guint width = columns->taps[columns->n_outputs - 1].end;
  guint height = rows->taps[rows->n_outputs - 1].end;
  gsize stride = (gsize)width + 1;
  g_autofree guint32 *sums = sum_up (self, transform, width, height);
  g_autofree guint8 *affected =
      g_new (guint8, (gsize)columns->n_outputs * rows->n_outputs);
  gboolean any = FALSE;

  for (guint y = 0; y < rows->n_outputs; y++) {
    const guint32 *top = sums + rows->taps[y].first * stride;
    const guint32 *bottom = sums + rows->taps[y].end * stride;

    for (guint x = 0; x < columns->n_outputs; x++) {
      FeTaps taps = columns->taps[x];
      guint32 ignored = bottom[taps.end] - bottom[taps.first] - top[taps.end]
                        + top[taps.first];

      affected[y * columns->n_outputs + x] = ignored > 0;
      any |= ignored > 0;
    }
  }
  return any ? g_steal_pointer (&affected) : NULL;
}

/* The cell that contains a pixel's centre; -1 or `cells` if it is outside the
 * map. */
static gint
find_cell (guint pixel, guint edge, double origin, double extent, guint cells)
{
  double at = ((pixel + 0.5) / edge - origin) / extent * cells;

  return (gint)CLAMP (floor (at), -1, cells);
}

static gint *
find_columns (const FeIgnoreMask *self, const FeMapPlace *place)
{
  gint *columns = g_new (gint, self->width);

  for (guint x = 0; x < self->width; x++)
    columns[x] =
        find_cell (x, self->width, place->x, place->width, place->columns);
  return columns;
}

/* Marks the cells [columns] that contain ignored pixels of row y. */
static void
mark_row (const FeIgnoreMask *self, guint y, const gint *columns,
          guint n_columns, guint8 *marks)
{
  const guint32 *row = self->words + (gsize)y * self->stride;

  for (guint x = 0; x < self->width; x++) {
    gint column = columns[x];

    if (row[x / 32] == 0)
      x |= 31;
    else if (column >= 0 && column < (gint)n_columns && is_ignored (self, x, y))
      marks[column] = 1;
  }
}

/* Sets a marked cell and its eight neighbours. */
static void
spread (const FeMapPlace *place, guint row, guint column, guint8 *cells)
{
  guint last_row = MIN (row + 1, place->rows - 1);
  guint last_column = MIN (column + 1, place->columns - 1);

  for (guint r = row - MIN (row, 1); r <= last_row; r++) {
    for (guint c = column - MIN (column, 1); c <= last_column; c++)
      cells[(gsize)r * place->columns + c] = 1;
  }
}

guint8 *
fe_ignore_mask_find_cells (const FeIgnoreMask *self, const FeMapPlace *place)
{
  gsize n = (gsize)place->rows * place->columns;
  g_autofree guint8 *marks = g_new0 (guint8, n);
  g_autofree gint *columns = find_columns (self, place);
  guint8 *cells = g_new0 (guint8, n);

  for (guint y = 0; y < self->height; y++) {
    gint row =
        find_cell (y, self->height, place->y, place->height, place->rows);

    if (row >= 0 && row < (gint)place->rows)
      mark_row (self, y, columns, place->columns,
                marks + (gsize)row * place->columns);
  }
  for (gsize i = 0; i < n; i++) {
    if (marks[i])
      spread (place, (guint)(i / place->columns), (guint)(i % place->columns),
              cells);
  }
  return cells;
}
