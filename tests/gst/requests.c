/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The feclip element with several analyses in flight: what leaves, in which
 * order, and what happens to it in the middle. */
#include "support/gst_analyser.h"
#include "support/gst_gate.h"
#include "support/gst_numbered.h"

static GstVideoInfo frames;

/* Something that waits, in a thread of its own. */
typedef struct {
  GstHarness *harness;
  GstBuffer *buffer;
  GstEvent *event;
  GThread *thread;
} Call;

static gpointer
run (gpointer data)
{
  Call *self = data;

  if (self->buffer != NULL)
    return GINT_TO_POINTER (gst_harness_push (self->harness, self->buffer));
  return GINT_TO_POINTER (gst_harness_push_event (self->harness, self->event));
}

static Call *
call (GstHarness *harness, GstBuffer *buffer, GstEvent *event)
{
  Call *self = g_new (Call, 1);

  *self = (Call){harness, buffer, event, NULL};
  self->thread = g_thread_new ("call", run, self);
  return self;
}

/* Returns: what the call returned */
static int
finish (Call *self)
{
  int ret = GPOINTER_TO_INT (g_thread_join (self->thread));

  g_free (self);
  return ret;
}

/* Order */

static void
test_many (void)
{
  GstHarness *harness = numbered_harness (&frames, "nireq=3");
  const guint n = 60;
  GstMemory *memories[60];

  for (guint i = 0; i < n; i++) {
    GstBuffer *buffer = numbered_new (&frames, i);

    memories[i] = gst_buffer_peek_memory (buffer, 0);
    numbered_push (harness, buffer);
  }
  for (guint i = 0; i < n; i++) {
    g_autoptr (GstBuffer) out = gst_harness_pull (harness);

    numbered_assert_analysed (out, &frames, i);
    g_assert_true (gst_buffer_peek_memory (out, 0) == memories[i]);
  }
  numbered_await_stat (harness, "frames", n);
  g_assert_cmpuint (numbered_get_stat (harness, "analysed"), ==, n);
  g_assert_cmpuint (numbered_get_stat (harness, "in-flight"), ==, 0);
  g_assert_cmpuint (numbered_get_stat (harness, "p50-delay"), <=,
                    numbered_get_stat (harness, "p95-delay"));
  g_assert_cmpuint (numbered_get_stat (harness, "p50-analysis-time"), >, 0);
  g_assert_cmpuint (numbered_get_stat (harness, "p50-analysis-time"), <=,
                    numbered_get_stat (harness, "p95-analysis-time"));
  gst_harness_teardown (harness);
}

/* What was found first does not leave first. */
static void
test_slow_first (void)
{
  GstHarness *harness = numbered_harness (&frames, "nireq=3");

  gate_close ();
  numbered_push (harness, numbered_new_gated (&frames, 0));
  gate_await (1);
  numbered_push (harness, numbered_new (&frames, 1));
  numbered_push (harness, numbered_new (&frames, 2));
  numbered_await_stat (harness, "in-flight", 1);
  g_assert_null (gst_harness_try_pull (harness));
  gate_open ();
  for (guint i = 0; i < 3; i++)
    numbered_assert_next_analysed (harness, &frames, i);
  gst_harness_teardown (harness);
}

/* All requests work at the same time, and the next frame waits for one of
 * them. */
static void
test_in_flight (void)
{
  GstHarness *harness = numbered_harness (&frames, "nireq=3");
  Call *fourth = NULL;

  gate_close ();
  for (guint i = 0; i < 3; i++)
    numbered_push (harness, numbered_new_gated (&frames, i));
  gate_await (3);
  g_assert_cmpuint (numbered_get_stat (harness, "in-flight"), ==, 3);
  fourth = call (harness, numbered_new (&frames, 3), NULL);
  g_usleep (50 * 1000);
  g_assert_cmpuint (numbered_get_stat (harness, "frames"), ==, 0);
  gate_open ();
  g_assert_cmpint (finish (fourth), ==, GST_FLOW_OK);
  for (guint i = 0; i < 4; i++)
    numbered_assert_next_analysed (harness, &frames, i);
  gst_harness_teardown (harness);
}

