/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Several feclip elements whose frames go through the network together: what
 * they find, for how long they wait for each other, and what ends that. */
#include "support/gst_analyser.h"
#include "support/gst_numbered.h"

/* So long that a test which waits for it has failed. */
#define LONG "30000000000"
#define FOREVER "18446744073709551615"

enum { STREAMS = 3, FRAMES = 2 };

/* A stream, each with frames of a size of its own. */
typedef struct {
  GstHarness *harness;
  GstVideoInfo info;
  guint next;     /* frame to push */
  guint n;        /* frames for the thread to push, */
  GstEvent *last; /* and an event behind them, or NULL */
  GThread *thread;
} Stream;

static void
stream_open (Stream *self, guint index, const char *properties)
{
  *self = (Stream){0};
  numbered_info (&self->info, 64 + 13 * index, 48 + 7 * index);
  self->harness = numbered_harness (&self->info, properties);
}

static void
stream_push (Stream *self)
{
  guint number = self->next++;
  g_autoptr (GstBuffer) out = NULL;

  g_assert_cmpint (
      gst_harness_push (self->harness, numbered_new (&self->info, number)), ==,
      GST_FLOW_OK);
  out = gst_harness_pull (self->harness);
  numbered_assert_analysed (out, &self->info, number);
}

static gpointer
run (gpointer data)
{
  Stream *self = data;

  for (guint i = 0; i < self->n; i++)
    stream_push (self);
  if (self->last != NULL)
    gst_harness_push_event (self->harness, g_steal_pointer (&self->last));
  return NULL;
}

/* Pushes n frames from a thread of its own. */
static void
stream_begin (Stream *self, guint n, GstEvent *last)
{
  self->n = n;
  self->last = last;
  self->thread = g_thread_new ("stream", run, self);
}

static void
stream_finish (Stream *self)
{
  g_clear_pointer (&self->thread, g_thread_join);
}

/* Begins with one frame, which then waits for others. */
static void
stream_begin_waiting (Stream *self)
{
  stream_begin (self, 1, NULL);
  numbered_await_stat (self->harness, "in-flight", 1);
}

static void
stream_close (Stream *self)
{
  /* Messages that nobody took hold the element, which would hold the bus. */
  gst_element_set_bus (self->harness->element, NULL);
  gst_harness_teardown (self->harness);
}

static double
get_fill (const Stream *self)
{
  return numbered_get_share (self->harness, "mean-batch-fill");
}

/* Opens two streams, of which the second has had a frame and may have more. */
static void
open_pair (Stream *first, Stream *second, const char *properties)
{
  stream_open (first, 0, properties);
  stream_open (second, 1, properties);
  stream_push (second);
}

/* Together */

/* Pushes FRAMES frames to each of STREAMS streams, which have had some by
 * themselves: now all batches are full. */
static void
run_together (Stream *streams)
{
  guint64 before[STREAMS];

  for (guint i = 0; i < STREAMS; i++) {
    before[i] = numbered_get_stat (streams[i].harness, "analysed");
    numbered_set (streams[i].harness, "batch-timeout=" LONG);
    stream_begin (&streams[i], FRAMES, gst_event_new_eos ());
  }
  for (guint i = 0; i < STREAMS; i++)
    stream_finish (&streams[i]);
  for (guint i = 0; i < STREAMS; i++) {
    GstHarness *harness = streams[i].harness;

    g_assert_cmpuint (numbered_get_stat (harness, "analysed"), ==,
                      before[i] + FRAMES);
    g_assert_cmpfloat_with_epsilon (get_fill (&streams[i]),
                                    (double)(before[i] + STREAMS * FRAMES)
                                        / (double)(before[i] + FRAMES),
                                    1e-9);
    g_assert_cmpuint (numbered_get_stat (harness, "p50-network-time"), >, 0);
    /* That of the batch, which is theirs together. */
    g_assert_cmpuint (numbered_get_stat (harness, "activations-memory"), >, 0);
    g_assert_cmpuint (
        numbered_get_stat (harness, "activations-memory"), ==,
        numbered_get_stat (streams[0].harness, "activations-memory"));
  }
  for (guint i = 0; i < STREAMS; i++)
    stream_close (&streams[i]);
}

/* Each frame has what it would have had alone; only the first ones cannot know
 * of others. */
