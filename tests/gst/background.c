/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the feclip element does in the background while it plays, and what it
 * must not do in a streaming thread or under its object lock. Functions of the
 * libraries are replaced by ones that wait, fail or look at locks. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <feclip/feclip.h>
#include <string.h>

#include "support/gst_analyser.h"
#include "support/gst_numbered.h"

#define DAMAGED "A photo of a damaged object"
#define CHECKPOINT FECLIP_TEST_DATA "/golden/checkpoint.pt"
#define TIMEOUT (20 * G_USEC_PER_SEC)

static GstVideoInfo frames;

/* Replaced functions */

static GMutex lock;
static GCond changed;
/* Under the lock. */
static gboolean encoding_stopped; /* prompts wait */
static gboolean encoding;         /* they do */
static gboolean threads_refused;
static GstElement *watched; /* whose object lock is looked at; NULL: none */
static guint n_queries;     /* of device memory */
static guint n_finalized;   /* models */
static gboolean locked;     /* during one of them */
static GThread *finalizer;  /* of the last model */

static void (*finalize) (GObject *);

gboolean
feclip_model_prepare_prompts (FeclipModel *model, FeclipSettings *settings,
                              GError **error)
{
  gboolean (*real) (FeclipModel *, FeclipSettings *, GError **) =
      dlsym (RTLD_NEXT, "feclip_model_prepare_prompts");

  g_mutex_lock (&lock);
  encoding = TRUE;
  g_cond_broadcast (&changed);
  while (encoding_stopped)
    g_cond_wait (&changed, &lock);
  encoding = FALSE;
  g_mutex_unlock (&lock);
  return real (model, settings, error);
}

GThread *
g_thread_try_new (const char *name, GThreadFunc run, gpointer data,
                  GError **error)
{
  GThread *(*real) (const char *, GThreadFunc, gpointer, GError **) =
      dlsym (RTLD_NEXT, "g_thread_try_new");
  gboolean refused = FALSE;

  g_mutex_lock (&lock);
  refused = threads_refused;
  g_mutex_unlock (&lock);
  if (!refused)
    return real (name, run, data, error);
  g_set_error (error, G_THREAD_ERROR, G_THREAD_ERROR_AGAIN, "no more threads");
  return NULL;
}

/* Returns: whether this thread holds the object lock, which others hold for a
 * moment only */
static gboolean
holds_lock (GstElement *element)
{
  for (guint i = 0; i < 1000; i++) {
    if (g_mutex_trylock (GST_OBJECT_GET_LOCK (element))) {
      GST_OBJECT_UNLOCK (element);
      return FALSE;
    }
    g_usleep (1000);
  }
  return TRUE;
}

static void
look (guint *n)
{
  g_mutex_lock (&lock);
  if (watched != NULL) {
    locked |= holds_lock (watched);
    (*n)++;
    finalizer = g_thread_self ();
    g_cond_broadcast (&changed);
  }
  g_mutex_unlock (&lock);
}

guint64
feclip_model_get_device_memory (FeclipModel *model, guint64 *budget)
{
  guint64 (*real) (FeclipModel *, guint64 *) =
      dlsym (RTLD_NEXT, "feclip_model_get_device_memory");

  look (&n_queries);
  return real (model, budget);
}

static void
finalize_model (GObject *model)
{
  look (&n_finalized);
  finalize (model);
}

static void
set_flag (gboolean *flag, gboolean value)
{
  g_mutex_lock (&lock);
  *flag = value;
  g_cond_broadcast (&changed);
  g_mutex_unlock (&lock);
}

static void
watch (GstElement *element)
{
  g_mutex_lock (&lock);
  watched = element;
  n_queries = n_finalized = 0;
  locked = FALSE;
  finalizer = NULL;
  g_mutex_unlock (&lock);
}

/* With the lock held. Fails the test if @flag is not set in time. */
static void
await (const int *flag)
{
  gint64 deadline = g_get_monotonic_time () + TIMEOUT;

  while (!*flag)
    g_assert_true (g_cond_wait_until (&changed, &lock, deadline));
}

/* Flushing */

typedef struct {
  GstHarness *harness;
  GstFlowReturn flow;
  gboolean returned; /* under the lock */
} Push;

