/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/frame.h>
#include <feclip/model.h>
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

/* What GStreamer's Vulkan elements have, first what most of them are best at.
 * Before system memory, so that frames which are on a device stay there. */
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

/* Shows the video frames of one caps to the library, as they lie in memory
 * where it knows the format, else converted in a buffer of the reader's own.
 * Those in Vulkan images are copied first. Used by one thread at a time. */
typedef struct _GstFeclipFrameReader GstFeclipFrameReader;

/* For frames that @model analyses. */
GstFeclipFrameReader *gst_feclip_frame_reader_new (FeclipModel *model,
                                                   const GstVideoInfo *info);

void gst_feclip_frame_reader_free (GstFeclipFrameReader *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstFeclipFrameReader,
                               gst_feclip_frame_reader_free)

/* Takes what @buffer needs not keep any longer: its Vulkan images may be used
 * by others as soon as this returns. gst_feclip_frame_reader_open() for the
 * same buffer follows, which says what went wrong. */
void gst_feclip_frame_reader_take (GstFeclipFrameReader *self,
                                   GstBuffer *buffer);

/* Maps @buffer for reading and fills @frame, all but its orientation, with its
 * visible part: that of its GstVideoCropMeta, else of the caps' size. @frame is
 * valid until gst_feclip_frame_reader_close(), which follows each success.
 * Fails with GST_STREAM_ERROR if the buffer does not hold a frame of these
 * caps, with FECLIP_ERROR if it could not be copied. */
gboolean gst_feclip_frame_reader_open (GstFeclipFrameReader *self,
                                       GstBuffer *buffer, FeclipFrame *frame,
                                       GError **error);

void gst_feclip_frame_reader_close (GstFeclipFrameReader *self);

G_END_DECLS
