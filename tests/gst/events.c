/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The feclip element's events, smoothing and min-area: messages, metadata and
 * the lines of feclippublish. The same image always has the same score, so the
 * tests change the threshold. */
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "support/gst_analyser.h"
#include "support/gst_test_image.h"
#include "support/scratch.h"

enum {
  WIDTH = 96,
  HEIGHT = 64,
};

#define LOW 0.001  /* a threshold that every score reaches */
#define HIGH 0.999 /* and one that none does */

#define GRAY_CAPS \
  "video/x-raw, format=GRAY8, width=64, height=64, framerate=25/1"

static const GstClockTime frame_time = 40 * GST_MSECOND;

/* Returns: (transfer full): the output for frame @number, whose image is gray
 * if @gray */
static GstBuffer *
pass_buffer (GstHarness *harness, guint number, gboolean gray)
{
  GstVideoInfo info;
  GstBuffer *buffer = NULL;

  image_info (&info, GST_VIDEO_FORMAT_NV12, WIDTH, HEIGHT);
  buffer = gray ? image_new_gray (&info) : image_new (&info);
  GST_BUFFER_PTS (buffer) = number * frame_time;
  GST_BUFFER_DURATION (buffer) = frame_time;
  return analyser_push (harness, &info, buffer);
}

static FeclipVerdict *
pass (GstHarness *harness, guint number, double threshold)
{
  g_autoptr (GstElement) element = gst_harness_find_element (harness, "feclip");
  g_autoptr (GstBuffer) out = NULL;

  g_object_set (element, "threshold", threshold, NULL);
  out = pass_buffer (harness, number, FALSE);
  return feclip_verdict_from_buffer (out);
}

/* Returns: (transfer full): the next event's message, or NULL */
static GstMessage *
pop_event (GstBus *bus)
{
  GstMessage *message = NULL;

  while ((message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT))) {
    if (gst_message_has_name (message, "anomaly-start")
        || gst_message_has_name (message, "anomaly-end"))
      return message;
    gst_message_unref (message);
  }
  return NULL;
}

static guint64
get_time (GstMessage *message, const char *name)
{
  guint64 value = 0;

  g_assert_true (gst_structure_get_uint64 (gst_message_get_structure (message),
                                           name, &value));
  return value;
}

static void
assert_event (GstBus *bus, const char *name, guint64 id, const char *reason)
{
  g_autoptr (GstMessage) message = pop_event (bus);

  g_assert_nonnull (message);
  g_assert_true (gst_message_has_name (message, name));
  g_assert_cmpuint (get_time (message, "id"), ==, id);
  g_assert_cmpstr (
      gst_structure_get_string (gst_message_get_structure (message), "reason"),
      ==, reason);
}

/* An event in the messages and in the metadata of each frame. */
static void
test_event (void)
{
  GstHarness *harness = analyser_new ();
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstMessage) start = NULL;
  g_autoptr (GstMessage) end = NULL;
  const guint64 ids[] = {0, 0, 1, 1, 1, 0};
  double score = 0, peak = 0, x = 0, width = 0;

  gst_element_set_bus (harness->element, bus);
  g_object_set (harness->element, "min-event-duration", frame_time,
                "min-clear-duration", frame_time, "pixel-threshold", -1.0,
                NULL);
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++) {
    const gboolean anomalous = i >= 1 && i <= 3;
    g_autoptr (FeclipVerdict) verdict =
        pass (harness, i, anomalous ? LOW : HIGH);

    g_assert_cmpint (verdict->anomalous, ==, anomalous);
    g_assert_cmpuint (verdict->event_id, ==, ids[i]);
    score = verdict->result->score;
  }
  start = pop_event (bus);
  end = pop_event (bus);
  g_assert_null (pop_event (bus));
  g_assert_true (gst_message_has_name (start, "anomaly-start"));
  g_assert_cmpuint (get_time (start, "timestamp"), ==, 2 * frame_time);
  g_assert_cmpuint (get_time (start, "stream-time"), ==, 2 * frame_time);
  g_assert_cmpuint (get_time (start, "running-time"), ==, 2 * frame_time);
  g_assert_cmpuint (get_time (start, "start-time"), ==, frame_time);
  g_assert_true (gst_message_has_name (end, "anomaly-end"));
  g_assert_cmpuint (get_time (end, "id"), ==, get_time (start, "id"));
  g_assert_cmpuint (get_time (end, "timestamp"), ==, 5 * frame_time);
  g_assert_cmpuint (get_time (end, "end-time"), ==, 4 * frame_time);
  g_assert_cmpuint (get_time (end, "duration"), ==, 3 * frame_time);
  g_assert_cmpuint (get_time (end, "frames"), ==, 3);
  g_assert_cmpuint (get_time (end, "peak-time"), ==, frame_time);
  g_assert_true (gst_structure_get (
      gst_message_get_structure (end), "peak-score", G_TYPE_DOUBLE, &peak, "x",
      G_TYPE_DOUBLE, &x, "width", G_TYPE_DOUBLE, &width, NULL));
  g_assert_cmpfloat (peak, ==, score);
  /* Everything is a defect: the analysed square. */
  g_assert_cmpfloat_with_epsilon (x, 1.0 / 6, 0.02);
  g_assert_cmpfloat_with_epsilon (width, 2.0 / 3, 0.02);
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}

