/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mask of a frame's ignored pixels. */
#pragma once

#include "image/frame_upload.h"
#include "image/orientation.h"
#include "image/polygons.h"
#include "image/resize_filter.h"

G_BEGIN_DECLS

typedef struct {
  guint width; /* of the masked rectangle, in pixels as stored */
  guint height;
  guint stride;   /* 32-bit words per row */
  guint32 *words; /* [height][stride]: bit x % 32 of word x / 32 is set if pixel
                   * x of the row is ignored; NULL: no pixel is ignored */
} FeIgnoreMask;

/* Rasterises the polygons of a frame into a mask for one rectangle of it, or
 * for the whole frame if `part` is at 0,0 and as large as the frame. A pixel is
 * inside a polygon if its centre is. */
gboolean fe_ignore_mask_init (FeIgnoreMask *self, const FePolygons *polygons,
                              const FeRect *part, guint frame_width,
                              guint frame_height, GError **error);

void fe_ignore_mask_clear (FeIgnoreMask *self);

/* Whether all pixels of a rectangle are ignored. */
gboolean fe_ignore_mask_covers (const FeIgnoreMask *self, const FeRect *part);

/* Marks each pixel of the network's image, [rows][columns], whose resampling
 * filter reads an ignored pixel. The filters' taps are positions in the upright
 * image; `transform` maps them to the stored frame. NULL if there is no such
 * pixel. Free with g_free(). */
guint8 *fe_ignore_mask_find_affected (const FeIgnoreMask *self,
                                      const FeOrientationTransform *transform,
                                      const FeResizeFilter *columns,
                                      const FeResizeFilter *rows);

/* Rectangle of the frame that a map covers, as fractions of the frame's width
 * and height, and the size of the map in cells. */
typedef struct {
  double x;
  double y;
  double width;
  double height;
  guint columns;
  guint rows;
} FeMapPlace;

/* Marks each cell, [rows][columns], that contains an ignored pixel or is next
 * to one that does. In a map whose marked cells are zeroed, no ignored pixel
 * gets a value when the map is upsampled bilinearly to the frame. Free with
 * g_free(). */
guint8 *fe_ignore_mask_find_cells (const FeIgnoreMask *self,
                                   const FeMapPlace *place);

G_END_DECLS