/* Frames between analyses do not keep requests from being used. */
static void
test_interval (void)
{
  GstHarness *harness =
      numbered_harness (&frames, "nireq=2 inference-interval=3");

  gate_close ();
  for (guint i = 0; i < 6; i++)
    numbered_push (harness, i % 3 == 0 ? numbered_new_gated (&frames, i)
                                       : numbered_new (&frames, i));
  gate_await (2);
  gate_open ();
  for (guint i = 0; i < 6; i++) {
    g_autoptr (GstBuffer) out = gst_harness_pull (harness);
    g_autoptr (FeclipVerdict) verdict = NULL;

    if (i % 3 == 0) {
      numbered_assert_analysed (out, &frames, i);
      continue;
    }
    verdict = numbered_assert_reused (out, &frames, i, i / 3 * 3);
    g_assert_false (verdict->fresh);
  }
  gst_harness_teardown (harness);
}

/* What is not analysed keeps its place, too, and so does what was not active;
 * a buffer that holds no frame makes the next one due. */
static void
test_others_in_order (void)
{
  GstHarness *harness = numbered_harness (&frames, "nireq=4");
  GstBuffer *gap = numbered_new (&frames, 1);
  GstBuffer *torn = gst_buffer_new_allocate (NULL, 7, NULL);

  GST_BUFFER_FLAG_SET (gap, GST_BUFFER_FLAG_GAP);
  GST_BUFFER_PTS (torn) = 2 * NUMBERED_TIME;
  gate_close ();
  numbered_push (harness, numbered_new_gated (&frames, 0));
  numbered_push (harness, gap);
  numbered_push (harness, torn);
  numbered_set (harness, "active=false");
  numbered_push (harness, numbered_new (&frames, 3));
  g_assert_null (gst_harness_try_pull (harness));
  gate_open ();
  numbered_assert_next_analysed (harness, &frames, 0);
  for (guint i = 1; i < 4; i++) {
    g_autoptr (GstBuffer) out = gst_harness_pull (harness);

    numbered_assert_plain (out, i);
  }
  numbered_set (harness, "active=true");
  numbered_push (harness, numbered_new (&frames, 4));
  numbered_assert_next_analysed (harness, &frames, 4);
  gst_harness_teardown (harness);
}

/* Events */

/* Writes down what comes out: a letter for each buffer and event. */
static GstPadProbeReturn
write_down (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GString *log = data;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    g_string_append_c (log, 'b');
    return GST_PAD_PROBE_OK;
  }
  switch (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info))) {
  case GST_EVENT_CAPS:
    g_string_append_c (log, 'c');
    break;
  case GST_EVENT_SEGMENT:
    g_string_append_c (log, 's');
    break;
  case GST_EVENT_TAG:
    g_string_append_c (log, 't');
    break;
  case GST_EVENT_GAP:
    g_string_append_c (log, 'g');
    break;
  case GST_EVENT_EOS:
    g_string_append_c (log, 'e');
    break;
  default:
    break;
  }
  return GST_PAD_PROBE_OK;
}

static void
watch (GstHarness *harness, GString *log)
{
  gst_pad_add_probe (harness->sinkpad,
                     GST_PAD_PROBE_TYPE_BUFFER
                         | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
                     write_down, log, NULL);
}

/* Each event passes when the frames before it have left. */
static void
test_events (void)
{
  GstHarness *harness = numbered_harness (&frames, "nireq=3");
  g_autoptr (GString) log = g_string_new (NULL);
  GstSegment segment;
  Call *eos = NULL;

  watch (harness, log);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  numbered_push (harness, numbered_new (&frames, 0));
  numbered_push (harness, numbered_new (&frames, 1));
  gst_harness_push_event (harness, gst_event_new_segment (&segment));
  numbered_push (harness, numbered_new (&frames, 2));
  gst_harness_push_event (
      harness, gst_event_new_tag (gst_tag_list_new (GST_TAG_TITLE, "a", NULL)));
  numbered_push (harness, numbered_new (&frames, 3));
  numbered_push (harness, numbered_new (&frames, 4));
  gst_harness_push_event (harness, gst_event_new_gap (0, NUMBERED_TIME));
  gate_close ();
  numbered_push (harness, numbered_new_gated (&frames, 5));
  numbered_push (harness, numbered_new_gated (&frames, 6));
  gate_await (2);
  eos = call (harness, NULL, gst_event_new_eos ());
  g_usleep (50 * 1000);
  g_assert_cmpuint (gst_harness_buffers_received (harness), ==, 5);
  gate_open ();
  g_assert_true (finish (eos));
  g_assert_cmpstr (log->str, ==, "bbsbtbbgbbe");
  for (guint i = 0; i < 7; i++)
    numbered_assert_next_analysed (harness, &frames, i);
  gst_harness_teardown (harness);
}

