/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/draw.h>
#include <feclip/gst/meta.h>
#include <gst/video/video.h>

G_BEGIN_DECLS

/* What is drawn of one verdict, rendered once for all frames that show it,
 * which it is either attached to or blended into. Used by one thread. */
typedef struct _GstFeclipOverlayImage GstFeclipOverlayImage;

/* @style: read: all but the thresholds, which are the verdict's */
GstFeclipOverlayImage *
gst_feclip_overlay_image_new (const FeclipVerdict *verdict, guint frame_width,
                              guint frame_height,
                              const FeclipDrawOptions *style);

void gst_feclip_overlay_image_free (GstFeclipOverlayImage *self);

/* Whether @verdict would be drawn as this image is, in the same style. */
gboolean gst_feclip_overlay_image_shows (const GstFeclipOverlayImage *self,
                                         const FeclipVerdict *verdict);

gboolean gst_feclip_overlay_image_is_empty (const GstFeclipOverlayImage *self);

/* Adds the image to a writable buffer as metadata, over an overlay that is
 * there already. */
void gst_feclip_overlay_image_attach (GstFeclipOverlayImage *self,
                                      GstBuffer *buffer);

/* Draws the image into the memory of a writable buffer, which is copied if it
 * is shared. @info: always the same
 * Returns: FALSE if the buffer does not hold a frame as @info says */
gboolean gst_feclip_overlay_image_blend (GstFeclipOverlayImage *self,
                                         const GstVideoInfo *info,
                                         GstBuffer *buffer);

G_END_DECLS