static gpointer
push_frame (gpointer data)
{
  Push *self = data;

  self->flow = gst_harness_push (self->harness, numbered_new (&frames, 0));
  set_flag (&self->returned, TRUE);
  return NULL;
}

/* A frame that waits for prompts leaves with the flush, although they are still
 * being encoded; the next one waits again. */
static void
test_flush (gconstpointer properties)
{
  GstHarness *harness = numbered_harness (&frames, properties);
  Push push = {.harness = harness};
  GThread *pusher = NULL;
  GstSegment segment;
  g_autoptr (FeclipVerdict) verdict = NULL;
  g_autoptr (GstBuffer) out = NULL;

  set_flag (&encoding_stopped, TRUE);
  g_object_set (harness->element, "normal-prompt", DAMAGED, NULL);
  pusher = g_thread_new ("pusher", push_frame, &push);
  g_mutex_lock (&lock);
  await (&encoding);
  g_mutex_unlock (&lock);
  g_usleep (G_USEC_PER_SEC / 20);
  g_mutex_lock (&lock);
  g_assert_false (push.returned);
  g_mutex_unlock (&lock);

  gst_harness_push_event (harness, gst_event_new_flush_start ());
  g_mutex_lock (&lock);
  await (&push.returned);
  g_assert_true (encoding);
  g_mutex_unlock (&lock);
  g_thread_join (pusher);
  g_assert_cmpint (push.flow, ==, GST_FLOW_FLUSHING);

  gst_harness_push_event (harness, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (harness, gst_event_new_segment (&segment));
  push.returned = FALSE;
  pusher = g_thread_new ("pusher", push_frame, &push);
  g_usleep (G_USEC_PER_SEC / 20);
  g_mutex_lock (&lock);
  g_assert_false (push.returned);
  g_mutex_unlock (&lock);
  set_flag (&encoding_stopped, FALSE);
  g_thread_join (pusher);
  g_assert_cmpint (push.flow, ==, GST_FLOW_OK);
  out = gst_harness_pull (harness);
  verdict = feclip_verdict_from_buffer (out);
  g_assert_nonnull (verdict);
  gst_harness_teardown (harness);
}

/* Releasing */

/* Pushes frames until other adapters are in use. */
static void
swap_adapters (GstHarness *harness, GstBus *bus)
{
  gboolean swapped = FALSE;

  g_object_set (harness->element, "adapter-file", CHECKPOINT, NULL);
  for (guint number = 0; !swapped; number++) {
    g_autoptr (GstBuffer) out = NULL;
    g_autoptr (GstMessage) message = NULL;

    numbered_push (harness, numbered_new (&frames, number));
    out = gst_harness_pull (harness);
    message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT);
    swapped =
        message != NULL && gst_message_has_name (message, "feclip-adapters");
  }
}

/* The model that was replaced is released neither in a streaming thread nor
 * under the object lock. */
static void
test_release (gconstpointer properties)
{
  GstHarness *harness = numbered_harness (&frames, properties);
  g_autoptr (GstBus) bus = gst_bus_new ();

  gst_element_set_bus (harness->element, bus);
  numbered_push (harness, numbered_new (&frames, 0));
  gst_buffer_unref (gst_harness_pull (harness));
  watch (harness->element);
  swap_adapters (harness, bus);
  g_mutex_lock (&lock);
  await ((const int *)&n_finalized);
  g_assert_cmpuint (n_finalized, ==, 1);
  g_assert_false (locked);
  g_assert_true (finalizer != g_thread_self ());
  g_mutex_unlock (&lock);
  watch (NULL);
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}

static void
test_stats (void)
{
  GstHarness *harness = numbered_harness (&frames, "nireq=2");

  watch (harness->element);
  g_assert_cmpuint (numbered_get_stat (harness, "device-memory"), >, 0);
  g_assert_cmpuint (n_queries, ==, 1);
  g_assert_false (locked);
  watch (NULL);
  gst_harness_teardown (harness);
}

/* Threads that cannot be started */