/* New caps in the middle: every frame is read by those it came with. */
static void
test_caps (void)
{
  GstHarness *harness = numbered_harness (&frames, "nireq=3");
  g_autoptr (GString) log = g_string_new (NULL);
  GstVideoInfo sizes[2] = {frames};

  watch (harness, log);
  numbered_info (&sizes[1], frames.height, frames.width);
  for (guint i = 0; i < 12; i++) {
    g_autoptr (GstCaps) caps = gst_video_info_to_caps (&sizes[i / 3 % 2]);

    gst_harness_push_event (harness, gst_event_new_caps (caps));
    numbered_push (harness, numbered_new (&sizes[i / 3 % 2], i));
  }
  for (guint i = 0; i < 12; i++) {
    g_autoptr (GstBuffer) out = gst_harness_pull (harness);

    numbered_assert_analysed (out, &sizes[i / 3 % 2], i);
  }
  /* Caps that come a second time say nothing new. */
  g_assert_cmpstr (log->str, ==, "bbbcbbbcbbbcbbb");
  gst_harness_teardown (harness);
}

/* A query that has its place among the frames. */
static void
test_drain_query (void)
{
  GstHarness *harness = numbered_harness (&frames, "nireq=2");
  GstQuery *query = gst_query_new_drain ();

  numbered_push (harness, numbered_new (&frames, 0));
  numbered_push (harness, numbered_new (&frames, 1));
  gst_pad_peer_query (harness->srcpad, query);
  g_assert_cmpuint (gst_harness_buffers_received (harness), ==, 2);
  gst_query_unref (query);
  gst_harness_teardown (harness);
}

/* A flush discards what is in flight, ends a wait for a request, and leaves
 * nothing behind for what comes after it. */
static void
test_flush (void)
{
  GstHarness *harness = numbered_harness (&frames, "nireq=2");
  g_autoptr (GString) log = g_string_new (NULL);
  GstSegment segment;
  Call *third = NULL;

  watch (harness, log);
  gate_close ();
  numbered_push (harness, numbered_new_gated (&frames, 0));
  numbered_push (harness, numbered_new_gated (&frames, 1));
  gate_await (2);
  third = call (harness, numbered_new_gated (&frames, 2), NULL);
  g_usleep (20 * 1000);
  g_assert_true (
      gst_harness_push_event (harness, gst_event_new_flush_start ()));
  g_assert_cmpint (finish (third), ==, GST_FLOW_FLUSHING);
  g_assert_cmpint (gst_harness_push (harness, numbered_new (&frames, 3)), ==,
                   GST_FLOW_FLUSHING);
  g_assert_true (
      gst_harness_push_event (harness, gst_event_new_flush_stop (TRUE)));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (harness, gst_event_new_segment (&segment));
  g_string_truncate (log, 0);
  gate_open_once ();
  numbered_push (harness, numbered_new (&frames, 4));
  numbered_assert_next_analysed (harness, &frames, 4);
  gate_open ();
  numbered_push (harness, numbered_new (&frames, 5));
  numbered_assert_next_analysed (harness, &frames, 5);
  g_assert_cmpstr (log->str, ==, "bb");
  gst_harness_teardown (harness);
}

/* Flow, states and company */

static GstPadProbeReturn
refuse (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  gst_buffer_unref (GST_PAD_PROBE_INFO_BUFFER (info));
  GST_PAD_PROBE_INFO_FLOW_RETURN (info) = GPOINTER_TO_INT (data);
  return GST_PAD_PROBE_HANDLED;
}

/* What downstream returns reaches upstream with the next frame. */
static void
test_flow (void)
{
  static const GstFlowReturn flows[] = {GST_FLOW_EOS, GST_FLOW_FLUSHING,
                                        GST_FLOW_ERROR, GST_FLOW_NOT_LINKED};

  for (guint i = 0; i < G_N_ELEMENTS (flows); i++) {
    GstHarness *harness = numbered_harness (&frames, "nireq=2");
    GstSegment segment;
    gulong probe =
        gst_pad_add_probe (harness->sinkpad, GST_PAD_PROBE_TYPE_BUFFER, refuse,
                           GINT_TO_POINTER (flows[i]), NULL);

    gst_segment_init (&segment, GST_FORMAT_TIME);
    numbered_push (harness, numbered_new (&frames, 0));
    /* Returns when the frame has left. */
    gst_harness_push_event (harness, gst_event_new_segment (&segment));
    g_assert_cmpint (gst_harness_push (harness, numbered_new (&frames, 1)), ==,
                     flows[i]);
    gst_pad_remove_probe (harness->sinkpad, probe);
    numbered_push (harness, numbered_new (&frames, 2));
    numbered_assert_next_analysed (harness, &frames, 2);
    gst_harness_teardown (harness);
  }
}

