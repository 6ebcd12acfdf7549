/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The feclip element where frames come faster than they are analysed: what
 * becomes of them, what it says of that, and that delay and memory stay
 * bounded. */
#include <string.h>

#include "support/gst_gate.h"
#include "support/gst_numbered.h"

static GstVideoInfo frames;

static void
assert_next_reused (GstHarness *harness, guint number, guint from,
                    gboolean fresh)
{
  g_autoptr (GstBuffer) out = gst_harness_pull (harness);
  g_autoptr (FeclipVerdict) verdict =
      numbered_assert_reused (out, &frames, number, from);

  g_assert_cmpint (verdict->fresh, ==, fresh);
}

/* Returns: (transfer full): a bus on which the element's messages arrive */
static GstBus *
listen (GstHarness *harness)
{
  GstBus *bus = gst_bus_new ();

  gst_element_set_bus (harness->element, bus);
  return bus;
}

/* Policies */

static void
assert_qos (GstBus *bus, guint number, guint64 analysed, guint64 overloaded)
{
  g_autoptr (GstMessage) message = gst_bus_pop_filtered (bus, GST_MESSAGE_QOS);
  guint64 running = 0, stream = 0, timestamp = 0, duration = 0;
  guint64 processed = 0, dropped = 0;
  GstFormat format = GST_FORMAT_UNDEFINED;
  gboolean live = TRUE;

  g_assert_nonnull (message);
  gst_message_parse_qos (message, &live, &running, &stream, &timestamp,
                         &duration);
  g_assert_false (live);
  g_assert_cmpuint (running, ==, number * NUMBERED_TIME);
  g_assert_cmpuint (stream, ==, number * NUMBERED_TIME);
  g_assert_cmpuint (timestamp, ==, number * NUMBERED_TIME);
  g_assert_cmpuint (duration, ==, NUMBERED_TIME);
  gst_message_parse_qos_stats (message, &format, &processed, &dropped);
  g_assert_cmpint (format, ==, GST_FORMAT_BUFFERS);
  g_assert_cmpuint (processed, ==, analysed);
  g_assert_cmpuint (dropped, ==, overloaded);
}

/* Frames that find the request busy wait for their turn to leave, and carry
 * nothing. */
static void
test_skip (void)
{
  GstHarness *harness = numbered_harness (
      &frames, "on-overload=skip max-delay=18446744073709551615");
  g_autoptr (GstBus) bus = listen (harness);

  gate_close ();
  numbered_push (harness, numbered_new_gated (&frames, 0));
  for (guint i = 1; i < 4; i++)
    numbered_push (harness, numbered_new (&frames, i));
  g_assert_null (gst_harness_try_pull (harness));
  for (guint i = 1; i < 4; i++)
    assert_qos (bus, i, 0, i);
  gate_open ();
  numbered_assert_next_analysed (harness, &frames, 0);
  for (guint i = 1; i < 4; i++)
    numbered_assert_next_plain (harness, i);
  numbered_push (harness, numbered_new (&frames, 4));
  numbered_assert_next_analysed (harness, &frames, 4);
  g_assert_null (gst_bus_pop_filtered (bus, GST_MESSAGE_QOS));
  numbered_await_stat (harness, "frames", 5);
  g_assert_cmpuint (numbered_get_stat (harness, "analysed"), ==, 2);
  g_assert_cmpuint (numbered_get_stat (harness, "skipped"), ==, 3);
  g_assert_cmpuint (numbered_get_stat (harness, "overloaded"), ==, 3);
  g_assert_cmpuint (numbered_get_stat (harness, "late"), ==, 0);
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}

/* They carry what was found before them, also where that was not known yet when
 * they came. */
static void
test_reuse_last (void)
{
  GstHarness *harness = numbered_harness (
      &frames, "nireq=2 on-overload=reuse-last max-delay=18446744073709551615");

  gate_close ();
  numbered_push (harness, numbered_new_gated (&frames, 0));
  numbered_push (harness, numbered_new_gated (&frames, 1));
  for (guint i = 2; i < 5; i++)
    numbered_push (harness, numbered_new (&frames, i));
  gate_open ();
  numbered_assert_next_analysed (harness, &frames, 0);
  numbered_assert_next_analysed (harness, &frames, 1);
  for (guint i = 2; i < 5; i++)
    assert_next_reused (harness, i, 1, FALSE);
  g_assert_cmpuint (numbered_get_stat (harness, "overloaded"), ==, 3);
  gst_harness_teardown (harness);
}

