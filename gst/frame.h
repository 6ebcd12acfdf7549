/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/frame.h>
#include <gst/video/video.h>

G_BEGIN_DECLS

/* First what is read without conversion, for upstream to choose from. */
#define GST_FECLIP_NATIVE_FORMATS \
  "{ NV12, I420, YV12, NV21, YUY2, UYVY, Y42B, Y444, RGB, BGR, RGBx, BGRx, " \
  "xRGB, xBGR, RGBA, BGRA, ARGB, ABGR, A420, AV12, GRAY8 }"

#define GST_FECLIP_CAPS_WITH(formats) \
  GST_VIDEO_CAPS_MAKE (formats) \
  ";" GST_VIDEO_CAPS_MAKE_WITH_FEATURES ( \
      GST_CAPS_FEATURE_MEMORY_SYSTEM_MEMORY \
      "," GST_CAPS_FEATURE_META_GST_VIDEO_OVERLAY_COMPOSITION, \
      formats)

#define GST_FECLIP_CAPS \
  GST_FECLIP_CAPS_WITH (GST_FECLIP_NATIVE_FORMATS) \
  ";" GST_FECLIP_CAPS_WITH (GST_VIDEO_FORMATS_ALL)

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
