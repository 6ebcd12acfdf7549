/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Overlapping tiles of a frame, which the network sees at a higher resolution
 * than the whole frame. */
#pragma once

#include "image/frame_upload.h"

G_BEGIN_DECLS

/* Largest number of columns and of rows of tiles. */
#define FE_TILING_MAX 16

/* Tiling as set by the user. All zero: no tiling, the frame is one image. */
typedef struct {
  gboolean automatic; /* choose columns and rows by the frame's size */
  guint columns;
  guint rows;
  double overlap; /* smallest overlap of neighbours, as a fraction of a tile */
} FeTiling;

/* Parses "CxR" or "auto"; NULL and "" mean "1x1". */
gboolean fe_tiling_parse (FeTiling *self, const char *text, double overlap,
                          GError **error);

/* Tiles of frames of one size: equally large rectangles of the stored frame
 * that cover it, in row-major order. A single tile is the whole frame. */
typedef struct {
  guint columns;
  guint rows;
  FeRect *parts; /* [rows · columns] */
} FeTiles;

/* Computes the tiles for frames of width × height pixels and a network image of
 * edge × edge pixels.
 *
 * The tiles are as close to squares as overlaps between the requested one and
 * half a tile allow. Automatic tiles have about the size of the network's
 * image. */
void fe_tiles_init (FeTiles *self, const FeTiling *tiling, guint width,
                    guint height, guint edge);

void fe_tiles_clear (FeTiles *self);

G_END_DECLS