/* Each kind of interruption ends an event, and a new event can start
 * afterwards. */
static void
test_cut_short (void)
{
  GstHarness *harness = analyser_new ();
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstElement) element = gst_object_ref (harness->element);
  GstSegment segment;
  guint id = 0;

  gst_element_set_bus (element, bus);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  for (guint i = 0; i < 5; i++) {
    static const char *const reasons[] = {"segment", "flush", "inactive",
                                          "caps", "eos"};
    g_autoptr (FeclipVerdict) verdict = pass (harness, 0, LOW);

    g_assert_cmpuint (verdict->event_id, ==, ++id);
    assert_event (bus, "anomaly-start", id, NULL);
    g_assert_null (pop_event (bus));
    if (i == 0) {
      gst_harness_push_event (harness, gst_event_new_segment (&segment));
    } else if (i == 1) {
      gst_harness_push_event (harness, gst_event_new_flush_start ());
      gst_harness_push_event (harness, gst_event_new_flush_stop (TRUE));
      gst_harness_push_event (harness, gst_event_new_segment (&segment));
    } else if (i == 2) {
      g_object_set (element, "active", FALSE, NULL);
      gst_buffer_unref (pass_buffer (harness, 0, FALSE));
      g_object_set (element, "active", TRUE, NULL);
    } else if (i == 3) {
      gst_harness_set_caps_str (harness, GRAY_CAPS, GRAY_CAPS);
    } else {
      gst_harness_push_event (harness, gst_event_new_eos ());
    }
    g_test_message ("%s", reasons[i]);
    assert_event (bus, "anomaly-end", id, reasons[i]);
  }
  gst_element_set_bus (element, NULL);
  gst_harness_teardown (harness);
}

static void
test_stop (void)
{
  GstHarness *harness = analyser_new ();
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstElement) element = gst_object_ref (harness->element);
  g_autoptr (FeclipVerdict) verdict = NULL;

  gst_element_set_bus (element, bus);
  verdict = pass (harness, 0, LOW);
  gst_element_set_state (element, GST_STATE_READY);
  assert_event (bus, "anomaly-start", 1, NULL);
  assert_event (bus, "anomaly-end", 1, "stopped");
  gst_element_set_bus (element, NULL);
  gst_harness_teardown (harness);
}

/* Frames between analyses belong to the event; messages can be turned off. */
static void
test_quiet (void)
{
  GstHarness *harness = analyser_new ();
  g_autoptr (GstBus) bus = gst_bus_new ();

  gst_element_set_bus (harness->element, bus);
  g_object_set (harness->element, "post-events", FALSE, "inference-interval", 3,
                NULL);
  for (guint i = 0; i < 4; i++) {
    g_autoptr (FeclipVerdict) verdict = pass (harness, i, LOW);

    g_assert_cmpint (verdict->analysed, ==, i % 3 == 0);
    g_assert_cmpuint (verdict->event_id, ==, 1);
  }
  gst_harness_push_event (harness, gst_event_new_eos ());
  g_assert_null (pop_event (bus));
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}

