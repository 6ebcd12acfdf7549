/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether feclipoverlay attaches its overlay as metadata or blends it into the
 * frame, and with which caps. */
#include <gst/video/video.h>
#include <string.h>

#include "support/gst_hot_frame.h"
#include "support/gst_test_image.h"

static gboolean
sink_caps_carry (GstHarness *harness)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (harness->sinkpad);

  g_assert_nonnull (caps);
  return gst_caps_features_contains (
      gst_caps_get_features (caps, 0),
      GST_CAPS_FEATURE_META_GST_VIDEO_OVERLAY_COMPOSITION);
}

/* The overlay is attached only if both the caps and the ALLOCATION query ask
 * for it. */
static void
test_negotiation (void)
{
  static const struct {
    const char *sink_caps;
    gboolean asks;
    gboolean attached;
  } cases[] = {
      {FRAME_CAPS, FALSE, FALSE},
      {FRAME_CAPS, TRUE, FALSE},
      {FRAME_CAPS "; " CARRYING_CAPS, FALSE, FALSE},
      {FRAME_CAPS "; " CARRYING_CAPS, TRUE, TRUE},
      {CARRYING_CAPS, TRUE, TRUE},
      {"ANY", FALSE, FALSE},
      {"ANY", TRUE, TRUE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    GstHarness *harness = overlay_new (cases[i].sink_caps, cases[i].asks);
    g_autoptr (GstBuffer) out =
        gst_harness_push_and_pull (harness, hot_frame_new (0, 1));

    g_assert_nonnull (out);
    g_assert_cmpint (sink_caps_carry (harness), ==, cases[i].attached);
    g_assert_cmpint (gst_buffer_get_video_overlay_composition_meta (out)
                         != NULL,
                     ==, cases[i].attached);
    g_assert_cmpint (frame_pixel (out), ==, cases[i].attached ? 0 : 255);
    gst_harness_teardown (harness);
  }
}

/* The attached overlay is one premultiplied rectangle over the defect; the
 * frame's memory is unchanged. */
static void
test_composition (void)
{
  GstHarness *harness = overlay_new ("ANY", TRUE);
  float map[64] = {[9] = 1};
  g_autoptr (FeclipResult) result = feclip_result_new (&(FeclipResult){
      .width = 1, .height = 1, .map_width = 8, .map_height = 4, .map = map});
  g_autoptr (FeclipVerdict) verdict =
      feclip_verdict_new (result, 0.5, 0.5, TRUE);
  g_autoptr (GstBuffer) frame = frame_new (0);
  g_autoptr (GstBuffer) out = NULL;
  GstVideoOverlayCompositionMeta *meta = NULL;
  GstVideoOverlayRectangle *rectangle = NULL;
  GstMemory *memory = gst_buffer_peek_memory (frame, 0);
  GstBuffer *pixels = NULL;
  guint32 pixel = 0;
  gint x, y;
  guint width, height;

  feclip_verdict_attach (verdict, frame, WIDTH, HEIGHT, NULL);
  gst_harness_set (harness, "feclipoverlay", "alpha", 0.5, NULL);
  out = gst_harness_push_and_pull (harness, g_steal_pointer (&frame));
  g_assert_true (gst_buffer_peek_memory (out, 0) == memory);
  meta = gst_buffer_get_video_overlay_composition_meta (out);
  g_assert_cmpuint (gst_video_overlay_composition_n_rectangles (meta->overlay),
                    ==, 1);
  rectangle = gst_video_overlay_composition_get_rectangle (meta->overlay, 0);
  g_assert_cmpint (gst_video_overlay_rectangle_get_flags (rectangle), ==,
                   GST_VIDEO_OVERLAY_FORMAT_FLAG_PREMULTIPLIED_ALPHA);
  gst_video_overlay_rectangle_get_render_rectangle (rectangle, &x, &y, &width,
                                                    &height);
  g_assert_cmpint (x, ==, 8);
  g_assert_cmpint (y, ==, 9);
  g_assert_cmpuint (width, ==, 8);
  g_assert_cmpuint (height, ==, 9);

  pixels = gst_video_overlay_rectangle_get_pixels_unscaled_argb (
      rectangle, GST_VIDEO_OVERLAY_FORMAT_FLAG_PREMULTIPLIED_ALPHA);
  gst_buffer_extract (pixels, (4 * 8 + 4) * sizeof (pixel), &pixel,
                      sizeof (pixel));
  /* White of the middle's value at alpha one half, premultiplied. */
  g_assert_cmphex (pixel >> 24, ==, 0x80);
  g_assert_cmphex (pixel & 0xff, >, 0x70);
  g_assert_cmphex (pixel & 0xff, <, 0x80);
  gst_harness_teardown (harness);
}

/* An overlay from upstream stays below that of feclipoverlay. */
static void
test_upstream_composition (void)
{
  GstHarness *harness = overlay_new ("ANY", TRUE);
  GstBuffer *frame = hot_frame_new (0, 1);
  g_autoptr (GstBuffer) pixels = gst_buffer_new_allocate (NULL, 16, NULL);
  g_autoptr (GstBuffer) out = NULL;
  GstVideoOverlayRectangle *rectangle = NULL;
  GstVideoOverlayComposition *composition = NULL;
  gint x = 0, y = 0;
  guint width = 0, height = 0;

  gst_buffer_add_video_meta (pixels, GST_VIDEO_FRAME_FLAG_NONE,
                             GST_VIDEO_OVERLAY_COMPOSITION_FORMAT_RGB, 2, 2);
  rectangle = gst_video_overlay_rectangle_new_raw (
      pixels, 3, 4, 2, 2, GST_VIDEO_OVERLAY_FORMAT_FLAG_NONE);
  composition = gst_video_overlay_composition_new (rectangle);
  gst_buffer_add_video_overlay_composition_meta (frame, composition);

  gst_harness_set_src_caps_str (harness, CARRYING_CAPS);
  out = gst_harness_push_and_pull (harness, frame);
  g_assert_cmpuint (gst_video_overlay_composition_n_rectangles (composition),
                    ==, 1);
  gst_video_overlay_composition_unref (composition);
  composition = gst_buffer_get_video_overlay_composition_meta (out)->overlay;
  g_assert_cmpuint (gst_video_overlay_composition_n_rectangles (composition),
                    ==, 2);
  gst_video_overlay_rectangle_unref (rectangle);
  rectangle = gst_video_overlay_composition_get_rectangle (composition, 0);
  gst_video_overlay_rectangle_get_render_rectangle (rectangle, &x, &y, &width,
                                                    &height);
  g_assert_cmpint (x, ==, 3);
  g_assert_cmpint (y, ==, 4);
  gst_harness_teardown (harness);
}

static GstBuffer *
scored_frame_new (int time, double score)
{
  GstBuffer *buffer = frame_new (time);
  g_autoptr (FeclipVerdict) verdict = uniform_verdict_new (1);

  verdict->result->score = score;
  feclip_verdict_attach (verdict, buffer, WIDTH, HEIGHT, NULL);
  return buffer;
}

/* Frames with the same result carry the same overlay object. */
static void
test_cache (void)
{
  GstHarness *harness = overlay_new ("ANY", TRUE);
  GstBuffer *const frames[] = {
      scored_frame_new (0, 0.8), frame_new (1),
      scored_frame_new (2, 0.8), scored_frame_new (3, 0.9),
      scored_frame_new (4, 0.9), hot_frame_new (5, 0.7f),
  };
  static const gboolean redrawn[] = {TRUE, FALSE, TRUE, TRUE, FALSE, TRUE};
  GstVideoOverlayComposition *last = NULL;
  g_autoptr (GPtrArray) kept =
      g_ptr_array_new_with_free_func ((GDestroyNotify)gst_buffer_unref);

  for (guint i = 0; i < G_N_ELEMENTS (frames); i++) {
    GstVideoOverlayComposition *now = NULL;

    if (i == 2)
      gst_harness_set (harness, "feclipoverlay", "alpha", 0.3, NULL);
    g_ptr_array_add (kept, gst_harness_push_and_pull (harness, frames[i]));
    now =
        gst_buffer_get_video_overlay_composition_meta (kept->pdata[i])->overlay;
    g_assert_cmpint (now != last, ==, redrawn[i]);
    last = now;
  }
  gst_harness_teardown (harness);
}

/* Frames in other memory than system memory. */
static void
test_other_memory (void)
{
  const char *caps = "video/x-raw(memory:Other), format=NV12, width=64, "
                     "height=36, framerate=25/1";
  GstHarness *harness = gst_harness_new_parse (OVERLAY_LAUNCH);
  g_autoptr (GstBuffer) out = NULL;
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  gst_harness_add_propose_allocation_meta (
      harness, GST_VIDEO_OVERLAY_COMPOSITION_META_API_TYPE, NULL);
  gst_harness_set_src_caps_str (harness, caps);
  out = gst_harness_push_and_pull (harness, hot_frame_new (0, 1));
  g_assert_nonnull (gst_buffer_get_video_overlay_composition_meta (out));
  gst_harness_teardown (harness);

  harness = gst_harness_new_parse (OVERLAY_LAUNCH);
  gst_element_set_bus (harness->element, bus);
  gst_harness_set_src_caps_str (harness, caps);
  g_assert_cmpint (gst_harness_push (harness, hot_frame_new (0, 1)), ==,
                   GST_FLOW_NOT_NEGOTIATED);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  gst_message_parse_error (message, &error, NULL);
  g_assert_error (error, GST_CORE_ERROR, GST_CORE_ERROR_NEGOTIATION);
  g_assert_nonnull (strstr (error->message, "system memory"));
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}

static gboolean
accepts (GstPad *pad, const char *caps)
{
  g_autoptr (GstCaps) wanted = gst_caps_from_string (caps);
  g_autoptr (GstCaps) known = gst_pad_query_caps (pad, NULL);
  g_autoptr (GstCaps) filtered = gst_pad_query_caps (pad, wanted);

  g_assert_cmpint (gst_caps_can_intersect (wanted, known), ==,
                   !gst_caps_is_empty (filtered));
  return gst_caps_can_intersect (wanted, known);
}

/* The caps offered upstream for the caps that downstream accepts. */
static void
test_caps_query (void)
{
  GstHarness *harness = gst_harness_new_parse (OVERLAY_LAUNCH);
  g_autoptr (GstPad) sink =
      gst_element_get_static_pad (harness->element, "sink");

  gst_harness_set_sink_caps_str (harness, "video/x-raw, format=NV12");
  g_assert_true (accepts (sink, "video/x-raw, format=NV12"));
  g_assert_false (accepts (sink, "video/x-raw, format=I420"));
  g_assert_false (accepts (sink, "video/x-raw(memory:Other), format=NV12"));

  gst_harness_set_sink_caps_str (harness, "video/x-raw(memory:Other)");
  g_assert_false (accepts (sink, "video/x-raw(memory:Other), format=NV12"));

  gst_harness_set_sink_caps_str (
      harness, "video/x-raw(memory:Other, meta:GstVideoOverlayComposition), "
               "format=NV12");
  g_assert_true (accepts (sink, "video/x-raw(memory:Other), format=NV12"));
  g_assert_false (accepts (sink, "video/x-raw, format=NV12"));

  gst_harness_set_sink_caps_str (harness, "ANY");
  g_assert_true (accepts (sink, "video/x-raw, format=v210"));
  g_assert_true (accepts (sink, "video/x-raw(memory:Other), format=NV12"));
  g_assert_false (accepts (sink, "audio/x-raw"));
  gst_harness_teardown (harness);
}

/* Caps that change within a stream, and a downstream that renegotiates. */
static void
test_renegotiation (void)
{
  GstHarness *harness = overlay_new ("ANY", FALSE);
  GstVideoInfo info;
  g_autoptr (GstCaps) caps = NULL;
  g_autoptr (GstBuffer) out = NULL;
  GstBuffer *frame = NULL;
  guint8 pixel = 0;

  g_assert_cmpint (overlay_push (harness, hot_frame_new (0, 1)), ==, 255);

  /* The larger RGB frame shows the last result until it has its own. */
  image_info (&info, GST_VIDEO_FORMAT_RGB, 100, 80);
  caps = gst_video_info_to_caps (&info);
  gst_harness_set_src_caps (harness, g_steal_pointer (&caps));
  frame = gst_buffer_new_allocate (NULL, info.size, NULL);
  gst_buffer_memset (frame, 0, 0, info.size);
  GST_BUFFER_PTS (frame) = 40 * GST_MSECOND;
  out = gst_harness_push_and_pull (harness, frame);
  gst_buffer_extract (out, info.size - 100, &pixel, 1);
  g_assert_cmpint (pixel, ==, 255);

  /* Downstream now supports overlay metadata. */
  gst_harness_add_propose_allocation_meta (
      harness, GST_VIDEO_OVERLAY_COMPOSITION_META_API_TYPE, NULL);
  gst_pad_push_event (harness->sinkpad, gst_event_new_reconfigure ());
  gst_harness_set_src_caps_str (harness, FRAME_CAPS);
  gst_pad_push_event (harness->sinkpad, gst_event_new_reconfigure ());
  g_assert_cmpint (overlay_push (harness, hot_frame_new (80, 1)), ==, 0);
  g_assert_true (sink_caps_carry (harness));
  gst_harness_teardown (harness);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/overlay/negotiation", test_negotiation);
  g_test_add_func ("/overlay/composition", test_composition);
  g_test_add_func ("/overlay/upstream-composition", test_upstream_composition);
  g_test_add_func ("/overlay/cache", test_cache);
  g_test_add_func ("/overlay/other-memory", test_other_memory);
  g_test_add_func ("/overlay/caps-query", test_caps_query);
  g_test_add_func ("/overlay/renegotiation", test_renegotiation);
  return g_test_run ();
}
