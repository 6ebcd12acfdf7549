/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An hour of a camera in front of a model that is five times too slow, with a
 * clock that is moved on: delay and memory at its end are those of its
 * beginning, and every frame is accounted for. FECLIP_LIVE_SECONDS makes it
 * shorter. */
#include <stdio.h>
#include <unistd.h>

#include "support/gst_clock.h"
#include "support/gst_numbered.h"

#define HOUR 3600                                         /* seconds */
#define MINUTE ((guint)(60 * GST_SECOND / NUMBERED_TIME)) /* frames */

/* How much resident memory may grow from the first tenth to the end; what one
 * frame leaves behind is there ninety thousand times. */
#define SLACK (1024 * 1024)

/* Most frames of any line that wait for something at a time. */
enum { MOST_ALIVE = 40, MAX_REQUESTS = 2 };

typedef struct {
  const char *properties;
  guint n_requests;
  GstClockTime analysis; /* what the model takes */
  GstClockTime max_delay;
  gboolean reuses;
} Line;

/* What a frame should meet with. */
typedef struct {
  gboolean analysed;
  gboolean late;
  GstClockTime known; /* when its result is */
  GstClockTime leaves;
} Fate;

/* A run of a line, and what came out. */
typedef struct {
  const Line *line;
  GstHarness *harness;
  guint n_frames;
  Fate *fates;
  GstClockTime start;
  GstClockTime busy[MAX_REQUESTS]; /* until then, of each request */

  GMutex lock;
  GCond changed;
  guint n_left; /* under the lock */
} Hour;

static GstVideoInfo frames;
static int alive;

static void
count_death (gpointer unused, GstMiniObject *object)
{
  g_atomic_int_add (&alive, -1);
}

static guint
count_seconds (void)
{
  const char *text = g_getenv ("FECLIP_LIVE_SECONDS");
  guint64 seconds = HOUR;

  if (text != NULL
      && !g_ascii_string_to_unsigned (text, 10, 120, HOUR, &seconds, NULL))
    g_error ("FECLIP_LIVE_SECONDS: \"%s\" is not from 120 to %u", text, HOUR);
  return (guint)seconds;
}

/* Bytes in memory. */
static gint64
get_resident (void)
{
  FILE *file = fopen ("/proc/self/statm", "r");
  long pages = 0;

  g_assert_nonnull (file);
  g_assert_cmpint (fscanf (file, "%*d %ld", &pages), ==, 1);
  fclose (file);
  return (gint64)pages * sysconf (_SC_PAGESIZE);
}

/* The model: whoever maps a frame waits until its result is due. */

static gboolean (*real_map) (GstVideoMeta *, guint, GstMapInfo *, gpointer *,
                             gint *, GstMapFlags);

/* In milliseconds, where an image's own number lies, which nobody reads. */
static GstClockTime
get_due (const GstVideoMeta *meta)
{
  return (GstClockTime)meta->id * GST_MSECOND;
}

static gboolean
map_when_due (GstVideoMeta *meta, guint plane, GstMapInfo *info, gpointer *data,
              gint *stride, GstMapFlags flags)
{
  clock_await (get_due (meta));
  return real_map (meta, plane, info, data, stride, flags);
}

/* Where frames are analysed in the thread that moves the clock. */
static gboolean
map_and_move (GstVideoMeta *meta, guint plane, GstMapInfo *info, gpointer *data,
              gint *stride, GstMapFlags flags)
{
  clock_move_to (get_due (meta));
  return real_map (meta, plane, info, data, stride, flags);
}

static GstBuffer *
new_frame (const Hour *self, GstBuffer *pattern, guint number)
{
  gboolean blocks = self->line->max_delay == 0;
  GstBuffer *buffer = gst_buffer_copy (pattern);
  GstVideoMeta *meta = gst_buffer_add_video_meta (
      buffer, 0, GST_VIDEO_FORMAT_GRAY8, frames.width, frames.height);

  GST_BUFFER_PTS (buffer) = number * NUMBERED_TIME;
  real_map = meta->map;
  meta->map = blocks ? map_and_move : map_when_due;
  meta->id = (gint)((clock_now () + self->line->analysis) / GST_MSECOND);
  g_atomic_int_inc (&alive);
  gst_mini_object_weak_ref (GST_MINI_OBJECT (buffer), count_death, NULL);
  return buffer;
}

