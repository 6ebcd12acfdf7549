/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The feclip element's thresholds from a calibration file and from its own
 * frames. */
#include <feclip/calibration.h>
#include <glib/gstdio.h>
#include <string.h>

#include "support/gst_analyser.h"
#include "support/gst_test_image.h"
#include "support/scratch.h"

typedef struct {
  char *folder;
  char *path; /* a calibration for the element */
  char *broken;
  GstElement *element;
  GstBus *bus;
  double threshold; /* what the file says */
  double pixel_threshold;
} Fixture;

/* Returns: (transfer full): a calibration for maps of a type */
static FeclipCalibration *
make_calibration (FeclipMapType map_type)
{
  const float cell = 0.625f;
  g_autoptr (FeclipResult) result = feclip_result_new (&(FeclipResult){
      .score = 0.375,
      .map_type = map_type,
      .map_width = 1,
      .map_height = 1,
      .map = &cell,
  });
  FeclipCalibration *calibration = feclip_calibration_new (0.5);

  feclip_calibration_add (calibration, result);
  feclip_calibration_finish (calibration, ANALYSER_MODEL, NULL);
  return calibration;
}

static void
set_up (Fixture *self, gconstpointer unused)
{
  g_autoptr (FeclipCalibration) calibration =
      make_calibration (FECLIP_MAP_TYPE_PROBABILITY);
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("feclip-calibration-XXXXXX", &error);
  g_assert_no_error (error);
  self->path = g_build_filename (self->folder, "thresholds.json", NULL);
  self->broken = g_build_filename (self->folder, "broken.json", NULL);
  g_assert_true (feclip_calibration_save (calibration, self->path, NULL));
  g_assert_true (g_file_set_contents (self->broken, "{}", -1, NULL));
  self->threshold = calibration->threshold;
  self->pixel_threshold = calibration->pixel_threshold;
  self->element = gst_object_ref_sink (analyser_make_element ());
  self->bus = gst_bus_new ();
  gst_element_set_bus (self->element, self->bus);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  gst_element_set_bus (self->element, NULL);
  gst_element_set_state (self->element, GST_STATE_NULL);
  gst_object_unref (self->element);
  gst_object_unref (self->bus);
  g_remove (self->path);
  g_remove (self->broken);
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  g_free (self->path);
  g_free (self->broken);
  g_free (self->folder);
}

static void
assert_thresholds (Fixture *self, double threshold, double pixel_threshold)
{
  double got = 0, got_pixel = 0;

  g_object_get (self->element, "threshold", &got, "pixel-threshold", &got_pixel,
                NULL);
  g_assert_cmpfloat (got, ==, threshold);
  g_assert_cmpfloat (got_pixel, ==, pixel_threshold);
}

static FeclipVerdict *
pass (GstHarness *harness, guint number)
{
  g_autoptr (GstBuffer) out = NULL;
  GstVideoInfo info;
  GstBuffer *buffer = NULL;

  image_info (&info, GST_VIDEO_FORMAT_NV12, 96, 64);
  buffer = number % 2 ? image_new_gray (&info) : image_new (&info);
  GST_BUFFER_PTS (buffer) = number * 40 * GST_MSECOND;
  out = analyser_push (harness, &info, buffer);
  return feclip_verdict_from_buffer (out);
}

static void
assert_warning (Fixture *self, const char *part)
{
  g_autoptr (GstMessage) message =
      gst_bus_pop_filtered (self->bus, GST_MESSAGE_WARNING);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (message);
  gst_message_parse_warning (message, &error, NULL);
  g_assert_nonnull (strstr (error->message, part));
}

/* The file is read at the start. It replaces a threshold that was set before
 * the file, not one set after it. */
