/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The feclipoverlay element: frames that it passes on unchanged, properties
 * while it runs, expiry, flushes, unusual frames. */
#include <gst/video/video.h>

#include "support/gst_hot_frame.h"
#include "support/gst_test_image.h"

/* Without a result, a heatmap or opacity there is nothing to draw: the same
 * buffer is pushed, although it is not writable. */
static void
test_untouched (void)
{
  for (guint i = 0; i < 3; i++) {
    GstHarness *harness = overlay_new (FRAME_CAPS, FALSE);
    g_autoptr (GstBuffer) frame = i == 0 ? frame_new (0) : hot_frame_new (0, 1);
    g_autoptr (GstBuffer) out = NULL;

    gst_harness_set (harness, "feclipoverlay", "draw-heatmap", i != 1, "alpha",
                     i == 2 ? 0.0 : 1.0, NULL);
    out = gst_harness_push_and_pull (harness, gst_buffer_ref (frame));
    g_assert_true (out == frame);
    g_assert_cmpint (frame_pixel (out), ==, 0);
    gst_harness_teardown (harness);
  }
}

/* A frame that is referenced elsewhere is copied before drawing, with its
 * timestamps, flags and metadata. */
static void
test_shared (void)
{
  GstHarness *harness = overlay_new (FRAME_CAPS, FALSE);
  g_autoptr (GstBuffer) frame = hot_frame_new (40, 1);
  g_autoptr (GstBuffer) out = NULL;
  g_autoptr (FeclipVerdict) verdict = NULL;

  GST_BUFFER_DTS (frame) = 20 * GST_MSECOND;
  GST_BUFFER_DURATION (frame) = 40 * GST_MSECOND;
  GST_BUFFER_OFFSET (frame) = 7;
  GST_BUFFER_FLAG_SET (frame, GST_BUFFER_FLAG_MARKER);
  out = gst_harness_push_and_pull (harness, gst_buffer_ref (frame));
  g_assert_true (out != frame);
  g_assert_cmpint (frame_pixel (frame), ==, 0);
  g_assert_cmpint (frame_pixel (out), ==, 255);
  g_assert_cmpuint (GST_BUFFER_PTS (out), ==, GST_BUFFER_PTS (frame));
  g_assert_cmpuint (GST_BUFFER_DTS (out), ==, GST_BUFFER_DTS (frame));
  g_assert_cmpuint (GST_BUFFER_DURATION (out), ==, GST_BUFFER_DURATION (frame));
  g_assert_cmpuint (GST_BUFFER_OFFSET (out), ==, 7);
  g_assert_true (GST_BUFFER_FLAG_IS_SET (out, GST_BUFFER_FLAG_MARKER));
  verdict = feclip_verdict_from_buffer (out);
  g_assert_nonnull (verdict);
  gst_harness_teardown (harness);
}

/* Properties take effect with the next frame. */
static void
test_properties (void)
{
  GstHarness *harness = overlay_new (FRAME_CAPS, FALSE);
  g_autoptr (GstBuffer) out = NULL;
  guint8 pixel = 0;

  g_assert_cmpint (overlay_push (harness, hot_frame_new (0, 1)), ==, 255);
  gst_harness_set (harness, "feclipoverlay", "alpha", 0.5, NULL);
  pixel = overlay_push (harness, hot_frame_new (1, 1));
  g_assert_cmpint (pixel, >=, 127);
  g_assert_cmpint (pixel, <=, 128);
  /* Turbo ends in a dark red. */
  gst_harness_set (harness, "feclipoverlay", "alpha", 1.0, "colormap", 0, NULL);
  pixel = overlay_push (harness, hot_frame_new (2, 1));
  g_assert_cmpint (pixel, >, 20);
  g_assert_cmpint (pixel, <, 60);
  gst_harness_set (harness, "feclipoverlay", "draw-heatmap", FALSE, NULL);
  g_assert_cmpint (overlay_push (harness, hot_frame_new (3, 1)), ==, 0);
  /* The box around the whole frame covers its first pixel. */
  gst_harness_set (harness, "feclipoverlay", "draw-boxes", TRUE, "box-color",
                   0xffffffff, NULL);
  out = gst_harness_push_and_pull (harness, hot_frame_new (4, 1));
  gst_buffer_extract (out, 0, &pixel, 1);
  g_assert_cmpint (pixel, ==, 255);
  g_assert_cmpint (frame_pixel (out), ==, 0);
  gst_harness_teardown (harness);
}

/* Each property can be set and read back. */
static void
test_property_values (void)
{
  g_autoptr (GstElement) element =
      gst_object_ref_sink (gst_element_factory_make ("feclipoverlay", NULL));
  g_autofree GParamSpec **props = NULL;
  guint n_props = 0, n_own = 0;

  props =
      g_object_class_list_properties (G_OBJECT_GET_CLASS (element), &n_props);
  for (guint i = 0; i < n_props; i++) {
    g_auto (GValue) set = G_VALUE_INIT;
    g_auto (GValue) got = G_VALUE_INIT;

    if (props[i]->owner_type != G_OBJECT_TYPE (element))
      continue;
    n_own++;
    g_value_init (&set, props[i]->value_type);
    if (G_IS_PARAM_SPEC_DOUBLE (props[i]))
      g_value_set_double (&set, 0.25);
    else if (G_IS_PARAM_SPEC_ENUM (props[i]))
      g_value_set_enum (&set, 2);
    else if (G_IS_PARAM_SPEC_BOOLEAN (props[i]))
      g_value_set_boolean (&set, FALSE);
    else if (G_IS_PARAM_SPEC_UINT (props[i]))
      g_value_set_uint (&set, 0x80123456);
    else
      g_value_set_uint64 (&set, GST_CLOCK_TIME_NONE);
    g_object_set_property (G_OBJECT (element), props[i]->name, &set);
    g_value_init (&got, props[i]->value_type);
    g_object_get_property (G_OBJECT (element), props[i]->name, &got);
    g_assert_cmpint (gst_value_compare (&set, &got), ==, GST_VALUE_EQUAL);
  }
  g_assert_cmpuint (n_own, ==, 10);
}