/* The smoothed score is compared with the threshold; the raw score is kept. */
static void
test_smoothing (void)
{
  GstHarness *harness = analyser_new ();
  GstHarness *plain = analyser_new ();
  const double share = 1 - exp (-0.04 / 0.1);
  double score = 0;
  float cell = 0;
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  g_object_set (harness->element, "score-smoothing", 100 * GST_MSECOND,
                "map-time-smoothing", 100 * GST_MSECOND, NULL);
  for (guint i = 0; i < 6; i++) {
    g_autoptr (GstBuffer) buffer = NULL;
    g_autoptr (GstBuffer) plain_buffer = NULL;
    g_autoptr (FeclipVerdict) verdict = NULL;
    g_autoptr (FeclipVerdict) raw = NULL;

    /* Smoothing restarts. */
    if (i == 4)
      gst_harness_push_event (harness, gst_event_new_segment (&segment));
    buffer = pass_buffer (harness, i, i % 2);
    plain_buffer = pass_buffer (plain, i, i % 2);
    verdict = feclip_verdict_from_buffer (buffer);
    raw = feclip_verdict_from_buffer (plain_buffer);
    score = i % 4 == 0 ? raw->result->score
                       : score + (raw->result->score - score) * share;
    cell = i % 4 == 0 ? raw->result->map[9]
                      : cell + (raw->result->map[9] - cell) * (float)share;
    g_assert_cmpfloat (verdict->raw_score, ==, raw->result->score);
    g_assert_cmpfloat_with_epsilon (verdict->result->score, score, 1e-9);
    g_assert_cmpfloat_with_epsilon (verdict->result->map[9], cell, 1e-6);
    g_assert_cmpfloat (raw->raw_score, ==, raw->result->score);
    if (i == 1) {
      g_assert_cmpfloat (fabs (verdict->raw_score - score), >, 1e-4);
      g_object_set (harness->element, "threshold",
                    (verdict->raw_score + score) / 2, NULL);
    }
    if (i == 3)
      g_assert_cmpint (verdict->anomalous, ==, score >= verdict->threshold);
  }
  gst_harness_teardown (plain);
  gst_harness_teardown (harness);
}

static void
test_min_area (void)
{
  GstHarness *harness = analyser_new ();
  const double areas[] = {0, 0.5, 5000, 0};
  const guint expected[] = {1, 1, 0, 1};

  g_object_set (harness->element, "pixel-threshold", -1.0, "inference-interval",
                100, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (areas); i++) {
    g_autoptr (GstBuffer) out = NULL;
    g_autoptr (FeclipVerdict) verdict = NULL;

    g_object_set (harness->element, "min-area", areas[i], NULL);
    out = pass_buffer (harness, i, FALSE);
    verdict = feclip_verdict_from_buffer (out);
    g_assert_cmpfloat (verdict->min_area, ==, areas[i]);
    g_assert_cmpuint (
        gst_buffer_get_n_meta (out, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE),
        ==, expected[i]);
    feclip_verdict_attach (verdict, out, WIDTH, HEIGHT, NULL);
    g_assert_cmpuint (
        gst_buffer_get_n_meta (out, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE),
        ==, expected[i]);
  }
  gst_harness_teardown (harness);
}

/* Lines */

static JsonObject *
get_line (GPtrArray *nodes, guint i)
{
  g_assert_cmpuint (i, <, nodes->len);
  return json_node_get_object (g_ptr_array_index (nodes, i));
}

static GPtrArray *
read_lines (const char *path)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  GPtrArray *nodes =
      g_ptr_array_new_with_free_func ((GDestroyNotify)json_node_unref);

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (g_strchomp (text), "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    JsonNode *node = json_from_string (lines[i], NULL);

    g_assert_nonnull (node);
    g_ptr_array_add (nodes, node);
  }
  return nodes;
}