/* The policy changes while it plays, with one request too. */
static void
test_changing (void)
{
  GstHarness *harness = numbered_harness (
      &frames, "on-overload=reuse-last max-delay=18446744073709551615");

  numbered_push (harness, numbered_new (&frames, 0));
  numbered_assert_next_analysed (harness, &frames, 0);
  numbered_set (harness, "on-overload=block");
  numbered_push (harness, numbered_new (&frames, 1));
  /* It was analysed where it came in. */
  g_assert_cmpuint (gst_harness_buffers_received (harness), ==, 2);
  numbered_assert_next_analysed (harness, &frames, 1);
  numbered_set (harness, "on-overload=skip");
  numbered_push (harness, numbered_new (&frames, 2));
  numbered_assert_next_analysed (harness, &frames, 2);
  gst_harness_teardown (harness);
}

/* Frames leave without their result when it takes too long; it goes with the
 * next one and is reported once. */
static void
late_result (const char *policy, gboolean repeated)
{
  g_autofree char *properties = g_strdup_printf (
      "on-overload=%s max-delay=20000000 post-messages=true", policy);
  GstHarness *harness = numbered_harness (&frames, properties);
  g_autoptr (GstBus) bus = listen (harness);
  g_autoptr (GstMessage) message = NULL;
  guint64 timestamp = 0;

  gate_close ();
  numbered_push (harness, numbered_new_gated (&frames, 0));
  numbered_push (harness, numbered_new (&frames, 1));
  numbered_assert_next_plain (harness, 0);
  numbered_assert_next_plain (harness, 1);
  gate_await (1);
  gate_open_once ();
  numbered_await_stat (harness, "in-flight", 0);
  for (guint i = 2; i < 5; i++)
    numbered_push (harness, numbered_new_gated (&frames, i));
  assert_next_reused (harness, 2, 0, TRUE);
  for (guint i = 3; i < 5; i++)
    if (repeated)
      assert_next_reused (harness, i, 0, FALSE);
    else
      numbered_assert_next_plain (harness, i);

  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT);
  g_assert_nonnull (message);
  g_assert_true (gst_structure_get_uint64 (gst_message_get_structure (message),
                                           "timestamp", &timestamp));
  g_assert_cmpuint (timestamp, ==, 0);
  g_assert_null (gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT));
  g_assert_cmpuint (numbered_get_stat (harness, "late"), ==, 1);

  /* What is found of the frame that left last is counted, too. */
  gate_open ();
  g_assert_true (gst_harness_push_event (harness, gst_event_new_eos ()));
  g_assert_cmpuint (numbered_get_stat (harness, "late"), ==, 2);
  g_assert_cmpuint (numbered_get_stat (harness, "analysed"), ==, 2);
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}

static void
test_late_skip (void)
{
  late_result ("skip", FALSE);
}

static void
test_late_reuse_last (void)
{
  late_result ("reuse-last", TRUE);
}

/* A result that comes after that of a later frame is never the latest. */
static void
test_late_order (void)
{
  GstHarness *harness = numbered_harness (
      &frames, "nireq=2 on-overload=reuse-last max-delay=20000000");

  gate_close ();
  numbered_push (harness, numbered_new_gated (&frames, 0));
  gate_await (1);
  numbered_assert_next_plain (harness, 0);
  numbered_set (harness, "max-delay=18446744073709551615");
  numbered_push (harness, numbered_new (&frames, 1));
  numbered_assert_next_analysed (harness, &frames, 1);
  gate_open ();
  numbered_await_stat (harness, "in-flight", 0);
  numbered_set (harness, "inference-interval=100");
  numbered_push (harness, numbered_new (&frames, 2));
  assert_next_reused (harness, 2, 1, FALSE);
  g_assert_cmpuint (numbered_get_stat (harness, "late"), ==, 1);
  gst_harness_teardown (harness);
}