static void
test_together (void)
{
  Stream streams[STREAMS];

  for (guint i = 0; i < STREAMS; i++) {
    stream_open (&streams[i], i, "batch-size=3 batch-timeout=0");
    stream_push (&streams[i]);
  }
  run_together (streams);
}

/* More streams than a batch takes: nobody is left out. */
static void
test_many (void)
{
  Stream streams[STREAMS];

  for (guint i = 0; i < STREAMS; i++) {
    stream_open (&streams[i], i, "batch-size=2");
    stream_begin (&streams[i], FRAMES, gst_event_new_eos ());
  }
  for (guint i = 0; i < STREAMS; i++)
    stream_finish (&streams[i]);
  for (guint i = 0; i < STREAMS; i++) {
    g_assert_cmpfloat (get_fill (&streams[i]), <=, 2);
    stream_close (&streams[i]);
  }
}

/* One element's own requests fill a batch, too; an event ends the waiting. */
static void
test_requests (void)
{
  Stream stream;

  stream_open (&stream, 0, "nireq=3 batch-size=3 batch-timeout=" FOREVER);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpint (
        gst_harness_push (stream.harness, numbered_new (&stream.info, i)), ==,
        GST_FLOW_OK);
  g_assert_true (gst_harness_push_event (stream.harness, gst_event_new_eos ()));
  for (guint i = 0; i < 4; i++) {
    g_autoptr (GstBuffer) out = gst_harness_pull (stream.harness);

    numbered_assert_analysed (out, &stream.info, i);
  }
  g_assert_cmpfloat_with_epsilon (get_fill (&stream), 2.5, 1e-9);
  stream_close (&stream);
}

/* Frames that are not analysed fill the queue of a stream that is waited for:
 * no other one can come. */
static void
test_gaps (void)
{
  Stream stream;

  stream_open (&stream, 0, "nireq=2 batch-size=2 batch-timeout=" FOREVER);
  for (guint i = 0; i < 4; i++) {
    GstBuffer *buffer = numbered_new (&stream.info, i);

    if (i > 0)
      GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_GAP);
    numbered_push (stream.harness, buffer);
  }
  numbered_assert_next_analysed (stream.harness, &stream.info, 0);
  for (guint i = 1; i < 4; i++)
    numbered_assert_next_plain (stream.harness, i);
  stream_close (&stream);
}

/* What computes something else, or has batches of another size, is no company:
 * with an endless timeout it would be waited for. */
static void
test_others (void)
{
  static const char *const others[] = {
      "batch-size=3", "batch-size=2 temperature=0.2", "batch-size=2 tiles=2x1"};
  Stream stream;

  stream_open (&stream, 0, "batch-size=2 batch-timeout=" FOREVER);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++) {
    Stream other;
    g_autoptr (GstBuffer) out = NULL;

    stream_open (&other, 1, others[i]);
    gst_harness_push (other.harness, numbered_new (&other.info, 0));
    out = gst_harness_pull (other.harness);
    g_assert_nonnull (out);
    g_assert_cmpfloat (get_fill (&other), ==, 1);
    stream_push (&stream);
    stream_close (&other);
  }
  g_assert_cmpfloat (get_fill (&stream), ==, 1);
  stream_close (&stream);
}

/* Waiting */

/* Nobody else: no waiting. */
static void
test_lone (void)
{
  Stream stream;
  gint64 begin = g_get_monotonic_time ();

  stream_open (&stream, 0, "batch-size=4 batch-timeout=" LONG);
  for (guint i = 0; i < FRAMES; i++)
    stream_push (&stream);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 20 * G_USEC_PER_SEC);
  g_assert_cmpfloat (get_fill (&stream), ==, 1);
  stream_close (&stream);
}

/* A stream that stalls holds the other up for the timeout, and LATENCY says so;
 * from the start on. */
