/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Everything that may change while the feclip element plays, changed a thousand
 * times at random from a thread of its own: every frame comes out once and in
 * order, and nothing stays behind. `--seed` repeats a run. */
#include <string.h>

#include "support/gst_analyser.h"
#include "support/gst_gate.h"
#include "support/gst_numbered.h"
#include "support/gst_test_image.h"

enum {
  N_CHANGES = 1000,
  N_FORMATS = 6,
  MAX_FRAMES = 8 * N_CHANGES,
  MAX_VALUES = 6,
};

/* A property and what it may be set to, its default first. */
typedef struct {
  const char *property;
  const char *values[MAX_VALUES];
} Setting;

#define LEFT "0,0 0.5,0 0.5,1 0,1"
#define MIDDLE "0.2,0.2 0.8,0.2 0.8,0.8 0.2,0.8"
#define ALL "0,0 1,0 1,1 0,1"

/* Prompts that need no vocabulary, and a second file with adapters. */
#define NORMAL "A photo of a normal object"
#define DAMAGED "A photo of a damaged object"
#define CHECKPOINT FECLIP_TEST_DATA "/golden/checkpoint.pt"

/* One more property that may change while playing is one more line. */
static const Setting settings[] = {
    {"threshold", {"0.5", "0", "0.9", "-3"}},
    {"pixel-threshold", {"0.5", "0.01", "0.9", "-3"}},
    {"min-area", {"0", "0.01", "20"}},
    {"release-threshold", {"1000", "0.1", "0.6"}},
    {"score-smoothing", {"0", "100000000", "1000000000"}},
    {"map-time-smoothing", {"0", "100000000"}},
    {"min-event-duration", {"0", "80000000"}},
    {"min-clear-duration", {"0", "80000000"}},
    {"post-events", {"true", "false"}},
    {"post-messages", {"false", "true"}},
    {"include-regions", {"", MIDDLE, LEFT "; " MIDDLE}},
    {"ignore-regions", {"", LEFT, MIDDLE, ALL}},
    {"inference-interval", {"1", "2", "5", "1000"}},
    {"inference-region", {"full-frame", "roi-list"}},
    {"active", {"true", "false"}},
    {"on-overload", {"block", "skip", "reuse-last"}},
    {"max-delay", {"500000000", "0", "1000000", "20000000"}},
    {"normal-prompt", {NORMAL, DAMAGED, NORMAL "|" DAMAGED}},
    {"anomaly-prompt", {DAMAGED, NORMAL, DAMAGED "|" NORMAL}},
    {"adapter-file", {ANALYSER_ADAPTER, CHECKPOINT}},
    {"batch-timeout", {"10000000", "0"}},
};

/* A frame that was pushed. */
typedef struct {
  guint epoch; /* flushes before it */
  guint format;
  gboolean taken; /* by the element */
  gboolean left;
} Pushed;

typedef struct {
  GstHarness *harness;
  GstVideoInfo infos[N_FORMATS];
  GstBuffer *patterns[N_FORMATS];

  GMutex pushing; /* held while something serialized is pushed */
  guint format;   /* of the frames that follow, from here on under it */
  gboolean needs_segment;
  guint epoch;

  GMutex lock;
  GCond changed;
  /* Under the lock. */
  guint next_format;
  GstTagList *tags; /* to be pushed before the next frame, or NULL */
  guint n_pushed;
  guint n_allowed; /* so that changes keep up with frames that go fast */
  gboolean finished;

  /* Of the thread in which frames leave, or that flushes it. */
  guint n_left;
  guint next; /* the first that may still leave */

  Pushed frames[MAX_FRAMES];
  guint proof; /* from this frame on, results are those of a plain detector */
} Run;

static int alive;

static void
count_death (gpointer unused, GstMiniObject *object)
{
  g_atomic_int_add (&alive, -1);
}

/* Leaving */

