/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/draw.h>
#include <gst/video/video.h>

G_BEGIN_DECLS

/* A part of the overlay: where it lies on the frame and its pixels,
 * premultiplied ARGB in native order without padding. */
typedef struct {
  gint x;
  gint y;
  guint width;
  guint height;
  GBytes *pixels;
} GstFeclipOverlayRegion;

/* Returns: (element-type GstFeclipOverlayRegion) (transfer full): one patch for
 * each area that is drawn on, none if nothing is */
GPtrArray *gst_feclip_overlay_regions_new (const FeclipResult *result,
                                           guint width, guint height,
                                           const FeclipDrawOptions *options);

/* Adds the patches to @composition, which must be writable. */
void
gst_feclip_overlay_regions_compose (const GPtrArray *patches,
                                    GstVideoOverlayComposition *composition);

G_END_DECLS