static void
test_timeout (void)
{
  const GstClockTime timeout = 80 * GST_MSECOND;
  Stream first, second;
  gint64 begin = 0;

  open_pair (&first, &second, "batch-size=2 batch-timeout=80000000");
  g_assert_cmpuint (gst_harness_query_latency (first.harness), ==, timeout);
  for (guint i = 0; i < 2; i++) {
    begin = g_get_monotonic_time ();
    stream_push (&first);
    g_assert_cmpint (g_get_monotonic_time () - begin, >=, timeout / 1000);
    g_assert_cmpint (g_get_monotonic_time () - begin, <, 20 * G_USEC_PER_SEC);
  }
  g_assert_cmpfloat (get_fill (&first), ==, 1);
  g_assert_cmpuint (gst_harness_query_latency (first.harness), >=, timeout);
  numbered_set (first.harness, "batch-timeout=120000000");
  stream_push (&first);
  g_assert_cmpuint (gst_harness_query_latency (first.harness), >=,
                    120 * GST_MSECOND);
  g_assert_cmpuint (numbered_get_stat (first.harness, "p50-delay"), >=,
                    timeout);
  stream_close (&first);
  stream_close (&second);
}

/* Ends */

static void
end_by_eos (Stream *stream)
{
  gst_harness_push_event (stream->harness, gst_event_new_eos ());
}

static void
end_by_flush (Stream *stream)
{
  gst_harness_push_event (stream->harness, gst_event_new_flush_start ());
}

static void
end_by_pause (Stream *stream)
{
  gst_element_set_state (stream->harness->element, GST_STATE_PAUSED);
}

static void
end_by_stop (Stream *stream)
{
  gst_element_set_state (stream->harness->element, GST_STATE_NULL);
}

static void
end_by_inactive (Stream *stream)
{
  g_object_set (stream->harness->element, "active", FALSE, NULL);
  gst_harness_push (stream->harness,
                    numbered_new (&stream->info, stream->next++));
}

static void
end_by_regions (Stream *stream)
{
  g_object_set (stream->harness->element, "inference-region", 1, NULL);
  gst_harness_push (stream->harness,
                    numbered_new (&stream->info, stream->next++));
}

static const struct {
  const char *what;
  void (*end) (Stream *stream);
} ends[] = {
    {"eos", end_by_eos},           {"flush", end_by_flush},
    {"pause", end_by_pause},       {"stop", end_by_stop},
    {"inactive", end_by_inactive}, {"regions", end_by_regions},
};

/* A stream that has no more frames is not waited for. */
static void
test_other_ends (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++) {
    Stream first, second;

    g_test_message ("%s", ends[i].what);
    open_pair (&first, &second, "batch-size=2 batch-timeout=" FOREVER);
    stream_begin_waiting (&first);
    ends[i].end (&second);
    stream_finish (&first);
    stream_close (&second);
    stream_close (&first);
  }
}

static gpointer
push_anyhow (gpointer data)
{
  Stream *self = data;

  gst_harness_push (self->harness, numbered_new (&self->info, self->next++));
  return NULL;
}

/* A stream that ends while its own frame waits: the thread comes back, and the
 * other stream goes on by itself. */
static void
test_own_end (void)
{
  Stream second;

  stream_open (&second, 1, "batch-size=2 batch-timeout=" FOREVER);
  for (guint i = 1; i < 4; i++) { /* by flush, pause and stop */
    Stream first;

    g_test_message ("%s", ends[i].what);
    stream_push (&second);
    stream_open (&first, 0, "batch-size=2 batch-timeout=" FOREVER);
    first.thread = g_thread_new ("stream", push_anyhow, &first);
    numbered_await_stat (first.harness, "in-flight", 1);
    ends[i].end (&first);
    stream_finish (&first);
    stream_push (&second);
    stream_close (&first);
  }
  stream_close (&second);
}

/* Elements come and go while others run. */
static void
test_coming_and_going (void)
{
  Stream steady;

  stream_open (&steady, 0, "batch-size=3 batch-timeout=" LONG);
  stream_begin (&steady, 6, gst_event_new_eos ());
  for (guint i = 0; i < 2; i++) {
    Stream guest;

    stream_open (&guest, 1, "batch-size=3 batch-timeout=1000000");
    stream_push (&guest);
    stream_push (&guest);
    stream_close (&guest);
  }
  stream_finish (&steady);
  stream_close (&steady);
}

/* Adapters */

/* A second file with the same adapters. */
#define OTHERS FECLIP_TEST_DATA "/golden/checkpoint.pt"
#define TAPS " tap-blocks=0,1,2,3"

static void
begin_change (Stream *self)
{
  g_autoptr (GstBus) bus = gst_bus_new ();

  gst_element_set_bus (self->harness->element, bus);
  g_object_set (self->harness->element, "adapter-file", OTHERS, NULL);
}

