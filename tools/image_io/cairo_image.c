/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image_io/cairo_image.h"

#include <feclip/error.h>
#include <gst/video/video.h>
#include <string.h>

/* A conversion that takes longer than this hangs. */
#define CONVERT_TIMEOUT (30 * GST_SECOND)
#if G_BYTE_ORDER == G_LITTLE_ENDIAN
#define CAIRO_RGB24 "BGRx"
#else
#define CAIRO_RGB24 "xRGB"
#endif

static cairo_surface_t *
copy_surface (const GstVideoFrame *video)
{
  int width = GST_VIDEO_FRAME_WIDTH (video);
  int height = GST_VIDEO_FRAME_HEIGHT (video);
  const guint8 *from = GST_VIDEO_FRAME_PLANE_DATA (video, 0);
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  guint8 *to = cairo_image_surface_get_data (surface);

  if (!to)
    return surface;
  for (int y = 0; y < height; y++)
    memcpy (to + (gsize)y * cairo_image_surface_get_stride (surface),
            from + (gsize)y * GST_VIDEO_FRAME_PLANE_STRIDE (video, 0),
            (gsize)width * 4);
  cairo_surface_mark_dirty (surface);
  return surface;
}

cairo_surface_t *
fe_cairo_image_new (FeStillImage *image, GError **error)
{
  g_autoptr (GstCaps) caps =
      gst_caps_from_string ("video/x-raw, format = " CAIRO_RGB24);
  g_autoptr (GstSample) sample = gst_video_convert_sample (
      fe_still_image_get_sample (image), caps, CONVERT_TIMEOUT, error);
  GstVideoFrame video;
  GstVideoInfo info;
  cairo_surface_t *surface;

  if (!sample)
    return NULL;
  gst_video_info_from_caps (&info, gst_sample_get_caps (sample));
  if (!gst_video_frame_map (&video, &info, gst_sample_get_buffer (sample),
                            GST_MAP_READ)) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "the decoded image cannot be mapped into memory");
    return NULL;
  }
  surface = copy_surface (&video);
  gst_video_frame_unmap (&video);
  return surface;
}
