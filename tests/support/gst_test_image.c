/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/gst_test_image.h"

#include <math.h>

void
image_info (GstVideoInfo *info, GstVideoFormat format, guint width,
            guint height)
{
  g_assert_true (gst_video_info_set_format (info, format, width, height));
  info->fps_n = 25;
  info->fps_d = 1;
}

/* Colour at (u, v), shares of width and height. Red grows to the right, green
 * downwards, and a bright spot lies in the upper left. */
static void
paint (double u, double v, gboolean gray, guint8 *rgbx)
{
  double spot = exp (-30 * ((u - 0.35) * (u - 0.35) + (v - 0.3) * (v - 0.3)));
  double red = 0.15 + 0.5 * u + 0.3 * spot;
  double green = 0.2 + 0.4 * v + 0.3 * spot;
  double blue = 0.6 - 0.4 * u + 0.3 * spot;

  if (gray)
    red = green = blue = 0.3 * red + 0.6 * green + 0.1 * blue;
  rgbx[0] = (guint8)(255 * red);
  rgbx[1] = (guint8)(255 * green);
  rgbx[2] = (guint8)(255 * blue);
  rgbx[3] = 255;
}

static GstBuffer *
make_image (const GstVideoInfo *info, gboolean gray)
{
  GstVideoInfo rgb_info;
  GstVideoFrame rgb, frame;
  GstVideoConverter *converter = NULL;
  g_autoptr (GstBuffer) source = NULL;
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, info->size, NULL);

  image_info (&rgb_info, GST_VIDEO_FORMAT_RGBA, info->width, info->height);
  rgb_info.fps_n = info->fps_n;
  rgb_info.fps_d = info->fps_d;
  source = gst_buffer_new_allocate (NULL, rgb_info.size, NULL);
  g_assert_true (
      gst_video_frame_map (&rgb, &rgb_info, source, GST_MAP_READWRITE));
  for (int y = 0; y < info->height; y++)
    for (int x = 0; x < info->width; x++)
      paint ((x + 0.5) / info->width, (y + 0.5) / info->height, gray,
             (guint8 *)rgb.data[0] + y * rgb.info.stride[0] + 4 * x);

  converter = gst_video_converter_new (&rgb_info, info, NULL);
  g_assert_nonnull (converter);
  gst_buffer_memset (buffer, 0, 0, info->size);
  g_assert_true (gst_video_frame_map (&frame, info, buffer, GST_MAP_READWRITE));
  gst_video_converter_frame (converter, &rgb, &frame);
  gst_video_frame_unmap (&frame);
  gst_video_frame_unmap (&rgb);
  gst_video_converter_free (converter);
  return buffer;
}

GstBuffer *
image_new (const GstVideoInfo *info)
{
  return make_image (info, FALSE);
}

GstBuffer *
image_new_gray (const GstVideoInfo *info)
{
  return make_image (info, TRUE);
}