/* What shall happen to a frame that arrives now. */
static void
foresee (Hour *self, guint number)
{
  const Line *line = self->line;
  GstClockTime now = clock_now (), deadline = now + line->max_delay;
  Fate *fate = &self->fates[number];

  fate->leaves = now;
  for (guint i = 0; !fate->analysed && i < line->n_requests; i++) {
    if (self->busy[i] > now)
      continue;
    fate->analysed = TRUE;
    fate->known = self->busy[i] = now + line->analysis;
    fate->late = line->max_delay > 0 && deadline < fate->known;
    fate->leaves = fate->late ? deadline : fate->known;
  }
  if (number > 0)
    fate->leaves = MAX (fate->leaves, fate[-1].leaves);
}

/* The frame whose result one that leaves carries. Returns: FALSE if there is
 * none */
static gboolean
find_source (const Hour *self, guint number, guint *source)
{
  const Fate *fates = self->fates;

  *source = number;
  if (fates[number].analysed && !fates[number].late)
    return TRUE;
  if (!self->line->reuses)
    return FALSE;
  while (*source > 0) {
    *source -= 1;
    if (fates[*source].analysed && fates[*source].known <= fates[number].leaves)
      return TRUE;
  }
  return FALSE;
}

static GstPadProbeReturn
check_frame (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Hour *self = data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  GstCustomMeta *meta = gst_buffer_get_custom_meta (buffer, "FeclipMeta");
  guint number = self->n_left, source = 0;
  gboolean analysed = FALSE;
  guint64 age = 0;

  g_assert_cmpuint (GST_BUFFER_PTS (buffer), ==, number * NUMBERED_TIME);
  g_assert_cmpuint (clock_now (), ==, self->fates[number].leaves);
  if (find_source (self, number, &source)) {
    g_assert_nonnull (meta);
    g_assert_true (gst_structure_get (gst_custom_meta_get_structure (meta),
                                      "analysed", G_TYPE_BOOLEAN, &analysed,
                                      "result-age", G_TYPE_UINT64, &age, NULL));
    g_assert_cmpint (analysed, ==, number == source);
    g_assert_cmpuint (age, ==, (number - source) * NUMBERED_TIME);
  } else {
    g_assert_null (meta);
  }
  g_mutex_lock (&self->lock);
  self->n_left++;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  return GST_PAD_PROBE_OK;
}

/* Moves the clock and waits until all has happened that happens until then. */
static void
live_until (Hour *self, GstClockTime time, guint n_arrived)
{
  gboolean waits = FALSE;

  /* Analyses end one at a time, so that frames leave when they are foreseen. */
  while (self->n_left < n_arrived && self->fates[self->n_left].leaves <= time) {
    guint next = self->n_left;

    clock_move_to (MAX (clock_now (), self->fates[next].leaves));
    g_mutex_lock (&self->lock);
    while (self->n_left == next)
      g_cond_wait (&self->changed, &self->lock);
    g_mutex_unlock (&self->lock);
  }
  clock_move_to (time);
  for (guint i = 0; i < self->line->n_requests; i++)
    waits |= self->busy[i] == time;
  /* What is known late shows nowhere else. */
  if (waits && self->line->max_delay < self->line->analysis)
    while (numbered_get_stat (self->harness, "in-flight")
           == self->line->n_requests)
      g_usleep (20);
}

/* Once a minute the network really runs; else there is nothing to be seen that
 * is not ignored. */
static void
choose_regions (Hour *self, guint number)
{
  if (self->line->n_requests > 1)
    return;
  if (number % MINUTE == 0)
    g_object_set (self->harness->element, "ignore-regions", NULL, NULL);
  else if (number % MINUTE == 5)
    g_object_set (self->harness->element, "ignore-regions", "0,0 1,0 1,1 0,1",
                  NULL);
}

static void
push_frame (Hour *self, GstBuffer *pattern, guint number)
{
  GstClockTime time = self->start + number * NUMBERED_TIME;
  gboolean blocks = self->line->max_delay == 0;

  if (!blocks)
    live_until (self, time, number);
  else if (time > clock_now ())
    clock_move_to (time);
  choose_regions (self, number);
  foresee (self, number);
  numbered_push (self->harness, new_frame (self, pattern, number));
  g_assert_cmpint (g_atomic_int_get (&alive), <=, MOST_ALIVE);
}

static void
assert_counts (Hour *self)
{
  guint64 analysed = 0, late = 0, overloaded = 0;

  for (guint i = 0; i < self->n_frames; i++) {
    analysed += self->fates[i].analysed ? 1 : 0;
    late += self->fates[i].late ? 1 : 0;
  }
  overloaded = self->n_frames - analysed;
  g_assert_cmpuint (self->n_left, ==, self->n_frames);
  g_assert_cmpuint (numbered_get_stat (self->harness, "frames"), ==,
                    self->n_frames);
  g_assert_cmpuint (numbered_get_stat (self->harness, "analysed"), ==,
                    analysed);
  g_assert_cmpuint (numbered_get_stat (self->harness, "late"), ==, late);
  g_assert_cmpuint (numbered_get_stat (self->harness, "overloaded"), ==,
                    overloaded);
  g_assert_cmpuint (numbered_get_stat (self->harness, "skipped"), ==,
                    overloaded);
}