static GstPadProbeReturn
check_frame (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Run *self = data;
  /* Also tells the thread sanitizer that a buffer may be used again. */
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->lock);
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  guint number = (guint)(GST_BUFFER_PTS (buffer) / NUMBERED_TIME);
  Pushed *pushed = &self->frames[number];
  GstVideoInfo *format = &self->infos[pushed->format];
  g_autoptr (GstCaps) now = gst_pad_get_current_caps (pad);
  g_autoptr (GstCaps) wanted = gst_video_info_to_caps (format);

  g_assert_cmpuint (number, >=, self->next);
  self->next = number + 1;
  self->n_left++;
  pushed->left = TRUE;
  g_assert_true (gst_caps_is_equal (now, wanted));
  g_assert_cmpuint (gst_buffer_get_size (buffer), ==, format->size);
  if (number >= self->proof)
    numbered_assert_analysed (buffer, format, number);
  return GST_PAD_PROBE_OK;
}

static GstBusSyncReply
check_message (GstBus *bus, GstMessage *message, gpointer unused)
{
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR
      || GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING)
    g_error ("%" GST_PTR_FORMAT, gst_message_get_structure (message));
  gst_message_unref (message);
  return GST_BUS_DROP;
}

/* Every frame that the element took has left, but for the last ones before a
 * flush. */
static void
assert_nothing_lost (const Run *self)
{
  guint discarded = 0, gone = 0;

  for (guint i = self->n_pushed; i-- > 0;) {
    const Pushed *pushed = &self->frames[i];
    gboolean last =
        i + 1 == self->n_pushed || self->frames[i + 1].epoch != pushed->epoch;

    gone = last ? 0 : gone;
    if (pushed->taken && !pushed->left) {
      g_assert_cmpuint (pushed->epoch, !=, self->epoch);
      g_assert_cmpuint (gone, ==, 0);
      discarded++;
    }
    gone += pushed->left ? 1 : 0;
  }
  g_test_message ("%u frames, %u left, %u discarded by %u flushes",
                  self->n_pushed, self->n_left, discarded, self->epoch);
}

/* Pushing */

static void
add_regions (GstBuffer *buffer, const GstVideoInfo *info, GRand *random)
{
  for (gint32 n = g_rand_int_range (random, 0, 3); n > 0; n--)
    gst_buffer_add_video_region_of_interest_meta (
        buffer, "part", (guint)g_rand_int_range (random, 0, info->width),
        (guint)g_rand_int_range (random, 0, info->height), 12, 10);
}

static GstBuffer *
new_frame (Run *self, guint number, GRand *random)
{
  GstBuffer *buffer = NULL;

  if (number >= self->proof) {
    buffer = numbered_new (&self->infos[self->format], number);
  } else {
    buffer = gst_buffer_copy (self->patterns[self->format]);
    add_regions (buffer, &self->infos[self->format], random);
    if (g_rand_int_range (random, 0, 16) == 0)
      GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_GAP);
  }
  g_mutex_lock (&self->lock);
  GST_BUFFER_PTS (buffer) = number * NUMBERED_TIME;
  GST_BUFFER_DURATION (buffer) = NUMBERED_TIME;
  g_mutex_unlock (&self->lock);
  g_atomic_int_inc (&alive);
  gst_mini_object_weak_ref (GST_MINI_OBJECT (buffer), count_death, NULL);
  return buffer;
}

/* Pushes what comes before the next frame. */
static void
push_events (Run *self)
{
  g_autoptr (GstTagList) tags = NULL;
  guint format = 0;

  g_mutex_lock (&self->lock);
  format = self->next_format;
  tags = g_steal_pointer (&self->tags);
  g_mutex_unlock (&self->lock);
  if (format != self->format) {
    g_autoptr (GstCaps) caps = gst_video_info_to_caps (&self->infos[format]);

    gst_harness_push_event (self->harness, gst_event_new_caps (caps));
    self->format = format;
  }
  if (self->needs_segment) {
    GstSegment segment;

    gst_segment_init (&segment, GST_FORMAT_TIME);
    gst_harness_push_event (self->harness, gst_event_new_segment (&segment));
    self->needs_segment = FALSE;
  }
  if (tags != NULL)
    gst_harness_push_event (self->harness,
                            gst_event_new_tag (g_steal_pointer (&tags)));
}