/* How long frames without a result show the last one. */
static void
test_expiry (void)
{
  static const struct {
    GstClockTime expire;
    int time; /* in ms, after a result at 1000 */
    gboolean drawn;
  } cases[] = {
      {GST_SECOND, 1040, TRUE},
      {GST_SECOND, 2000, TRUE},
      {GST_SECOND, 2001, FALSE},
      {GST_SECOND, -1, FALSE},
      {0, 1001, FALSE},
      {GST_CLOCK_TIME_NONE, 900000, TRUE},
      {GST_CLOCK_TIME_NONE, -1, TRUE},
      {GST_SECOND, 500, TRUE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    GstHarness *harness = overlay_new (FRAME_CAPS, FALSE);

    gst_harness_set (harness, "feclipoverlay", "expire-overlay",
                     cases[i].expire, NULL);
    g_assert_cmpint (overlay_push (harness, frame_new (960)), ==, 0);
    g_assert_cmpint (overlay_push (harness, hot_frame_new (1000, 1)), ==, 255);
    g_assert_cmpint (overlay_push (harness, frame_new (cases[i].time)), ==,
                     cases[i].drawn ? 255 : 0);
    gst_harness_teardown (harness);
  }
}

/* A result without defects replaces one with defects. */
static void
test_replacement (void)
{
  GstHarness *harness = overlay_new (FRAME_CAPS, FALSE);

  g_assert_cmpint (overlay_push (harness, hot_frame_new (0, 1)), ==, 255);
  g_assert_cmpint (overlay_push (harness, hot_frame_new (40, 0.8f)), ==, 204);
  g_assert_cmpint (overlay_push (harness, hot_frame_new (80, 0.1f)), ==, 0);
  g_assert_cmpint (overlay_push (harness, frame_new (120)), ==, 0);
  gst_harness_teardown (harness);
}

static void
test_flush_and_eos (void)
{
  GstHarness *harness = overlay_new (FRAME_CAPS, FALSE);
  GstSegment segment;

  g_assert_cmpint (overlay_push (harness, hot_frame_new (0, 1)), ==, 255);
  gst_harness_push_event (harness, gst_event_new_flush_start ());
  gst_harness_push_event (harness, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (harness, gst_event_new_segment (&segment));
  g_assert_cmpint (overlay_push (harness, frame_new (40)), ==, 0);
  g_assert_cmpint (overlay_push (harness, hot_frame_new (80, 1)), ==, 255);

  g_assert_true (gst_harness_push_event (harness, gst_event_new_eos ()));
  g_assert_cmpint (gst_harness_push (harness, frame_new (120)), ==,
                   GST_FLOW_EOS);
  gst_harness_teardown (harness);
}

/* A buffer that holds no frame is reported and pushed; an empty buffer is
 * pushed without a warning. */
static void
test_odd_buffers (void)
{
  GstHarness *harness = overlay_new (FRAME_CAPS, FALSE);
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GstBuffer) out = NULL;
  GstBuffer *small = hot_frame_new (0, 1);

  gst_element_set_bus (harness->element, bus);
  out = gst_harness_push_and_pull (harness, gst_buffer_new ());
  g_assert_cmpuint (gst_buffer_get_size (out), ==, 0);
  g_assert_false (gst_bus_have_pending (bus));
  gst_clear_buffer (&out);

  gst_buffer_set_size (small, 100);
  out = gst_harness_push_and_pull (harness, small);
  g_assert_cmpuint (gst_buffer_get_size (out), ==, 100);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
  g_assert_nonnull (message);
  g_assert_cmpint (overlay_push (harness, hot_frame_new (40, 1)), ==, 255);
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}

/* Text and lines on frames down to a single pixel. */
static void
test_sizes (void)
{
  static const guint sizes[][2] = {{1, 1},   {2, 3},     {16, 16},   {17, 500},
                                   {500, 9}, {320, 240}, {40000, 1}, {1921, 3}};
  GstHarness *harness = gst_harness_new_parse ("feclipoverlay");

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (FeclipVerdict) verdict = uniform_verdict_new (1);
    g_autoptr (GstBuffer) out = NULL;
    GstBuffer *buffer = NULL;
    GstVideoInfo info;

    image_info (&info, GST_VIDEO_FORMAT_I420, sizes[i][0], sizes[i][1]);
    gst_harness_set_src_caps (harness, gst_video_info_to_caps (&info));
    buffer = image_new (&info);
    feclip_verdict_attach (verdict, buffer, sizes[i][0], sizes[i][1], NULL);
    out = gst_harness_push_and_pull (harness, buffer);
    g_assert_cmpuint (gst_buffer_get_size (out), ==, info.size);
  }
  gst_harness_teardown (harness);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/overlay/untouched", test_untouched);
  g_test_add_func ("/overlay/shared", test_shared);
  g_test_add_func ("/overlay/properties", test_properties);
  g_test_add_func ("/overlay/property-values", test_property_values);
  g_test_add_func ("/overlay/expiry", test_expiry);
  g_test_add_func ("/overlay/replacement", test_replacement);
  g_test_add_func ("/overlay/flush-and-eos", test_flush_and_eos);
  g_test_add_func ("/overlay/odd-buffers", test_odd_buffers);
  g_test_add_func ("/overlay/sizes", test_sizes);
  return g_test_run ();
}