static void
test_file (Fixture *self, gconstpointer unused)
{
  g_object_set (self->element, "threshold", 0.1, "calibration-file", self->path,
                "pixel-threshold", 0.2, NULL);
  assert_thresholds (self, 0.1, 0.2);
  gst_element_set_state (self->element, GST_STATE_READY);
  assert_thresholds (self, self->threshold, 0.2);
  /* In READY the file is read with the next state change. */
  g_object_set (self->element, "calibration-file", self->path, NULL);
  assert_thresholds (self, self->threshold, 0.2);
  gst_element_set_state (self->element, GST_STATE_PAUSED);
  assert_thresholds (self, self->threshold, self->pixel_threshold);
  g_object_set (self->element, "threshold", 0.9, NULL);
  gst_element_set_state (self->element, GST_STATE_NULL);
  gst_element_set_state (self->element, GST_STATE_READY);
  assert_thresholds (self, 0.9, self->pixel_threshold);
  g_assert_null (gst_bus_pop_filtered (self->bus, GST_MESSAGE_WARNING));
}

static void
test_file_while_playing (Fixture *self, gconstpointer unused)
{
  g_autofree char *file = NULL;

  gst_element_set_state (self->element, GST_STATE_PLAYING);
  g_object_set (self->element, "threshold", 0.1, "pixel-threshold", 0.2,
                "calibration-file", self->broken, NULL);
  assert_warning (self, "broken.json is not a calibration");
  assert_thresholds (self, 0.1, 0.2);
  g_object_set (self->element, "calibration-file", self->path, NULL);
  assert_thresholds (self, self->threshold, self->pixel_threshold);
  g_object_set (self->element, "calibration-file", NULL, NULL);
  assert_thresholds (self, self->threshold, self->pixel_threshold);
  g_object_set (self->element, "calibration-file", NOWHERE ".json", NULL);
  assert_warning (self, NOWHERE ".json");
  g_object_get (self->element, "calibration-file", &file, NULL);
  g_assert_cmpstr (file, ==, NOWHERE ".json");
}

static void
assert_refused (Fixture *self, const char *part)
{
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (gst_element_set_state (self->element, GST_STATE_PAUSED), ==,
                   GST_STATE_CHANGE_FAILURE);
  message = gst_bus_pop_filtered (self->bus, GST_MESSAGE_ERROR);
  g_assert_nonnull (message);
  gst_message_parse_error (message, &error, NULL);
  g_assert_nonnull (strstr (error->message, part));
}

static GstBusSyncReply
set_file (GstBus *bus, GstMessage *message, gpointer data)
{
  Fixture *self = data;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING)
    g_object_set (self->element, "calibration-file", self->path, NULL);
  return GST_BUS_PASS;
}

/* While the element opens its model again, which has no adapters and warns of
 * that, it is not PAUSED yet. */
static void
test_file_amid_start (Fixture *self, gconstpointer unused)
{
  gst_element_set_state (self->element, GST_STATE_READY);
  g_object_set (self->element, "adapter-file", NULL, NULL);
  gst_bus_set_sync_handler (self->bus, set_file, self, NULL);
  g_assert_cmpint (gst_element_set_state (self->element, GST_STATE_PAUSED), ==,
                   GST_STATE_CHANGE_SUCCESS);
  gst_bus_set_sync_handler (self->bus, NULL, NULL, NULL);
  assert_thresholds (self, self->threshold, self->pixel_threshold);
}

/* The element does not start with a file that it cannot use, and starts once
 * the file is good. */
static void
test_refusals (Fixture *self, gconstpointer unused)
{
  g_object_set (self->element, "calibration-file", self->broken, NULL);
  assert_refused (self, "broken.json");
  assert_refused (self, "broken.json");
  g_object_set (self->element, "calibration-file", NOWHERE ".json", NULL);
  assert_refused (self, NOWHERE ".json cannot be read");
  g_object_set (self->element, "calibration-file", self->path, "map-type",
                FECLIP_MAP_TYPE_MARGIN, NULL);
  assert_refused (self, "map-type");
  g_object_set (self->element, "map-type", FECLIP_MAP_TYPE_PROBABILITY, NULL);
  g_assert_cmpint (gst_element_set_state (self->element, GST_STATE_PAUSED), ==,
                   GST_STATE_CHANGE_SUCCESS);
  assert_thresholds (self, self->threshold, self->pixel_threshold);
}