/* Nothing that was found before a flush is taken for a frame after it. */
static void
test_late_flush (void)
{
  GstHarness *harness =
      numbered_harness (&frames, "nireq=2 on-overload=skip max-delay=20000000");
  GstSegment segment;

  gate_close ();
  numbered_push (harness, numbered_new_gated (&frames, 0));
  numbered_assert_next_plain (harness, 0);
  gst_harness_push_event (harness, gst_event_new_flush_start ());
  gst_harness_push_event (harness, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (harness, gst_event_new_segment (&segment));
  gate_open ();
  numbered_await_stat (harness, "in-flight", 0);
  numbered_set (harness, "max-delay=18446744073709551615");
  numbered_push (harness, numbered_new (&frames, 1));
  numbered_assert_next_analysed (harness, &frames, 1);
  g_assert_cmpuint (numbered_get_stat (harness, "late"), ==, 0);
  gst_harness_teardown (harness);
}

/* Latency */

static gboolean
got_latency_message (GstBus *bus)
{
  g_autoptr (GstMessage) message =
      gst_bus_pop_filtered (bus, GST_MESSAGE_LATENCY);

  return message != NULL;
}

/* Analysed where it comes in, a frame is late by what that takes. */
static void
test_latency_measured (void)
{
  GstHarness *harness = numbered_harness (&frames, "nireq=1");
  g_autoptr (GstBus) bus = listen (harness);
  const guint milliseconds = 40;
  GstClockTime latency = 0;

  g_assert_cmpuint (gst_harness_query_latency (harness), ==, 0);
  for (guint i = 0; i < 3; i++) {
    GstBuffer *buffer = numbered_new (&frames, i);

    gate_add_delay (buffer, &frames, milliseconds);
    numbered_push (harness, buffer);
  }
  g_assert_true (got_latency_message (bus));
  latency = gst_harness_query_latency (harness);
  g_assert_cmpuint (latency, >=, milliseconds * GST_MSECOND);
  g_assert_cmpuint (numbered_get_stat (harness, "p50-delay"), >=,
                    milliseconds * GST_MSECOND);
  gst_harness_set_upstream_latency (harness, GST_SECOND);
  g_assert_cmpuint (gst_harness_query_latency (harness), ==,
                    GST_SECOND + latency);
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}

/* Several at a time: their number times a frame's until it is known better, and
 * then less, said once. */
static void
test_latency_estimated (void)
{
  GstHarness *harness = numbered_harness (&frames, "nireq=8");
  g_autoptr (GstBus) bus = listen (harness);

  g_assert_cmpuint (gst_harness_query_latency (harness), ==, 8 * NUMBERED_TIME);
  numbered_set (harness, "active=false");
  for (guint i = 0; i < 127; i++)
    numbered_push (harness, numbered_new (&frames, i));
  numbered_await_stat (harness, "frames", 127);
  g_assert_false (got_latency_message (bus));
  numbered_push (harness, numbered_new (&frames, 127));
  numbered_await_stat (harness, "frames", 128);
  gst_harness_push_event (harness, gst_event_new_eos ());
  g_assert_true (got_latency_message (bus));
  g_assert_cmpuint (gst_harness_query_latency (harness), <, 4 * NUMBERED_TIME);
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}

static GstPadProbeReturn
take_a_while (GstPad *pad, GstPadProbeInfo *info, gpointer unused)
{
  g_usleep (50 * 1000);
  return GST_PAD_PROBE_OK;
}

/* A sink that waits for a frame's time does not add to it. */
static void
test_latency_without_downstream (void)
{
  GstHarness *harness = numbered_harness (&frames, "nireq=2 active=false");

  gst_pad_add_probe (harness->sinkpad, GST_PAD_PROBE_TYPE_BUFFER, take_a_while,
                     NULL, NULL);
  for (guint i = 0; i < 10; i++)
    numbered_push (harness, numbered_new (&frames, i));
  gst_harness_push_event (harness, gst_event_new_eos ());
  g_assert_cmpuint (numbered_get_stat (harness, "frames"), ==, 10);
  g_assert_cmpuint (numbered_get_stat (harness, "p95-delay"), <,
                    40 * GST_MSECOND);
  gst_harness_teardown (harness);
}

/* Thousands of frames */

static int alive;

static void
count_death (gpointer unused, GstMiniObject *object)
{
  g_atomic_int_add (&alive, -1);
}

/* Pushes @n frames, one after @pause microseconds; every analysis takes
 * @milliseconds at least. Returns: most frames that were alive at a time */
static guint
run_camera (GstHarness *harness, guint first, guint n, guint pause,
            guint milliseconds)
{
  g_autoptr (GstBuffer) pattern = numbered_new (&frames, 0);
  int most = 0;

  for (guint i = first; i < first + n; i++) {
    GstBuffer *buffer = gst_buffer_copy (pattern);

    GST_BUFFER_PTS (buffer) = i * NUMBERED_TIME;
    gate_add_delay (buffer, &frames, milliseconds);
    g_atomic_int_inc (&alive);
    gst_mini_object_weak_ref (GST_MINI_OBJECT (buffer), count_death, NULL);
    numbered_push (harness, buffer);
    most = MAX (most, g_atomic_int_get (&alive));
    if (pause > 0)
      g_usleep (pause);
  }
  return (guint)most;
}

/* A model that is ten times too slow: neither frames nor delays pile up. */
static void
camera (const char *policy)
{
  g_autofree char *properties =
      g_strdup_printf ("nireq=2 on-overload=%s max-delay=5000000", policy);
  GstHarness *harness = numbered_harness (&frames, properties);
  const GstClockTime slack = 200 * GST_MSECOND;

  gst_harness_set_drop_buffers (harness, TRUE);
  for (guint i = 0; i < 4; i++) {
    guint most = run_camera (harness, 500 * i, 500, 200, 20);

    g_test_message ("%s: %u frames alive, delay p95 %.1f ms", policy, most,
                    numbered_get_stat (harness, "p95-delay") / 1e6);
    /* Those inside, in analysis, and on their way in and out. */
    g_assert_cmpuint (most, <=, 2 + 32 + 2 + 2);
    g_assert_cmpuint (numbered_get_stat (harness, "p95-delay"), <,
                      5 * GST_MSECOND + slack);
  }
  gst_harness_push_event (harness, gst_event_new_eos ());
  g_assert_cmpuint (numbered_get_stat (harness, "frames"), ==, 2000);
  g_assert_cmpuint (numbered_get_stat (harness, "analysed"), >, 2);
  g_assert_cmpuint (numbered_get_stat (harness, "overloaded"), >, 1000);
  gst_harness_teardown (harness);
  g_assert_cmpint (g_atomic_int_get (&alive), ==, 0);
}

static void
test_camera_skip (void)
{
  camera ("skip");
}

static void
test_camera_reuse_last (void)
{
  camera ("reuse-last");
}

/* Who waits holds no more than it works on. */
static void
test_camera_block (void)
{
  GstHarness *harness = numbered_harness (&frames, "nireq=2");

  gst_harness_set_drop_buffers (harness, TRUE);
  g_assert_cmpuint (run_camera (harness, 0, 60, 0, 1), <=, 2 + 2);
  gst_harness_push_event (harness, gst_event_new_eos ());
  g_assert_cmpuint (numbered_get_stat (harness, "analysed"), ==, 60);
  gst_harness_teardown (harness);
}

int
main (int argc, char **argv)
{
  numbered_init (&argc, &argv);
  numbered_info (&frames, 96, 64);

  g_test_add_func ("/overload/skip", test_skip);
  g_test_add_func ("/overload/reuse-last", test_reuse_last);
  g_test_add_func ("/overload/changing", test_changing);
  g_test_add_func ("/overload/late-skip", test_late_skip);
  g_test_add_func ("/overload/late-reuse-last", test_late_reuse_last);
  g_test_add_func ("/overload/late-order", test_late_order);
  g_test_add_func ("/overload/late-flush", test_late_flush);
  g_test_add_func ("/overload/latency-measured", test_latency_measured);
  g_test_add_func ("/overload/latency-estimated", test_latency_estimated);
  g_test_add_func ("/overload/latency-without-downstream",
                   test_latency_without_downstream);
  g_test_add_func ("/overload/camera-skip", test_camera_skip);
  g_test_add_func ("/overload/camera-reuse-last", test_camera_reuse_last);
  g_test_add_func ("/overload/camera-block", test_camera_block);
  return numbered_run ();
}
