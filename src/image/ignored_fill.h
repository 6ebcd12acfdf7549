/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Replaces ignored content of the network's image, on the device. */
#pragma once

#include "image/ignore_mask.h"
#include "compute/matrix.h"
#include "compute/vulkan/commands.h"

G_BEGIN_DECLS

/* State for frames of one size. All zero: nothing is ignored. */
typedef struct {
  guint edge; /* of the network's image */
  FeIgnoreMask mask;
  FeBuffer *ignored;  /* words per row, then the mask's rows */
  FeBuffer *kept;     /* [edge][edge] fraction of a pixel that counts */
  GPtrArray *sources; /* per tile: FeBuffer [edge][edge], see
                       * fe_fill_sources_new(); NULL for a tile without affected
                       * pixels */
} FeIgnoredFill;

/* Rasterises the polygons as fe_ignore_mask_init() does and allocates buffers
 * for a network image of edge × edge pixels. */
gboolean fe_ignored_fill_init (FeIgnoredFill *self, FeDevice *device,
                               const FePolygons *polygons, const FeRect *part,
                               guint frame_width, guint frame_height,
                               guint edge, GError **error);

void fe_ignored_fill_clear (FeIgnoredFill *self);

/* Adds the sources of the next tile's affected pixels [edge][edge]; NULL: it
 * has none. */
gboolean fe_ignored_fill_add_tile (FeIgnoredFill *self, FeDevice *device,
                                   const guint8 *affected, GError **error);

/* Whether a tile has affected pixels. */
gboolean fe_ignored_fill_is_needed (const FeIgnoredFill *self, guint tile);

/* Records the kernel that fills a tile's affected pixels. Their colours must
 * already be multiplied by `kept`, as resize_rows.comp does. */
void fe_ignored_fill_record (FeIgnoredFill *self, guint tile,
                             FeCommands *commands, const FeMatrix *patches,
                             guint patch_size);

G_END_DECLS