static void
test_other_model (Fixture *self, gconstpointer unused)
{
  g_autoptr (FeclipCalibration) calibration =
      make_calibration (FECLIP_MAP_TYPE_PROBABILITY);

  feclip_calibration_finish (calibration, "/models/other.pt", NULL);
  feclip_calibration_save (calibration, self->path, NULL);
  g_object_set (self->element, "calibration-file", self->path, NULL);
  gst_element_set_state (self->element, GST_STATE_READY);
  assert_warning (self, "other.pt");
  assert_thresholds (self, self->threshold, self->pixel_threshold);
}

/* The user sets a property while the element applies a calibration, after the
 * notification of the first threshold. */
static void
set_while_applying (GstElement *element, GParamSpec *pspec,
                    const char *property)
{
  g_signal_handlers_disconnect_by_func (element, set_while_applying,
                                        (gpointer)property);
  g_object_set (element, property, 0.75, NULL);
}

static void
test_user_amid_file (Fixture *self, gconstpointer unused)
{
  g_object_set (self->element, "calibration-file", self->path, NULL);
  g_signal_connect (self->element, "notify::threshold",
                    G_CALLBACK (set_while_applying), "pixel-threshold");
  gst_element_set_state (self->element, GST_STATE_READY);
  assert_thresholds (self, self->threshold, 0.75);
  gst_element_set_state (self->element, GST_STATE_NULL);

  /* Set later than the file, so that it stays when the file is read again. */
  g_signal_connect (self->element, "notify::threshold",
                    G_CALLBACK (set_while_applying), "threshold");
  gst_element_set_state (self->element, GST_STATE_READY);
  assert_thresholds (self, 0.75, 0.75);
  gst_element_set_state (self->element, GST_STATE_NULL);
  gst_element_set_state (self->element, GST_STATE_READY);
  assert_thresholds (self, 0.75, 0.75);
}

static GstMessage *
pop_outcome (Fixture *self)
{
  GstMessage *message = NULL;

  while ((message = gst_bus_pop_filtered (self->bus, GST_MESSAGE_ELEMENT))) {
    if (gst_message_has_name (message, "feclip-calibrated"))
      return message;
    gst_message_unref (message);
  }
  return NULL;
}

static void
assert_outcome (Fixture *self, gboolean complete, guint frames)
{
  g_autoptr (GstMessage) message = pop_outcome (self);
  gboolean got_complete = FALSE;
  guint got_frames = 0;
  double threshold = 0, pixel_threshold = 0, rate = 0, attained = -1;
  const GstStructure *fields = NULL;

  g_assert_nonnull (message);
  fields = gst_message_get_structure (message);
  g_assert_true (gst_structure_get (
      fields, "complete", G_TYPE_BOOLEAN, &got_complete, "frames", G_TYPE_UINT,
      &got_frames, "threshold", G_TYPE_DOUBLE, &threshold, "pixel-threshold",
      G_TYPE_DOUBLE, &pixel_threshold, "false-alarm-rate", G_TYPE_DOUBLE, &rate,
      NULL));
  g_assert_cmpint (got_complete, ==, complete);
  g_assert_cmpuint (got_frames, ==, frames);
  g_assert_cmpfloat (rate, ==, 0.25);
  g_assert_cmpint (
      gst_structure_get_double (fields, "attained-rate", &attained), ==,
      complete);
  if (complete)
    g_assert_cmpfloat_with_epsilon (attained, 0.25, 1e-12);
  assert_thresholds (self, threshold, pixel_threshold);
}

static gboolean
calibrate (Fixture *self, guint n_frames, double rate)
{
  gboolean started = FALSE;

  g_signal_emit_by_name (self->element, "calibrate", n_frames, rate, &started);
  return started;
}

static gboolean
save (Fixture *self, const char *path)
{
  gboolean saved = FALSE;

  g_signal_emit_by_name (self->element, "save-calibration", path, &saved);
  return saved;
}

/* The frames of a calibration are not anomalous afterwards, and start no event
 * during the calibration. */
