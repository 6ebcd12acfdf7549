/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Into which tiles a frame is cut, so that the network sees it at a higher
 * resolution. */
#pragma once

#include "image/frame_upload.h"

G_BEGIN_DECLS

/* Columns and rows of tiles, at most. */
#define FE_TILING_MAX 16

/* What the settings ask for. All zero: the frame is one image. */
typedef struct {
  gboolean automatic; /* columns and rows follow the frame's size */
  guint columns;
  guint rows;
  double overlap; /* least share of a tile that its neighbour has too */
} FeTiling;

/* Reads "CxR" or "auto"; NULL and "" are "1x1". */
gboolean fe_tiling_parse (FeTiling *self, const char *text, double overlap,
                          GError **error);

/* The tiles of frames of one size, all equally large: rectangles of the stored
 * frame that cover it together, row by row. A single one is the whole frame. */
typedef struct {
  guint columns;
  guint rows;
  FeRect *parts; /* [rows · columns] */
} FeTiles;

/* Plans tiles for frames of width × height and a network that sees edge × edge
 * pixels.
 *
 * Tiles are as near to squares as an overlap between the one asked for and half
 * a tile allows. Automatic ones have about as many pixels as the network. */
void fe_tiles_init (FeTiles *self, const FeTiling *tiling, guint width,
                    guint height, guint edge);

void fe_tiles_clear (FeTiles *self);

G_END_DECLS