static void
assert_message (GstBus *bus, GstMessageType type, const char *word)
{
  g_autoptr (GstMessage) message =
      gst_bus_timed_pop_filtered (bus, TIMEOUT * GST_USECOND, type);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (message);
  if (type == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, NULL);
  else
    gst_message_parse_warning (message, &error, NULL);
  g_assert_error (error, GST_CORE_ERROR, GST_CORE_ERROR_THREAD);
  g_assert_nonnull (strstr (error->message, word));
}

static void
test_no_worker_thread (void)
{
  GstHarness *harness = numbered_harness (&frames, "nireq=2");
  g_autoptr (GstBus) bus = gst_bus_new ();

  gst_element_set_bus (harness->element, bus);
  set_flag (&threads_refused, TRUE);
  numbered_push (harness, numbered_new (&frames, 0));
  assert_message (bus, GST_MESSAGE_ERROR, "no more threads");
  g_assert_cmpint (gst_harness_push (harness, numbered_new (&frames, 1)), ==,
                   GST_FLOW_ERROR);
  set_flag (&threads_refused, FALSE);
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}

static void
test_no_task_thread (void)
{
  static const struct {
    const char *property, *value, *word;
  } cases[] = {
      {"normal-prompt", DAMAGED, "threads; the prompts before stay in force"},
      {"adapter-file", CHECKPOINT, "threads; the adapters before stay in"},
  };
  GstHarness *harness = numbered_harness (&frames, "tap-blocks=0,1,2,3");
  g_autoptr (GstBus) bus = gst_bus_new ();

  gst_element_set_bus (harness->element, bus);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    set_flag (&threads_refused, TRUE);
    g_object_set (harness->element, cases[i].property, cases[i].value, NULL);
    assert_message (bus, GST_MESSAGE_WARNING, cases[i].word);
    set_flag (&threads_refused, FALSE);
    numbered_push (harness, numbered_new (&frames, i));
    numbered_assert_next_analysed (harness, &frames, i);
    g_assert_null (gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING));
  }
  /* What was refused can be set again. */
  swap_adapters (harness, bus);
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}

/* Without a thread the old model is released all the same. */
static void
test_no_releasing_thread (void)
{
  GstHarness *harness = numbered_harness (&frames, "tap-blocks=0,1,2,3");
  g_autoptr (GstBus) bus = gst_bus_new ();
  gboolean swapped = FALSE;

  gst_element_set_bus (harness->element, bus);
  g_object_set (harness->element, "adapter-file", CHECKPOINT, NULL);
  set_flag (&threads_refused, TRUE);
  watch (harness->element);
  for (guint number = 0; !swapped; number++) {
    g_autoptr (GstMessage) message = NULL;

    numbered_push (harness, numbered_new (&frames, number));
    gst_buffer_unref (gst_harness_pull (harness));
    message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT);
    swapped = message != NULL;
  }
  g_mutex_lock (&lock);
  await ((const int *)&n_finalized);
  g_assert_false (locked);
  g_mutex_unlock (&lock);
  watch (NULL);
  set_flag (&threads_refused, FALSE);
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}

int
main (int argc, char **argv)
{
  GObjectClass *model = NULL;
  int status = 0;

  numbered_init (&argc, &argv);
  numbered_info (&frames, 64, 48);
  model = g_type_class_ref (FECLIP_TYPE_MODEL);
  finalize = model->finalize;
  model->finalize = finalize_model;
  g_test_add_data_func ("/background/flush/one-request", "", test_flush);
  g_test_add_data_func ("/background/flush/requests", "nireq=2", test_flush);
  g_test_add_data_func ("/background/release/one-request", "tap-blocks=0,1,2,3",
                        test_release);
  g_test_add_data_func ("/background/release/requests",
                        "nireq=2 tap-blocks=0,1,2,3", test_release);
  g_test_add_data_func ("/background/release/batch",
                        "nireq=2 batch-size=2 tap-blocks=0,1,2,3",
                        test_release);
  g_test_add_func ("/background/stats", test_stats);
  g_test_add_func ("/background/no-thread/worker", test_no_worker_thread);
  g_test_add_func ("/background/no-thread/task", test_no_task_thread);
  g_test_add_func ("/background/no-thread/releasing", test_no_releasing_thread);
  status = numbered_run ();
  g_type_class_unref (model);
  return status;
}
