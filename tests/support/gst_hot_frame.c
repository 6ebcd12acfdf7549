/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/gst_hot_frame.h"

#include <gst/video/video.h>

FeclipVerdict *
uniform_verdict_new (float value)
{
  g_autoptr (FeclipResult) result = feclip_result_new (&(FeclipResult){
      .score = 0.8,
      .width = 1,
      .height = 1,
      .map_width = 1,
      .map_height = 1,
      .map = &value,
  });

  return feclip_verdict_new (result, 0.5, 0.5, TRUE);
}

GstBuffer *
frame_new (int time)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, WIDTH * HEIGHT, NULL);

  gst_buffer_memset (buffer, 0, 0, WIDTH * HEIGHT);
  if (time >= 0)
    GST_BUFFER_PTS (buffer) = time * GST_MSECOND;
  return buffer;
}

GstBuffer *
hot_frame_new (int time, float value)
{
  GstBuffer *buffer = frame_new (time);
  g_autoptr (FeclipVerdict) verdict = uniform_verdict_new (value);

  feclip_verdict_attach (verdict, buffer, WIDTH, HEIGHT, NULL);
  return buffer;
}

guint8
frame_pixel (GstBuffer *buffer)
{
  guint8 pixel = 0;

  g_assert_cmpuint (
      gst_buffer_extract (buffer, WIDTH * HEIGHT / 2 + 5, &pixel, 1), ==, 1);
  return pixel;
}

GstHarness *
overlay_new (const char *sink_caps, gboolean asks_for_overlays)
{
  GstHarness *harness = gst_harness_new_parse (OVERLAY_LAUNCH);

  g_assert_nonnull (harness);
  gst_harness_set_sink_caps_str (harness, sink_caps);
  if (asks_for_overlays)
    gst_harness_add_propose_allocation_meta (
        harness, GST_VIDEO_OVERLAY_COMPOSITION_META_API_TYPE, NULL);
  gst_harness_set_src_caps_str (harness, FRAME_CAPS);
  return harness;
}

guint8
overlay_push (GstHarness *harness, GstBuffer *buffer)
{
  g_autoptr (GstBuffer) out = gst_harness_push_and_pull (harness, buffer);

  g_assert_nonnull (out);
  return frame_pixel (out);
}