static void
test_calibrate (Fixture *self, gconstpointer unused)
{
  GstHarness *harness =
      gst_harness_new_with_element (self->element, "sink", "src");
  g_autoptr (FeclipCalibration) saved = NULL;
  double largest = 0;

  g_assert_false (calibrate (self, 0, 0.25));
  g_assert_false (calibrate (self, 3, 0));
  g_assert_false (calibrate (self, 3, 1));
  g_assert_false (save (self, self->path));
  assert_warning (self, "no calibration to save");

  g_object_set (self->element, "threshold", 0.001, NULL);
  g_assert_true (calibrate (self, 3, 0.25));
  for (guint i = 0; i < 3; i++) {
    g_autoptr (FeclipVerdict) verdict = pass (harness, i);

    g_assert_cmpuint (verdict->event_id, ==, 0);
    largest = MAX (largest, verdict->result->score);
    g_assert_true (i == 2 || pop_outcome (self) == NULL);
  }
  assert_outcome (self, TRUE, 3);
  for (guint i = 3; i < 5; i++) {
    g_autoptr (FeclipVerdict) verdict = pass (harness, i);

    g_assert_cmpfloat (verdict->threshold, >, largest);
    g_assert_false (verdict->anomalous);
    g_assert_cmpuint (verdict->event_id, ==, 0);
  }

  g_assert_false (save (self, NOWHERE "/folder.json"));
  assert_warning (self, NOWHERE "/folder.json");
  g_assert_false (save (self, NULL));
  assert_warning (self, "needs the path of a file");
  g_assert_true (save (self, self->path));
  saved = feclip_calibration_load (self->path, NULL);
  g_assert_cmpuint (saved->n_frames, ==, 3);
  g_assert_cmpstr (saved->model, ==, "model.safetensors");
  assert_thresholds (self, saved->threshold, saved->pixel_threshold);
  gst_harness_teardown (harness);
}

static void
test_user_amid_calibrate (Fixture *self, gconstpointer unused)
{
  GstHarness *harness =
      gst_harness_new_with_element (self->element, "sink", "src");
  g_autoptr (FeclipVerdict) verdict = NULL;
  double threshold = 0;

  g_assert_true (calibrate (self, 1, 0.25));
  g_signal_connect (self->element, "notify::threshold",
                    G_CALLBACK (set_while_applying), "pixel-threshold");
  verdict = pass (harness, 0);
  g_object_get (self->element, "threshold", &threshold, NULL);
  g_assert_cmpfloat (threshold, >, verdict->result->score);
  assert_thresholds (self, threshold, 0.75);
  gst_harness_teardown (harness);
}

/* The stream ends too early: the thresholds stay, which is posted. */
static void
test_calibrate_in_vain (Fixture *self, gconstpointer unused)
{
  GstHarness *harness =
      gst_harness_new_with_element (self->element, "sink", "src");

  g_object_set (self->element, "threshold", 0.125, NULL);
  g_assert_true (calibrate (self, 3, 0.25));
  feclip_verdict_free (pass (harness, 0));
  gst_harness_push_event (harness, gst_event_new_eos ());
  assert_outcome (self, FALSE, 1);
  assert_thresholds (self, 0.125, 0.5);
  g_assert_true (calibrate (self, 3, 0.25));
  gst_element_set_state (self->element, GST_STATE_READY);
  assert_outcome (self, FALSE, 0);
  gst_harness_teardown (harness);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*test) (Fixture *, gconstpointer);
  } tests[] = {
      {"/calibration/file", test_file},
      {"/calibration/file-while-playing", test_file_while_playing},
      {"/calibration/file-amid-start", test_file_amid_start},
      {"/calibration/refusals", test_refusals},
      {"/calibration/other-model", test_other_model},
      {"/calibration/calibrate", test_calibrate},
      {"/calibration/user-amid-file", test_user_amid_file},
      {"/calibration/user-amid-calibrate", test_user_amid_calibrate},
      {"/calibration/calibrate-in-vain", test_calibrate_in_vain},
  };

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
