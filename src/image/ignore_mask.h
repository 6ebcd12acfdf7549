/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pixels of a frame that do not count. */
#pragma once

#include "image/frame_upload.h"
#include "image/orientation.h"
#include "image/polygons.h"
#include "image/resize_filter.h"

G_BEGIN_DECLS

typedef struct {
  guint width; /* of the stored frame, in pixels */
  guint height;
  guint stride;   /* words per row */
  guint32 *words; /* [height][stride]: pixel x of a row is ignored where bit
                   * x % 32 of its word x / 32 is set; NULL: none is */
} FeIgnoreMask;

/* Draws the polygons of a frame over one part of it, or over the whole frame, a
 * part at 0,0 as large as the frame. A pixel lies in a polygon if its centre
 * does. */
gboolean fe_ignore_mask_init (FeIgnoreMask *self, const FePolygons *polygons,
                              const FeRect *part, guint frame_width,
                              guint frame_height, GError **error);

void fe_ignore_mask_clear (FeIgnoreMask *self);

/* Whether a part has no pixel that counts. */
gboolean fe_ignore_mask_covers (const FeIgnoreMask *self, const FeRect *part);

/* Says of each pixel of the network's image, [rows][columns], whether it has
 * an ignored one among its taps, which are upright; `transform` leads from
 * these to the stored frame. NULL: none has. Free it. */
guint8 *fe_ignore_mask_find_affected (const FeIgnoreMask *self,
                                      const FeOrientationTransform *transform,
                                      const FeResizeFilter *columns,
                                      const FeResizeFilter *rows);

/* The rectangle of the frame that a map lies over, as shares of its width and
 * height, and the map's size in cells. */
typedef struct {
  double x;
  double y;
  double width;
  double height;
  guint columns;
  guint rows;
} FeMapPlace;

/* Says of each cell, [rows][columns], whether an ignored pixel lies in it or in
 * one beside it: without these, no ignored pixel has a share of any cell when
 * the map is enlarged to the frame bilinearly. Free it. */
guint8 *fe_ignore_mask_find_cells (const FeIgnoreMask *self,
                                   const FeMapPlace *place);

G_END_DECLS