static void
push_next (Run *self, GRand *random)
{
  GstFlowReturn flow = GST_FLOW_OK;
  guint number = self->n_pushed, epoch = 0;

  g_assert_cmpuint (number, <, MAX_FRAMES);
  g_mutex_lock (&self->pushing);
  push_events (self);
  epoch = self->epoch;
  self->frames[number] = (Pushed){.epoch = epoch, .format = self->format};
  flow = gst_harness_push (self->harness, new_frame (self, number, random));
  g_mutex_unlock (&self->pushing);

  g_assert_true (flow == GST_FLOW_OK || flow == GST_FLOW_FLUSHING);
  self->frames[number].taken = flow == GST_FLOW_OK;
  g_mutex_lock (&self->lock);
  self->n_pushed++;
  g_cond_broadcast (&self->changed);
  while (flow == GST_FLOW_FLUSHING && self->epoch == epoch)
    g_cond_wait (&self->changed, &self->lock);
  g_mutex_unlock (&self->lock);
}

/* Changes */

static void
change_setting (Run *self, GRand *random)
{
  const Setting *setting =
      &settings[g_rand_int_range (random, 0, G_N_ELEMENTS (settings))];
  gint32 n = 0;

  while (n < MAX_VALUES && setting->values[n] != NULL)
    n++;
  gst_util_set_object_arg (G_OBJECT (self->harness->element), setting->property,
                           setting->values[g_rand_int_range (random, 0, n)]);
}

static void
change_caps (Run *self, GRand *random)
{
  g_mutex_lock (&self->lock);
  self->next_format = (guint)g_rand_int_range (random, 0, N_FORMATS);
  g_mutex_unlock (&self->lock);
}

static void
change_orientation (Run *self, GRand *random)
{
  static const char *const turns[] = {"rotate-0", "rotate-90", "flip-rotate-0",
                                      "rotate-180"};

  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->tags, gst_tag_list_unref);
  self->tags = gst_tag_list_new (
      GST_TAG_IMAGE_ORIENTATION,
      turns[g_rand_int_range (random, 0, G_N_ELEMENTS (turns))], NULL);
  g_mutex_unlock (&self->lock);
}

static void
flush (Run *self, GRand *random)
{
  gst_harness_push_event (self->harness, gst_event_new_flush_start ());
  g_mutex_lock (&self->pushing);
  gst_harness_push_event (self->harness, gst_event_new_flush_stop (TRUE));
  self->needs_segment = TRUE;
  g_mutex_lock (&self->lock);
  self->epoch++;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  g_mutex_unlock (&self->pushing);
}

static void
ask (Run *self, GRand *random)
{
  g_assert_cmpuint (numbered_get_stat (self->harness, "in-flight"), <=, 3);
  gst_harness_query_latency (self->harness);
}

/* What is chosen among, by how often. */
static const struct {
  void (*apply) (Run *, GRand *);
  gint32 share;
} changes[] = {
    {change_setting, 80}, {change_caps, 8}, {change_orientation, 4},
    {flush, 4},           {ask, 4},
};

static void
change (Run *self, GRand *random)
{
  gint32 at = g_rand_int_range (random, 0, 100);
  guint kind = 0;

  while (at >= changes[kind].share)
    at -= changes[kind++].share;
  changes[kind].apply (self, random);
}

