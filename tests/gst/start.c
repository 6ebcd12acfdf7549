/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the feclip element starts: what it refuses, what it warns of, and that it
 * starts again. */
#include <string.h>

#include "support/gst_analyser.h"
#include "support/gst_test_image.h"
#include "support/scratch.h"

/* Returns: (transfer full): what a frame carries */
static FeclipVerdict *
pass (GstHarness *harness)
{
  g_autoptr (GstBuffer) out = NULL;
  GstVideoInfo info;

  image_info (&info, GST_VIDEO_FORMAT_NV12, 96, 64);
  out = analyser_push (harness, &info, image_new (&info));
  return feclip_verdict_from_buffer (out);
}

/* Fails the test unless the element refuses to start, with a message of
 * @domain that holds @word. */
static void
assert_refuses (GstElement *element, GQuark domain, const char *word)
{
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  gst_element_set_bus (element, bus);
  g_assert_cmpint (gst_element_set_state (element, GST_STATE_READY), ==,
                   GST_STATE_CHANGE_FAILURE);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  g_assert_nonnull (message);
  gst_message_parse_error (message, &error, NULL);
  g_test_message ("%s", error->message);
  g_assert_true (error->domain == domain);
  g_assert_nonnull (strstr (error->message, word));
  g_assert_null (strchr (error->message, '\n'));
  g_assert_null (gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR));
  gst_element_set_bus (element, NULL);
  gst_element_set_state (element, GST_STATE_NULL);
}

/* Plain CLIP scores frames; that there is no map is said once. */
static void
test_no_adapters (void)
{
  g_autoptr (GstElement) element = analyser_make_element ();
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (FeclipVerdict) verdict = NULL;
  g_autoptr (GError) error = NULL;
  GstHarness *harness = NULL;

  g_object_set (element, "adapter-file", NULL, NULL);
  gst_element_set_bus (element, bus);
  harness = gst_harness_new_with_element (element, "sink", "src");
  verdict = pass (harness);
  g_assert_nonnull (verdict);
  g_assert_null (verdict->result->map);

  message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
  g_assert_nonnull (message);
  gst_message_parse_warning (message, &error, NULL);
  g_assert_nonnull (strstr (error->message, "adapter-file"));
  g_assert_null (gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING));
  gst_element_set_bus (element, NULL);
  gst_harness_teardown (harness);
}

static void
test_refusals (void)
{
  static const struct {
    const char *property;
    const char *value;
    const char *word;
  } cases[] = {
      {"model-file", NOWHERE "/weights.safetensors", NOWHERE "/weights"},
      {"model-file", FECLIP_TEST_DATA "/golden/image0.png", "image0.png"},
      {"adapter-file", NOWHERE "/adapter.safetensors", NOWHERE "/adapter"},
      {"device", "no such device", "no such device"},
      {"tap-blocks", "0,99", "99"},
      {"tiles", "0x2", "0x2"},
      {"ignore-regions", "0.5,0.5", "ignore-regions"},
      {"regions-file", NOWHERE "/regions", NOWHERE "/regions"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GstElement) element =
        gst_object_ref_sink (analyser_make_element ());
    gboolean file = g_str_has_suffix (cases[i].property, "-file");

    g_object_set (element, cases[i].property, cases[i].value, NULL);
    assert_refuses (element, file ? GST_RESOURCE_ERROR : GST_LIBRARY_ERROR,
                    cases[i].word);
  }
}

/* The built-in model, and that it is that one is said. */
static void
test_no_model_file (void)
{
  g_autoptr (GstElement) element =
      gst_object_ref_sink (gst_element_factory_make ("feclip", NULL));
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  gst_element_set_bus (element, bus);
  g_assert_cmpint (gst_element_set_state (element, GST_STATE_READY), ==,
                   GST_STATE_CHANGE_SUCCESS);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_INFO);
  g_assert_nonnull (message);
  gst_message_parse_info (message, &error, NULL);
  g_assert_nonnull (strstr (error->message, "built-in model"));
  g_assert_nonnull (strstr (error->message, "model-file"));
  gst_element_set_bus (element, NULL);
  gst_element_set_state (element, GST_STATE_NULL);

  g_setenv ("FECLIP_BUILTIN_MODEL", NOWHERE "/builtin", TRUE);
  assert_refuses (element, GST_RESOURCE_ERROR, NOWHERE "/builtin");
  g_object_set (element, "model-file", "", NULL);
  assert_refuses (element, GST_RESOURCE_ERROR, NOWHERE "/builtin");
  g_unsetenv ("FECLIP_BUILTIN_MODEL");
}

/* A refused start is no end: the element starts when the property is mended,
 * and again after each stop. */
static void
test_state_cycles (void)
{
  static const GstState states[] = {
      GST_STATE_READY,  GST_STATE_NULL,  GST_STATE_PAUSED, GST_STATE_READY,
      GST_STATE_PAUSED, GST_STATE_READY, GST_STATE_NULL,
  };
  g_autoptr (GstElement) element =
      gst_object_ref_sink (analyser_make_element ());
  GstHarness *harness = NULL;

  g_object_set (element, "model", NOWHERE "/file", NULL);
  assert_refuses (element, GST_RESOURCE_ERROR, NOWHERE "/file");
  g_object_set (element, "model", ANALYSER_MODEL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    g_assert_cmpint (gst_element_set_state (element, states[i]), ==,
                     GST_STATE_CHANGE_SUCCESS);
  harness = gst_harness_new_with_element (element, "sink", "src");
  for (guint i = 0; i < 2; i++) {
    g_autoptr (FeclipVerdict) verdict = pass (harness);

    g_assert_nonnull (verdict);
  }
  gst_harness_teardown (harness);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/start/refusals", test_refusals);
  g_test_add_func ("/start/no-adapters", test_no_adapters);
  g_test_add_func ("/start/no-model-file", test_no_model_file);
  g_test_add_func ("/start/state-cycles", test_state_cycles);
  return g_test_run ();
}