/* What shall stay as it is. */
typedef struct {
  guint64 p50;
  guint64 p95;
  guint64 latency;
  guint64 device_memory;
  gint64 resident;
} Sample;

static Sample
take_sample (const Hour *self)
{
  return (Sample){
      .p50 = numbered_get_stat (self->harness, "p50-delay"),
      .p95 = numbered_get_stat (self->harness, "p95-delay"),
      .latency = gst_harness_query_latency (self->harness),
      .device_memory = numbered_get_stat (self->harness, "device-memory"),
      .resident = get_resident (),
  };
}

static void
assert_same (const Sample *now, const Sample *before)
{
  g_assert_cmpuint (now->p50, ==, before->p50);
  g_assert_cmpuint (now->p95, ==, before->p95);
  g_assert_cmpuint (now->latency, ==, before->latency);
  g_assert_cmpuint (now->device_memory, ==, before->device_memory);
#ifndef __SANITIZE_ADDRESS__
  /* ASan keeps what was freed for a while; it finds leaks in its own way. */
  g_assert_cmpint (now->resident - before->resident, <=, SLACK);
#endif
}

static void
run_hour (gconstpointer data)
{
  Hour self = {.line = data};
  g_autoptr (GstBuffer) pattern = numbered_new (&frames, 0);
  GstClockTime end = 0;
  Sample first = {0}, last = {0};

  self.n_frames = (guint)(count_seconds () * GST_SECOND / NUMBERED_TIME);
  self.fates = g_new (Fate, self.n_frames);
  /* Written, not only zero, so that it all is resident from now on. */
  for (guint i = 0; i < self.n_frames; i++)
    self.fates[i] = (Fate){.leaves = GST_CLOCK_TIME_NONE};
  self.harness = numbered_harness (&frames, self.line->properties);
  g_object_set (self.harness->element, "ignore-regions", "0,0 1,0 1,1 0,1",
                NULL);
  gst_harness_set_drop_buffers (self.harness, TRUE);
  gst_pad_add_probe (self.harness->sinkpad, GST_PAD_PROBE_TYPE_BUFFER,
                     check_frame, &self, NULL);
  self.start =
      gst_util_uint64_scale_ceil (clock_now (), 1, GST_SECOND) * GST_SECOND;
  clock_move_to (self.start);
  for (guint i = 0; i < self.n_frames; i++) {
    push_frame (&self, pattern, i);
    /* In the middle of each minute, the first tenth aside. */
    if (i < self.n_frames / 10 || i % MINUTE != MINUTE / 2)
      continue;
    last = take_sample (&self);
    if (first.resident == 0)
      first = last;
    assert_same (&last, &first);
  }
  end = MAX (self.fates[self.n_frames - 1].leaves, clock_now ())
        + self.line->analysis;
  if (self.line->max_delay > 0)
    live_until (&self, end, self.n_frames);
  gst_harness_push_event (self.harness, gst_event_new_eos ());
  g_test_message (
      "delay p50 %.0f ms, p95 %.0f ms, resident %+" G_GINT64_FORMAT " KiB",
      last.p50 / 1e6, last.p95 / 1e6, (last.resident - first.resident) / 1024);
  assert_counts (&self);
  gst_harness_teardown (self.harness);
  g_assert_cmpint (g_atomic_int_get (&alive), ==, 0);
  g_free (self.fates);
}

static const Line block = {
    .properties = "on-overload=block",
    .n_requests = 1,
    .analysis = 200 * GST_MSECOND,
};

static const Line skip = {
    .properties = "on-overload=skip nireq=2",
    .n_requests = 2,
    .analysis = 400 * GST_MSECOND,
    .max_delay = 500 * GST_MSECOND,
};

/* Every result is late. */
static const Line reuse_last = {
    .properties = "on-overload=reuse-last max-delay=100000000",
    .n_requests = 1,
    .analysis = 200 * GST_MSECOND,
    .max_delay = 100 * GST_MSECOND,
    .reuses = TRUE,
};

int
main (int argc, char **argv)
{
  numbered_init (&argc, &argv);
  numbered_info (&frames, 16, 16);
  g_test_add_data_func ("/hour/block", &block, run_hour);
  g_test_add_data_func ("/hour/skip", &skip, run_hour);
  g_test_add_data_func ("/hour/reuse-last", &reuse_last, run_hour);
  return numbered_run ();
}