/* Changes something, after none to a few frames each. */
static gpointer
change_all (gpointer data)
{
  Run *self = data;
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32)g_test_rand_int ());

  for (guint i = 0; i < N_CHANGES; i++) {
    guint until = 0;

    change (self, random);
    g_mutex_lock (&self->lock);
    until = self->n_pushed + (guint)g_rand_int_range (random, 0, 3);
    self->n_allowed = until + 2;
    g_cond_broadcast (&self->changed);
    while (self->n_pushed < until)
      g_cond_wait (&self->changed, &self->lock);
    g_mutex_unlock (&self->lock);
  }
  g_mutex_lock (&self->lock);
  self->finished = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  return NULL;
}

/* Waits until another frame may be pushed. Returns: FALSE when there have been
 * all changes */
static gboolean
await_turn (Run *self)
{
  gboolean finished = FALSE;

  g_mutex_lock (&self->lock);
  while (!self->finished && self->n_pushed >= self->n_allowed)
    g_cond_wait (&self->changed, &self->lock);
  finished = self->finished;
  g_mutex_unlock (&self->lock);
  return !finished;
}

/* From here on all is as it was at first. */
static void
restore (Run *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    gst_util_set_object_arg (G_OBJECT (self->harness->element),
                             settings[i].property, settings[i].values[0]);
  g_mutex_lock (&self->lock);
  self->next_format = 0;
  g_clear_pointer (&self->tags, gst_tag_list_unref);
  self->tags = gst_tag_list_new (GST_TAG_IMAGE_ORIENTATION, "rotate-0", NULL);
  self->proof = self->n_pushed;
  g_mutex_unlock (&self->lock);
}

/* Pushes frames that carry what a plain detector finds. Returns: bytes that the
 * process then holds on the device, where each request has seen such frames */
static guint64
prove (Run *self, GRand *random)
{
  GstQuery *drain = gst_query_new_drain ();

  for (guint i = 0; i < 12; i++)
    push_next (self, random);
  gst_pad_peer_query (self->harness->srcpad, drain);
  gst_query_unref (drain);
  return numbered_get_stat (self->harness, "device-memory");
}

static void
run_init (Run *self, const char *properties)
{
  static const struct {
    GstVideoFormat format;
    guint width;
    guint height;
    int fps_n;
  } formats[N_FORMATS] = {
      {GST_VIDEO_FORMAT_GRAY8, 48, 32, 25},
      {GST_VIDEO_FORMAT_RGB, 64, 48, 25},
      {GST_VIDEO_FORMAT_NV12, 96, 64, 30},
      {GST_VIDEO_FORMAT_I420, 33, 17, 0},
      {GST_VIDEO_FORMAT_YUY2, 40, 30, 5},
      {GST_VIDEO_FORMAT_GRAY8, 16, 90, 25},
  };
  g_autoptr (GstBus) bus = gst_bus_new ();

  for (guint i = 0; i < N_FORMATS; i++) {
    image_info (&self->infos[i], formats[i].format, formats[i].width,
                formats[i].height);
    self->infos[i].fps_n = formats[i].fps_n;
    self->patterns[i] = image_new (&self->infos[i]);
  }
  self->harness = numbered_harness (&self->infos[0], properties);
  gst_harness_set_drop_buffers (self->harness, TRUE);
  gst_pad_add_probe (self->harness->sinkpad, GST_PAD_PROBE_TYPE_BUFFER,
                     check_frame, self, NULL);
  gst_bus_set_sync_handler (bus, check_message, NULL, NULL);
  gst_element_set_bus (self->harness->element, bus);
}

static void
run_clear (Run *self)
{
  GstElement *element = self->harness->element;

  gst_element_set_bus (element, NULL);
  g_object_add_weak_pointer (G_OBJECT (element), (gpointer *)&element);
  gst_harness_teardown (self->harness);
  g_assert_null (element);
  for (guint i = 0; i < N_FORMATS; i++)
    gst_buffer_unref (self->patterns[i]);
  g_assert_cmpint (g_atomic_int_get (&alive), ==, 0);
}

