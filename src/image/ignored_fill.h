/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Painting the ignored parts of the network's image. */
#pragma once

#include "image/ignore_mask.h"
#include "compute/matrix.h"
#include "compute/vulkan/commands.h"

G_BEGIN_DECLS

/* For frames of one size. All zero: nothing is ignored. */
typedef struct {
  guint edge; /* of the network's image */
  FeIgnoreMask mask;
  FeBuffer *ignored;  /* the mask: words per row, then its rows */
  FeBuffer *kept;     /* [edge][edge] share of each pixel that is not ignored */
  GPtrArray *sources; /* per tile: FeBuffer [edge][edge], see
                       * fe_fill_sources_new(); NULL where all of it counts */
} FeIgnoredFill;

/* Draws the polygons as fe_ignore_mask_init() does, and makes room for a
 * image of edge × edge pixels. */
gboolean fe_ignored_fill_init (FeIgnoredFill *self, FeDevice *device,
                               const FePolygons *polygons, const FeRect *part,
                               guint frame_width, guint frame_height,
                               guint edge, GError **error);

void fe_ignored_fill_clear (FeIgnoredFill *self);

/* Plans for one more tile what its affected pixels [edge][edge] are painted
 * with; NULL: it has none. */
gboolean fe_ignored_fill_add_tile (FeIgnoredFill *self, FeDevice *device,
                                   const guint8 *affected, GError **error);

/* Whether a tile has something to paint. */
gboolean fe_ignored_fill_is_needed (const FeIgnoredFill *self, guint tile);

/* Records painting a tile, whose colors are multiplied by `kept`. */
void fe_ignored_fill_record (FeIgnoredFill *self, guint tile,
                             FeCommands *commands, const FeMatrix *patches,
                             guint patch_size);

G_END_DECLS
