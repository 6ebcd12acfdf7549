/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/frame.h>
#include <feclip/model.h>
#include <gst/video/video.h>

G_BEGIN_DECLS

/* The formats that are read without conversion come first in the caps, so that
 * upstream prefers them. */
#define GST_FECLIP_NATIVE_FORMATS \
  "{ NV12, I420, YV12, NV21, YUY2, UYVY, Y42B, Y444, RGB, BGR, RGBx, BGRx, " \
  "xRGB, xBGR, RGBA, BGRA, ARGB, ABGR, A420, AV12, GRAY8 }"

#define GST_FECLIP_CAPS_WITH(formats) \
  GST_VIDEO_CAPS_MAKE (formats) \
  ";" GST_VIDEO_CAPS_MAKE_WITH_FEATURES ( \
      GST_CAPS_FEATURE_MEMORY_SYSTEM_MEMORY \
      "," GST_CAPS_FEATURE_META_GST_VIDEO_OVERLAY_COMPOSITION, \
      formats)

/* The formats of GStreamer's Vulkan elements, the most common ones first.
 * Before system memory, so that frames that are on a device stay there. */
#if FE_HAVE_GST_VULKAN
#define GST_FECLIP_VULKAN_CAPS \
  GST_VIDEO_CAPS_MAKE_WITH_FEATURES ( \
      "memory:VulkanImage", \
      "{ RGBA, BGRA, RGBx, BGRx, NV12, ARGB, ABGR, xRGB, xBGR, YUY2, AYUV }") \
  ";"
#else
#define GST_FECLIP_VULKAN_CAPS
#endif

#define GST_FECLIP_CAPS \
  GST_FECLIP_VULKAN_CAPS \
  GST_FECLIP_CAPS_WITH (GST_FECLIP_NATIVE_FORMATS) \
  ";" GST_FECLIP_CAPS_WITH (GST_VIDEO_FORMATS_ALL)

/* Maps the video frames of one caps for the library: in place if it knows the
 * format, otherwise converted to a buffer of the reader. Frames in Vulkan
 * images are copied first. Used by one thread at a time. */
typedef struct _GstFeclipFrameReader GstFeclipFrameReader;

/* For frames that @model analyses, to which a reference is kept. */
GstFeclipFrameReader *gst_feclip_frame_reader_new (FeclipModel *model,
                                                   const GstVideoInfo *info);

/* NULL: nothing to free. May wait for a copy on the device. */
void gst_feclip_frame_reader_free (GstFeclipFrameReader *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstFeclipFrameReader,
                               gst_feclip_frame_reader_free)

/* Copies @buffer's Vulkan images, if it has any: others may write to them as
 * soon as this returns. gst_feclip_frame_reader_open() for the same buffer must
 * follow, and returns the error if there was one. */
void gst_feclip_frame_reader_take (GstFeclipFrameReader *self,
                                   GstBuffer *buffer);

/* Maps @buffer for reading and fills @frame, except its orientation, with the
 * visible part: that of the GstVideoCropMeta, otherwise of the caps' size.
 * @frame is valid until gst_feclip_frame_reader_close(), which must follow each
 * success. Fails with GST_STREAM_ERROR if the buffer does not hold a frame of
 * these caps, with FECLIP_ERROR if it could not be copied. */
gboolean gst_feclip_frame_reader_open (GstFeclipFrameReader *self,
                                       GstBuffer *buffer, FeclipFrame *frame,
                                       GError **error);

void gst_feclip_frame_reader_close (GstFeclipFrameReader *self);

G_END_DECLS