/* Adapters take over once they are loaded. */
static void
await_memory (Run *self, GRand *random, guint64 memory)
{
  for (guint i = 0; i < 100 && prove (self, random) != memory; i++)
    g_usleep (G_USEC_PER_SEC / 10);
  g_assert_cmpuint (prove (self, random), ==, memory);
}

static void
test_changes (gconstpointer properties)
{
  g_autofree Run *self = g_new0 (Run, 1);
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32)g_test_rand_int ());
  GThread *changer = NULL;
  guint64 memory = 0;

  run_init (self, properties);
  memory = prove (self, random);
  self->proof = G_MAXUINT;
  changer = g_thread_new ("changer", change_all, self);
  while (await_turn (self))
    push_next (self, random);
  g_thread_join (changer);

  restore (self);
  await_memory (self, random, memory);
  g_assert_true (gst_harness_push_event (self->harness, gst_event_new_eos ()));
  assert_nothing_lost (self);
  run_clear (self);
}

static void
set_adapters (Run *self, const char *file)
{
  g_object_set (self->harness->element, "adapter-file", file, NULL);
}

/* Adapters that are asked for while a frame takes those over that were asked
 * for before. */
static void
test_back_and_forth (void)
{
  g_autofree Run *self = g_new0 (Run, 1);
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32)g_test_rand_int ());
  guint64 memory = 0;

  run_init (self, "nireq=2 tap-blocks=0,1,2,3");
  memory = prove (self, random);
  for (guint round = 0; round < 12; round++) {
    set_adapters (self, CHECKPOINT);
    g_usleep ((gulong)g_rand_int_range (random, 20, 60) * 1000);
    set_adapters (self, ANALYSER_ADAPTER);
    await_memory (self, random, memory);
  }
  run_clear (self);
}

/* Starts the element. Returns: bytes that the process then holds on the device;
 * those of ANALYSER_ADAPTER are shared with the plain detector's model */
static guint64
start_with (Run *self, const char *properties, const char *file, GRand *random)
{
  g_autofree char *all =
      g_strdup_printf ("%s adapter-file=%s", properties, file);

  run_init (self, all);
  self->proof = G_MAXUINT;
  return prove (self, random);
}

/* After a swap the old adapters take no device memory. */
static void
test_other_adapters (gconstpointer properties)
{
  g_autofree Run *fresh = g_new0 (Run, 1), *self = g_new0 (Run, 1);
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32)g_test_rand_int ());
  guint64 memory = start_with (fresh, properties, ANALYSER_ADAPTER, random);

  run_clear (fresh);
  g_assert_cmpuint (start_with (self, properties, CHECKPOINT, random), >,
                    memory);
  set_adapters (self, ANALYSER_ADAPTER);
  await_memory (self, random, memory);
  run_clear (self);
}

int
main (int argc, char **argv)
{
  numbered_init (&argc, &argv);
  g_test_add_data_func ("/changes/one-request", "nireq=1 tap-blocks=0,1,2,3",
                        test_changes);
  g_test_add_data_func ("/changes/batch",
                        "nireq=2 batch-size=2 tap-blocks=0,1,2,3",
                        test_changes);
  g_test_add_data_func ("/changes/three-requests", "nireq=3 tap-blocks=0,1,2,3",
                        test_changes);
  g_test_add_func ("/changes/back-and-forth", test_back_and_forth);
  g_test_add_data_func ("/changes/other-adapters/one-request",
                        "nireq=1 tap-blocks=0,1,2,3", test_other_adapters);
  g_test_add_data_func ("/changes/other-adapters/requests",
                        "nireq=3 tap-blocks=0,1,2,3", test_other_adapters);
  g_test_add_data_func ("/changes/other-adapters/batch",
                        "nireq=2 batch-size=2 tap-blocks=0,1,2,3",
                        test_other_adapters);
  return numbered_run ();
}
