/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Normal frames and files in the feclip element. */
#include <feclip/settings.h>
#include <glib/gstdio.h>
#include <string.h>

#include "support/gst_analyser.h"
#include "support/gst_test_image.h"
#include "support/scratch.h"

enum {
  WIDTH = 96,
  HEIGHT = 64,
};

static GstHarness *
start (GstElement *element)
{
  GstHarness *harness = gst_harness_new_with_element (element, "sink", "src");

  g_assert_cmpint (GST_STATE (element), ==, GST_STATE_PLAYING);
  return harness;
}

/* Returns: (transfer full) (nullable): what a colourful frame or a grey one
 * carries */
static FeclipVerdict *
pass (GstHarness *harness, gboolean gray)
{
  g_autoptr (GstBuffer) out = NULL;
  GstVideoInfo info;

  image_info (&info, GST_VIDEO_FORMAT_NV12, WIDTH, HEIGHT);
  out = analyser_push (harness, &info,
                       gray ? image_new_gray (&info) : image_new (&info));
  return feclip_verdict_from_buffer (out);
}

static void
assert_learnt (GstHarness *harness, gboolean gray, guint n_references)
{
  FeclipVerdict *verdict = pass (harness, gray);
  guint known = 0;

  g_assert_null (verdict);
  g_object_get (harness->element, "references", &known, NULL);
  g_assert_cmpuint (known, ==, n_references);
}

/* Returns: the largest number of the map of the references alone */
static double
largest (GstHarness *harness, gboolean gray, guint n_references)
{
  g_autoptr (FeclipVerdict) verdict = pass (harness, gray);
  double peak = 0;

  g_assert_nonnull (verdict);
  g_assert_true (verdict->analysed);
  g_assert_cmpuint (verdict->result->n_references, ==, n_references);
  g_assert_cmpint (verdict->result->map_type, ==, FECLIP_MAP_TYPE_FEW_SHOT);
  for (guint i = 0; i < 64; i++)
    peak = MAX (peak, verdict->result->map[i]);
  return peak;
}

static GstElement *
make_element (void)
{
  GstElement *element = analyser_make_element ();

  gst_util_set_object_arg (G_OBJECT (element), "map-type", "few-shot");
  return element;
}

/* The first frames pass without a verdict, those after them are compared. What
 * is no frame does not count, and a pause forgets nothing. */
static void
test_learn_frames (void)
{
  g_autoptr (GstElement) element = make_element ();
  g_autoptr (GstBuffer) out = NULL;
  GstHarness *harness = NULL;
  GstBuffer *gap = NULL;
  GstVideoInfo info;

  g_object_set (element, "learn-frames", 2, NULL);
  harness = start (element);
  assert_learnt (harness, FALSE, 1);
  image_info (&info, GST_VIDEO_FORMAT_NV12, WIDTH, HEIGHT);
  gap = image_new (&info);
  GST_BUFFER_FLAG_SET (gap, GST_BUFFER_FLAG_GAP);
  out = analyser_push (harness, &info, gap);
  assert_learnt (harness, TRUE, 2);
  g_assert_cmpfloat (largest (harness, TRUE, 2), <, 1e-4);
  gst_element_set_state (element, GST_STATE_READY);
  gst_element_set_state (element, GST_STATE_PLAYING);
  gst_harness_set_src_caps (harness, gst_video_info_to_caps (&info));
  g_assert_cmpfloat (largest (harness, FALSE, 2), <, 1e-4);
  gst_harness_teardown (harness);
}

static void
test_actions (void)
{
  g_autoptr (GstElement) element = make_element ();
  g_autoptr (FeclipVerdict) verdict = NULL;
  GstHarness *harness = NULL;

  g_object_set (element, "learn-frames", 1, "inference-interval", 3, NULL);
  harness = start (element);
  assert_learnt (harness, FALSE, 1);
  g_assert_cmpfloat (largest (harness, FALSE, 1), <, 1e-4);
  g_object_set (element, "inference-interval", 1, NULL);
  g_assert_cmpfloat (largest (harness, TRUE, 1), >, 1e-3);
  g_signal_emit_by_name (element, "learn", 1);
  assert_learnt (harness, TRUE, 2);
  g_assert_cmpfloat (largest (harness, TRUE, 2), <, 1e-4);
  g_assert_cmpfloat (largest (harness, FALSE, 2), <, 1e-4);
  g_signal_emit_by_name (element, "clear-references");
  verdict = pass (harness, FALSE);
  g_assert_nonnull (verdict);
  g_assert_cmpuint (verdict->result->n_references, ==, 0);
  g_assert_cmpuint (verdict->result->map_width, ==, 0);
  gst_harness_teardown (harness);
}

/* What one element learnt, another one loads. */
static void
test_file (void)
{
  g_autofree char *folder = g_dir_make_tmp ("feclip-learnt-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "n.safetensors", NULL);
  g_autoptr (GstElement) element = make_element ();
  g_autoptr (GstElement) second = make_element ();
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstMessage) warning = NULL;
  GstHarness *harness = start (element);
  gboolean saved = TRUE;

  gst_element_set_bus (element, bus);
  g_signal_emit_by_name (element, "save-references", path, &saved);
  g_assert_false (saved);
  warning = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
  g_assert_nonnull (warning);
  g_signal_emit_by_name (element, "learn", 1);
  assert_learnt (harness, FALSE, 1);
  g_signal_emit_by_name (element, "save-references", path, &saved);
  g_assert_true (saved);
  gst_element_set_bus (element, NULL);
  gst_harness_teardown (harness);

  g_object_set (second, "reference-location", path, "reference-limit", 5, NULL);
  harness = start (second);
  g_assert_cmpfloat (largest (harness, FALSE, 1), >, 1e-4);
  gst_harness_teardown (harness);
  g_unlink (path);
  g_rmdir (folder);
}

/* What cannot be learnt stops the start and is named. */
static void
test_bad_locations (void)
{
  static const char *const locations[] = {
      NOWHERE "/normal.png", FECLIP_TEST_DATA "/golden/model.safetensors",
      FECLIP_TEST_DATA "/golden/README.md"};

  for (guint i = 0; i < G_N_ELEMENTS (locations); i++) {
    g_autoptr (GstElement) element = gst_object_ref_sink (make_element ());
    g_autoptr (GstBus) bus = gst_bus_new ();
    g_autoptr (GstMessage) message = NULL;
    g_autoptr (GError) error = NULL;

    gst_element_set_bus (element, bus);
    g_object_set (element, "reference-location", locations[i], NULL);
    g_assert_cmpint (gst_element_set_state (element, GST_STATE_READY), ==,
                     GST_STATE_CHANGE_FAILURE);
    message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
    g_assert_nonnull (message);
    gst_message_parse_error (message, &error, NULL);
    g_assert_true (strstr (error->message, locations[i]));
    gst_element_set_bus (element, NULL);
    gst_element_set_state (element, GST_STATE_NULL);
  }
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gst-references/learn-frames", test_learn_frames);
  g_test_add_func ("/gst-references/actions", test_actions);
  g_test_add_func ("/gst-references/file", test_file);
  g_test_add_func ("/gst-references/bad-locations", test_bad_locations);
  return g_test_run ();
}