static gpointer
open_later (gpointer unused)
{
  g_usleep (50 * 1000);
  gate_open ();
  return NULL;
}

/* Stops with analyses in flight and a frame that waits, and starts again. */
static void
test_states (void)
{
  GstHarness *harness = numbered_harness (&frames, "nireq=2");
  g_autoptr (GstElement) element = gst_object_ref (harness->element);
  GThread *opener = NULL;
  Call *third = NULL;

  gate_close ();
  numbered_push (harness, numbered_new_gated (&frames, 0));
  numbered_push (harness, numbered_new_gated (&frames, 1));
  gate_await (2);
  third = call (harness, numbered_new (&frames, 2), NULL);
  g_usleep (20 * 1000);
  opener = g_thread_new ("opener", open_later, NULL);
  g_assert_cmpint (gst_element_set_state (element, GST_STATE_READY), ==,
                   GST_STATE_CHANGE_SUCCESS);
  g_assert_cmpint (finish (third), ==, GST_FLOW_FLUSHING);
  g_thread_join (opener);
  g_assert_cmpuint (numbered_get_stat (harness, "in-flight"), ==, 0);
  g_assert_cmpuint (gst_harness_buffers_received (harness), ==, 0);
  gst_harness_teardown (harness);

  harness = gst_harness_new_with_element (element, "sink", "src");
  numbered_set (harness, "nireq=3");
  gst_harness_set_src_caps (harness, gst_video_info_to_caps (&frames));
  numbered_push (harness, numbered_new (&frames, 0));
  numbered_assert_next_analysed (harness, &frames, 0);
  gst_harness_teardown (harness);
}

/* Eight in a row, on one network, each with requests of its own. */
static void
test_eight (void)
{
  GstElement *bin = gst_bin_new (NULL);
  GstElement *last = NULL;
  GstHarness *harness = NULL;
  guint64 analysed = 0;

  for (guint i = 0; i < 8; i++) {
    GstElement *element = analyser_make_element ();
    g_autofree char *name = g_strdup_printf ("f%u", i);
    g_autoptr (GstPad) pad = NULL;

    gst_object_set_name (GST_OBJECT (element), name);
    g_object_set (element, "nireq", 1 + i % 3, NULL);
    gst_bin_add (GST_BIN (bin), element);
    if (last != NULL)
      g_assert_true (gst_element_link (last, element));
    last = element;
    if (i != 0 && i != 7)
      continue;
    pad = gst_element_get_static_pad (element, i == 0 ? "sink" : "src");
    gst_element_add_pad (bin, gst_ghost_pad_new (GST_PAD_NAME (pad), pad));
  }
  harness = gst_harness_new_with_element (bin, "sink", "src");
  gst_harness_set_src_caps (harness, gst_video_info_to_caps (&frames));
  for (guint i = 0; i < 12; i++)
    numbered_push (harness, numbered_new (&frames, i));
  g_assert_true (gst_harness_push_event (harness, gst_event_new_eos ()));
  for (guint i = 0; i < 12; i++)
    numbered_assert_next_analysed (harness, &frames, i);
  for (guint i = 0; i < 8; i++) {
    g_autofree char *name = g_strdup_printf ("f%u", i);
    g_autoptr (GstElement) element = gst_bin_get_by_name (GST_BIN (bin), name);
    g_autoptr (GstStructure) stats = NULL;

    g_object_get (element, "stats", &stats, NULL);
    g_assert_true (gst_structure_get_uint64 (stats, "analysed", &analysed));
    g_assert_cmpuint (analysed, ==, 12);
  }
  gst_harness_teardown (harness);
}

int
main (int argc, char **argv)
{
  numbered_init (&argc, &argv);
  numbered_info (&frames, 96, 64);

  g_test_add_func ("/requests/many", test_many);
  g_test_add_func ("/requests/slow-first", test_slow_first);
  g_test_add_func ("/requests/in-flight", test_in_flight);
  g_test_add_func ("/requests/interval", test_interval);
  g_test_add_func ("/requests/others-in-order", test_others_in_order);
  g_test_add_func ("/requests/events", test_events);
  g_test_add_func ("/requests/caps", test_caps);
  g_test_add_func ("/requests/drain-query", test_drain_query);
  g_test_add_func ("/requests/flush", test_flush);
  g_test_add_func ("/requests/flow", test_flow);
  g_test_add_func ("/requests/states", test_states);
  g_test_add_func ("/requests/eight", test_eight);
  return numbered_run ();
}
