/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/draw.h>
#include <feclip/gst/meta.h>
#include <gst/video/video.h>

G_BEGIN_DECLS

/* What is drawn of one verdict, rendered once for all frames that show it,
 * which it is either attached to or blended into. Used by one thread. */
typedef struct _GstFeclipPicture GstFeclipPicture;

/* @style: read: all but the thresholds, which are the verdict's */
GstFeclipPicture *gst_feclip_picture_new (const FeclipVerdict *verdict,
                                          guint frame_width, guint frame_height,
                                          const FeclipDrawOptions *style);

void gst_feclip_picture_free (GstFeclipPicture *self);

/* Whether @verdict would be drawn as this picture is, in the same style. */
gboolean gst_feclip_picture_shows (const GstFeclipPicture *self,
                                   const FeclipVerdict *verdict);

gboolean gst_feclip_picture_is_empty (const GstFeclipPicture *self);

/* Adds the picture to a writable buffer as metadata, over an overlay that is
 * there already. */
void gst_feclip_picture_attach (GstFeclipPicture *self, GstBuffer *buffer);

/* Draws the picture into the memory of a writable buffer, which is copied if it
 * is shared. @info: always the same
 * Returns: FALSE if the buffer does not hold a frame as @info says */
gboolean gst_feclip_picture_blend (GstFeclipPicture *self,
                                   const GstVideoInfo *info, GstBuffer *buffer);

G_END_DECLS
