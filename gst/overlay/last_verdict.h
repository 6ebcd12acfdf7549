/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "overlay/overlay_image.h"

G_BEGIN_DECLS

/* The latest verdict of a stream and how it looks. Zeroed: none yet. Used by
 * the streaming thread. */
typedef struct {
  FeclipVerdict *verdict;       /* NULL: none, or expired */
  GstClockTime time;            /* of its frame */
  GstFeclipOverlayImage *image; /* NULL: to be drawn again */
} GstFeclipLastVerdict;

void gst_feclip_last_verdict_clear (GstFeclipLastVerdict *self);

/* Has the image drawn again, as style or frames have changed. */
void gst_feclip_last_verdict_redraw (GstFeclipLastVerdict *self);

/* Takes the verdict of @buffer, if it has one; else forgets the one before if
 * it is older than @expire_overlay, GST_CLOCK_TIME_NONE: however old. */
void gst_feclip_last_verdict_update (GstFeclipLastVerdict *self,
                                     GstBuffer *buffer,
                                     GstClockTime expire_overlay);

/* Returns: (transfer none) (nullable): what to draw over the frame, or NULL if
 * there is nothing */
GstFeclipOverlayImage *
gst_feclip_last_verdict_get_image (GstFeclipLastVerdict *self,
                                   guint frame_width, guint frame_height,
                                   const FeclipDrawOptions *style);

G_END_DECLS
