/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/frame.h>
#include <gst/video/video.h>

G_BEGIN_DECLS

/* Shows the video frames of one caps to the library, as they lie in memory
 * where it knows the format, else converted in a buffer of the reader's own.
 * Used by one thread. */
typedef struct _GstFeclipReader GstFeclipReader;

GstFeclipReader *gst_feclip_reader_new (const GstVideoInfo *info);

void gst_feclip_reader_free (GstFeclipReader *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstFeclipReader, gst_feclip_reader_free)

/* Maps @buffer for reading and fills @frame, all but its orientation, with its
 * visible part: that of its GstVideoCropMeta, else of the caps' size. @frame is
 * valid until gst_feclip_reader_close(), which follows each success.
 * Returns: FALSE if the buffer does not hold a frame of these caps */
gboolean gst_feclip_reader_open (GstFeclipReader *self, GstBuffer *buffer,
                                 FeclipFrame *frame);

void gst_feclip_reader_close (GstFeclipReader *self);

G_END_DECLS
