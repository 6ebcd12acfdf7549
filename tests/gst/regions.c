/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tiles and regions of the feclip element; the regions change while it
 * plays. */
#include <string.h>

#include <feclip/detector.h>

#include "support/gst_analyser.h"
#include "support/gst_test_image.h"

static FeclipResult *
analyse (GstHarness *harness)
{
  GstVideoInfo info;

  image_info (&info, GST_VIDEO_FORMAT_RGB, 64, 48);
  return analyser_analyse (harness, &info, image_new (&info));
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

/* Returns: whether the whole left half of the map is 0 */
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

/* Regions of interest */

enum { WIDTH = 64, HEIGHT = 48 };

static GstVideoRegionOfInterestMeta *
find_region (GstBuffer *buffer, const char *type)
{
  GstVideoRegionOfInterestMeta *region = NULL;
  gpointer state = NULL;

  while ((region =
              (GstVideoRegionOfInterestMeta *)gst_buffer_iterate_meta_filtered (
                  buffer, &state, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE)))
    if (region->roi_type == g_quark_from_string (type))
      return region;
  return NULL;
}

static double
region_score (GstBuffer *buffer, const char *type)
{
  GstVideoRegionOfInterestMeta *region = find_region (buffer, type);
  GstStructure *found = NULL;
  gboolean anomalous = FALSE;
  double score = 0, threshold = 0;

  g_assert_nonnull (region);
  found = gst_video_region_of_interest_meta_get_param (region, "anomaly");
  g_assert_nonnull (found);
  g_assert_true (gst_structure_get (
      found, "score", G_TYPE_DOUBLE, &score, "threshold", G_TYPE_DOUBLE,
      &threshold, "anomalous", G_TYPE_BOOLEAN, &anomalous, NULL));
  g_assert_cmpfloat (threshold, ==, 0.5);
  g_assert_cmpint (anomalous, ==, score >= threshold);
  return score;
}

/* Returns: the score of a rectangle of the frame, analysed alone */
static double
alone (GstBuffer *buffer, guint x, guint y, guint width, guint height)
{
  g_autoptr (FeclipDetector) detector = analyser_make_detector (NULL);
  g_autoptr (FeclipResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GstMapInfo map;
  FeclipFrame frame = {
      .format = FECLIP_PIXEL_FORMAT_RGB, .width = width, .height = height};

  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_READ));
  frame.planes[0] = map.data + y * WIDTH * 3 + x * 3;
  frame.strides[0] = WIDTH * 3;
  result = feclip_detector_analyse (detector, &frame, &error);
  g_assert_no_error (error);
  gst_buffer_unmap (buffer, &map);
  return result->score;
}

static void
test_roi_list (void)
{
  GstHarness *harness = analyser_new ();
  GstBuffer *buffer = NULL;
  g_autoptr (GstBuffer) out = NULL;
  g_autoptr (GstBuffer) bare = NULL;
  g_autoptr (FeclipVerdict) verdict = NULL;
  GstVideoInfo info;
  double part, label;

  g_object_set (harness->element, "pixel-threshold", 0.01, NULL);
  gst_util_set_object_arg (G_OBJECT (harness->element), "inference-region",
                           "roi-list");
  image_info (&info, GST_VIDEO_FORMAT_RGB, WIDTH, HEIGHT);
  buffer = image_new (&info);
  gst_buffer_add_video_region_of_interest_meta (buffer, "anomaly", 0, 0, 9, 9);
  gst_buffer_add_video_region_of_interest_meta (buffer, "outside", 64, 0, 9, 9);
  gst_buffer_add_video_region_of_interest_meta (buffer, "part", 5, 7, 24, 24);
  gst_buffer_add_video_region_of_interest_meta (buffer, "label", 40, 20, 99,
                                                99);
  out = analyser_push (harness, &info, buffer);

  part = region_score (out, "part");
  label = region_score (out, "label");
  g_assert_cmpfloat_with_epsilon (part, alone (out, 5, 7, 24, 24), 1e-5);
  g_assert_cmpfloat_with_epsilon (label, alone (out, 40, 20, 24, 28), 1e-5);
  g_assert_cmpfloat (part, !=, label);
  g_assert_null (gst_video_region_of_interest_meta_get_param (
      find_region (out, "outside"), "anomaly"));
  verdict = feclip_verdict_from_buffer (out);
  g_assert_nonnull (verdict);
  g_assert_cmpfloat (verdict->result->score, ==, MAX (part, label));
  g_assert_cmpfloat (verdict->result->width, ==, 1);
  /* The corner was not analysed. */
  g_assert_cmpfloat (verdict->result->map[0], ==, 0);

  bare = analyser_push (harness, &info, image_new (&info));
  g_assert_null (feclip_verdict_from_buffer (bare));
  gst_harness_teardown (harness);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gst-regions/tiles", test_tiles);
  g_test_add_func ("/gst-regions/regions", test_regions);
  g_test_add_func ("/gst-regions/roi-list", test_roi_list);
  return g_test_run ();
}
