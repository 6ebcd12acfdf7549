/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/tiling.h"

#include <feclip/error.h>
#include <math.h>

/* Upper limit of automatic tiling, since each tile takes as long as a whole
 * frame without tiling. */
#define AUTOMATIC_MOST 8
#define LARGEST_OVERLAP 0.5

static gboolean
parse_number (const char *text, guint *number)
{
  guint64 value;

  if (!g_ascii_string_to_unsigned (text, 10, 1, FE_TILING_MAX, &value, NULL))
    return FALSE;
  *number = (guint)value;
  return TRUE;
}

gboolean
fe_tiling_parse (FeTiling *self, const char *text, double overlap,
                 GError **error)
{
  g_auto (GStrv) numbers = NULL;

  *self = (FeTiling){.columns = 1, .rows = 1, .overlap = overlap};
  if (!text || *text == '\0')
    return TRUE;
  if (g_ascii_strcasecmp (text, "auto") == 0) {
    self->automatic = TRUE;
    return TRUE;
  }
  numbers = g_strsplit (text, "x", -1);
  if (g_strv_length (numbers) == 2 && parse_number (numbers[0], &self->columns)
      && parse_number (numbers[1], &self->rows))
    return TRUE;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
               "tiles \"%s\" is neither \"auto\" nor columns and rows from 1 "
               "to %u such as \"4x2\"",
               text, FE_TILING_MAX);
  return FALSE;
}

/* Length that n tiles must have to cover an edge. */
static double
tile_length (guint edge, guint n, double overlap)
{
  return edge / (n - (n - 1) * overlap);
}

/* Number of tiles of a length that cover an edge. */
static guint
count_tiles (guint edge, double length, double overlap)
{
  double more = (edge - length) / (length * (1 - overlap));

  /* Rounding errors must not add a tile. */
  return more <= 0 ? 1 : 1 + (guint)ceil (more - 1e-9);
}

static void
count_automatic (const FeTiling *tiling, guint width, guint height, guint edge,
                 guint *columns, guint *rows)
{
  double least =
      tile_length (MAX (width, height), AUTOMATIC_MOST, tiling->overlap);
  double length = MAX (edge, least);

  *columns = count_tiles (width, length, tiling->overlap);
  *rows = count_tiles (height, length, tiling->overlap);
}

/* Length of a tile that covers the edge and is as close to `wanted` as a larger
 * overlap allows. */
static guint
stretch_tile (guint edge, guint n, double overlap, double wanted)
{
  double least = tile_length (edge, n, overlap);
  double most = tile_length (edge, n, MAX (overlap, LARGEST_OVERLAP));
  double length = n == 1 ? edge : CLAMP (wanted, least, most);

  return (guint)MIN (ceil (length - 1e-9), edge);
}

static guint
place_tile (guint edge, guint length, guint n, guint index)
{
  guint64 room = edge - length;

  return n == 1 ? 0 : (guint)((room * index + (n - 1) / 2) / (n - 1));
}

void
fe_tiles_init (FeTiles *self, const FeTiling *tiling, guint width, guint height,
               guint edge)
{
  guint columns = tiling->columns, rows = tiling->rows;
  double wanted;
  guint tile_width, tile_height;

  if (tiling->automatic)
    count_automatic (tiling, width, height, edge, &columns, &rows);
  columns = CLAMP (columns, 1, width);
  rows = CLAMP (rows, 1, height);
  wanted = MAX (tile_length (width, columns, tiling->overlap),
                tile_length (height, rows, tiling->overlap));
  tile_width = stretch_tile (width, columns, tiling->overlap, wanted);
  tile_height = stretch_tile (height, rows, tiling->overlap, wanted);

  *self = (FeTiles){.columns = columns, .rows = rows};
  self->parts = g_new (FeRect, (gsize)columns * rows);
  for (guint r = 0; r < rows; r++) {
    for (guint c = 0; c < columns; c++)
      self->parts[r * columns + c] = (FeRect){
          place_tile (width, tile_width, columns, c),
          place_tile (height, tile_height, rows, r), tile_width, tile_height};
  }
}

void
fe_tiles_clear (FeTiles *self)
{
  g_clear_pointer (&self->parts, g_free);
}