/* Kind and number of a line's event; "frame" for one of a frame. */
static void
assert_line (GPtrArray *nodes, guint i, const char *kind, gint64 id)
{
  JsonObject *line = get_line (nodes, i);
  JsonObject *event = NULL;

  /* The keys that a reader of DL Streamer's lines needs. */
  g_assert_cmpint (
      json_object_get_int_member (
          json_object_get_object_member (line, "resolution"), "width"),
      ==, WIDTH);
  g_assert_cmpstr (json_object_get_string_member (line, "source"), ==, "cam");
  g_assert_nonnull (json_object_get_array_member (line, "objects"));
  g_assert_true (json_object_has_member (line, "timestamp"));
  if (g_str_equal (kind, "frame")) {
    g_assert_false (json_object_has_member (line, "event"));
    g_assert_cmpint (
        json_object_get_int_member (
            json_object_get_object_member (line, "anomaly"), "event_id"),
        ==, id);
    return;
  }
  g_assert_false (json_object_has_member (line, "anomaly"));
  event = json_object_get_object_member (line, "event");
  g_assert_cmpstr (json_object_get_string_member (event, "kind"), ==, kind);
  g_assert_cmpint (json_object_get_int_member (event, "id"), ==, id);
}

static void
test_lines (void)
{
  g_autofree char *path = scratch_path ("lines.jsonl");
  g_autoptr (GPtrArray) nodes = NULL;
  JsonObject *event = NULL;
  GstSegment segment;
  GstHarness *harness = gst_harness_new_empty ();
  g_autofree char *bin = g_strdup_printf (
      "feclip model-file=" ANALYSER_MODEL " adapter-file=" ANALYSER_ADAPTER
      " ! feclippublish source=cam include-events=true file-path=%s",
      path);

  gst_harness_add_parse (harness, bin);
  gst_harness_play (harness);
  for (guint i = 0; i < 5; i++)
    feclip_verdict_free (pass (harness, i, i == 0 || i == 3 ? HIGH : LOW));
  gst_harness_push_event (harness, gst_event_new_flush_start ());
  gst_harness_push_event (harness, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (harness, gst_event_new_segment (&segment));
  for (guint i = 5; i < 7; i++)
    feclip_verdict_free (pass (harness, i, LOW));
  gst_harness_teardown (harness);

  nodes = read_lines (path);
  assert_line (nodes, 0, "frame", 0);
  assert_line (nodes, 1, "start", 1);
  assert_line (nodes, 2, "frame", 1);
  assert_line (nodes, 3, "frame", 1);
  assert_line (nodes, 4, "end", 1);
  assert_line (nodes, 5, "frame", 0);
  assert_line (nodes, 6, "start", 2);
  assert_line (nodes, 7, "frame", 2);
  assert_line (nodes, 8, "end", 2);
  assert_line (nodes, 9, "start", 3);
  assert_line (nodes, 10, "frame", 3);
  assert_line (nodes, 11, "frame", 3);
  assert_line (nodes, 12, "end", 3);
  g_assert_cmpuint (nodes->len, ==, 13);
  event = json_object_get_object_member (get_line (nodes, 4), "event");
  g_assert_cmpint (json_object_get_int_member (event, "start_time"), ==,
                   frame_time);
  g_assert_cmpint (json_object_get_int_member (event, "end_time"), ==,
                   3 * frame_time);
  g_assert_cmpint (json_object_get_int_member (event, "frames"), ==, 2);
  g_assert_cmpstr (json_object_get_string_member (event, "reason"), ==,
                   "cleared");
  /* feclippublish detects a flush and a stop itself. */
  event = json_object_get_object_member (get_line (nodes, 8), "event");
  g_assert_cmpstr (json_object_get_string_member (event, "reason"), ==,
                   "flush");
  g_assert_cmpint (json_object_get_int_member (event, "frames"), ==, 1);
  event = json_object_get_object_member (get_line (nodes, 12), "event");
  g_assert_cmpstr (json_object_get_string_member (event, "reason"), ==,
                   "stopped");
  g_assert_cmpint (json_object_get_int_member (event, "frames"), ==, 2);
  g_assert_true (json_object_get_null_member (event, "end_time"));
  g_remove (path);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/events/event", test_event);
  g_test_add_func ("/events/cut-short", test_cut_short);
  g_test_add_func ("/events/stop", test_stop);
  g_test_add_func ("/events/quiet", test_quiet);
  g_test_add_func ("/events/smoothing", test_smoothing);
  g_test_add_func ("/events/min-area", test_min_area);
  g_test_add_func ("/events/lines", test_lines);
  return g_test_run ();
}
