/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/frame.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/* How a stream's images lie, by its image-orientation tags. What a tag of the
 * stream's own scope says goes before one of the file's. Zeroed: no tag seen.
 */
typedef struct {
  FeclipOrientation file;
  FeclipOrientation stream;
} GstFeclipOrientation;

/* Learns from tag and stream-start events, ignores all others. */
void gst_feclip_orientation_observe (GstFeclipOrientation *self,
                                     GstEvent *event);

FeclipOrientation gst_feclip_orientation_get (const GstFeclipOrientation *self);

G_END_DECLS
