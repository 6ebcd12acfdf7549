/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Merges the results of a frame's tiles to the result of the frame, without
 * what is ignored in it. */
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

/* Plans merging for the frames that `preprocess` is prepared for, with maps of
 * edge × edge cells for each tile; edge 0: no maps.
 *
 * A cell of the frame's map is about as large as a cell of a tile's map, except
 * in very large maps. Where something is ignored the map has smaller cells, so
 * that little is lost beside ignored pixels. */
void fe_tile_merge_init (FeTileMerge *self, const FePreprocess *preprocess,
                         guint edge);

void fe_tile_merge_clear (FeTileMerge *self);

/* Whether the result of a frame differs from that of its only tile. */
gboolean fe_tile_merge_is_needed (const FeTileMerge *self);

/* Merges the results [rows · columns] of all tiles. Overlapping maps are
 * blended with weights that fall linearly to 0 at a tile's border; the score is
 * the highest one. */
FeclipResult *fe_tile_merge_run (const FeTileMerge *self,
                                 FeclipResult *const *results);

G_END_DECLS
