/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/draw.h>
#include <feclip/gst/meta.h>
#include <gst/video/video.h>

G_BEGIN_DECLS

/* The drawing of one verdict, rendered once for all frames that show it. It is
 * either attached to these frames or blended into them. Not thread-safe. */
typedef struct _GstFeclipOverlayImage GstFeclipOverlayImage;

/* @style: everything but the thresholds, which are those of @verdict */
GstFeclipOverlayImage *
gst_feclip_overlay_image_new (const FeclipVerdict *verdict, guint frame_width,
                              guint frame_height,
                              const FeclipDrawOptions *style);

/* NULL is allowed. */
void gst_feclip_overlay_image_free (GstFeclipOverlayImage *self);

/* Returns: whether @verdict, drawn in the same style, gives this image */
gboolean gst_feclip_overlay_image_shows (const GstFeclipOverlayImage *self,
                                         const FeclipVerdict *verdict);

/* Returns: whether there is nothing to draw */
gboolean gst_feclip_overlay_image_is_empty (const GstFeclipOverlayImage *self);

/* Adds the image to a writable buffer as GstVideoOverlayCompositionMeta, on top
 * of an overlay that is there already. Not after
 * gst_feclip_overlay_image_blend(). */
void gst_feclip_overlay_image_attach (GstFeclipOverlayImage *self,
                                      GstBuffer *buffer);

/* Draws the image into the memory of a writable buffer, which is copied if it
 * is shared. @info: the same in all calls
 * Returns: FALSE if the buffer does not hold a frame as @info says */
gboolean gst_feclip_overlay_image_blend (GstFeclipOverlayImage *self,
                                         const GstVideoInfo *info,
                                         GstBuffer *buffer);

G_END_DECLS
