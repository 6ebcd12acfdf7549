/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tiles and regions of the feclip element, the latter while it plays. */
#include <string.h>

#include "gst_analyser.h"
#include "gst_picture.h"

static FeclipResult *
analyse (GstHarness *harness)
{
  GstVideoInfo info;

  picture_info (&info, GST_VIDEO_FORMAT_RGB, 64, 48);
  return analyser_analyse (harness, &info, picture_new (&info));
}

static void
test_tiles (void)
{
  g_autoptr (GstElement) element = analyser_make_element ();
  g_autoptr (FeclipResult) result = NULL;
  GstHarness *harness = NULL;

  g_object_set (element, "tiles", "2x2", "tile-overlap", 0.25, NULL);
  harness = gst_harness_new_with_element (element, "sink", "src");
  result = analyse (harness);
  g_assert_cmpuint (result->tile_columns, ==, 2);
  g_assert_cmpuint (result->tile_rows, ==, 2);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpfloat (result->tile_scores[i], <=, result->score);
  g_assert_cmpfloat (result->mean_score, <=, result->score);
  g_assert_cmpfloat (result->width, ==, 1);
  gst_harness_teardown (harness);
}

/* Whether the whole left half of the map is at the floor. */
static gboolean
is_left_ignored (const FeclipResult *result)
{
  for (guint i = 0; i < result->map_width * result->map_height; i++) {
    if (i % result->map_width < result->map_width / 2 && result->map[i] != 0)
      return FALSE;
  }
  return TRUE;
}

static void
test_regions (void)
{
  GstHarness *harness = analyser_new ();
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (FeclipResult) before = NULL, ignored = NULL, kept = NULL;
  g_autoptr (FeclipResult) after = NULL;

  gst_element_set_bus (harness->element, bus);
  before = analyse (harness);
  g_object_set (harness->element, "ignore-regions", "0,0 0.5,0 0.5,1 0,1",
                NULL);
  ignored = analyse (harness);
  g_assert_false (is_left_ignored (before));
  g_assert_true (is_left_ignored (ignored));

  g_object_set (harness->element, "ignore-regions", "0.5", NULL);
  kept = analyse (harness);
  analyser_assert_same ("after regions that cannot be read", kept, ignored);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
  g_assert_nonnull (message);
  gst_message_parse_warning (message, &error, NULL);
  g_assert_nonnull (strstr (error->message, "ignore-regions"));

  g_object_set (harness->element, "ignore-regions", NULL, NULL);
  after = analyse (harness);
  analyser_assert_same ("without regions again", after, before);
  g_assert_null (gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING));
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gst-regions/tiles", test_tiles);
  g_test_add_func ("/gst-regions/regions", test_regions);
  return g_test_run ();
}
