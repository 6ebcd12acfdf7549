/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the results of a frame's tiles to that of the frame, without what is
 * ignored in it. */
#pragma once

#include <feclip/result.h>

#include "image/preprocess.h"

G_BEGIN_DECLS

/* For frames of one size. */
typedef struct {
  guint columns; /* of tiles */
  guint rows;
  gboolean *ignored_tiles; /* [rows · columns] whether all of it is ignored */
  FeMapPlace place; /* of the frame's map; without cells where there is none */
  guint8 *ignored;  /* [place.rows][place.columns], NULL: nothing is */
} FeTileMerge;

/* Plans it for the frames prepared for, and maps of edge × edge cells for each
 * tile, 0 for none.
 *
 * A cell of the frame's map is about as large as one of a tile's, but for very
 * large maps. Where something is ignored the map is made finer than that, so
 * that little beside it is lost. */
void fe_tile_merge_init (FeTileMerge *self, const FePreprocess *preprocess,
                         guint edge);

void fe_tile_merge_clear (FeTileMerge *self);

/* Whether a frame's result is more than that of its only tile. */
gboolean fe_tile_merge_is_needed (const FeTileMerge *self);

/* Joins the results [rows · columns] of all tiles. Maps overlap with weights
 * that fall linearly to 0 at a tile's border; the score is the highest one. */
FeclipResult *fe_tile_merge_run (const FeTileMerge *self,
                                 FeclipResult *const *results);

G_END_DECLS