/* Returns: whether the adapters count from the frame on that came last */
static gboolean
is_changed (const Stream *self)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (self->harness->element);
  GstMessage *message = NULL;
  gboolean changed = FALSE;

  while ((message = gst_bus_pop (bus)) != NULL) {
    changed |= gst_message_has_name (message, "feclip-adapters");
    gst_message_unref (message);
  }
  return changed;
}

/* Pushes frames, of which the last has the new adapters. */
static void
change_adapters (Stream *self)
{
  begin_change (self);
  do
    stream_push (self);
  while (!is_changed (self));
}

/* Elements that get other adapters while they play form a batch with each other
 * and with one that has had them from the start. */
static void
test_changed_together (void)
{
  Stream streams[STREAMS];

  for (guint i = 0; i < STREAMS; i++) {
    stream_open (&streams[i], i,
                 i == 0
                     ? "batch-size=3 batch-timeout=0 adapter-file=" OTHERS TAPS
                     : "batch-size=3 batch-timeout=0" TAPS);
    stream_push (&streams[i]);
  }
  for (guint i = 1; i < STREAMS; i++)
    change_adapters (&streams[i]);
  run_together (streams);
}

/* It and those that it left do not wait for each other any more. */
static void
test_changed_alone (void)
{
  Stream first, second;

  open_pair (&first, &second, "batch-size=2 batch-timeout=0" TAPS);
  stream_push (&first);
  change_adapters (&first);
  numbered_set (first.harness, "batch-timeout=" FOREVER);
  numbered_set (second.harness, "batch-timeout=" FOREVER);
  stream_push (&first);
  stream_push (&second);
  stream_push (&first);
  g_assert_cmpfloat (get_fill (&first), ==, 1);
  g_assert_cmpfloat (get_fill (&second), ==, 1);
  stream_close (&first);
  stream_close (&second);
}

/* A frame that waits with the old adapters waits no longer, and the element
 * goes on with the new ones. */
static void
test_changed_waiting (void)
{
  Stream first, second;

  stream_open (&second, 1, "batch-size=3" TAPS);
  stream_push (&second);
  stream_open (&first, 0, "nireq=2 batch-size=3 batch-timeout=" FOREVER TAPS);
  numbered_push (first.harness, numbered_new (&first.info, 0));
  numbered_await_stat (first.harness, "in-flight", 1);
  /* Frames that bring the change about and are not analysed themselves; not so
   * many that they would have to wait to get in. */
  numbered_set (first.harness, "inference-interval=1000");
  begin_change (&first);
  do {
    g_assert_cmpuint (++first.next, <, 32);
    g_usleep (first.next * 10000);
    numbered_push (first.harness, numbered_new (&first.info, first.next));
  } while (!is_changed (&first));
  numbered_assert_next_analysed (first.harness, &first.info, 0);
  for (guint i = 1; i <= first.next; i++)
    gst_buffer_unref (gst_harness_pull (first.harness));
  numbered_set (first.harness, "inference-interval=1");
  first.next++;
  numbered_push (first.harness, numbered_new (&first.info, first.next));
  gst_harness_push_event (first.harness, gst_event_new_eos ());
  numbered_assert_next_analysed (first.harness, &first.info, first.next);
  stream_close (&first);
  stream_close (&second);
}

int
main (int argc, char **argv)
{
  numbered_init (&argc, &argv);
  g_test_add_func ("/batch/together", test_together);
  g_test_add_func ("/batch/many", test_many);
  g_test_add_func ("/batch/requests", test_requests);
  g_test_add_func ("/batch/gaps", test_gaps);
  g_test_add_func ("/batch/others", test_others);
  g_test_add_func ("/batch/lone", test_lone);
  g_test_add_func ("/batch/timeout", test_timeout);
  g_test_add_func ("/batch/other-ends", test_other_ends);
  g_test_add_func ("/batch/own-end", test_own_end);
  g_test_add_func ("/batch/coming-and-going", test_coming_and_going);
  g_test_add_func ("/batch/changed-together", test_changed_together);
  g_test_add_func ("/batch/changed-alone", test_changed_alone);
  g_test_add_func ("/batch/changed-waiting", test_changed_waiting);
  return numbered_run ();
}
