/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/batcher.h"

/* What members share. */
typedef struct {
  guint n_members; /* under the registry's lock */
  FeclipBatch *batch;
  guint size;

  GMutex lock;
  GCond changed;
  /* Under the lock. */
  GPtrArray *members; /* GstFeclipBatchClient */
  GQueue waiting;     /* Entry, first come first */
  gboolean running;   /* the network, outside the lock */
  gint64 idle_since;  /* when it last ended, as g_get_monotonic_time() */
} Batcher;

struct _GstFeclipBatchClient {
  gatomicrefcount ref_count;
  Batcher *batcher;
  guint n_requests;

  /* Under the batcher's lock. */
  gboolean playing;
  gboolean stopped;
  guint hurried;
  gboolean flowing; /* a frame has come, and others may follow */
  guint n_waiting;
};

/* A frame whose thread waits. */
typedef struct {
  GstFeclipBatchClient *member;
  FeclipBatchItem item;
  gint64 arrival;
  gint64 timeout; /* in µs, G_MAXINT64: none */
  GstFeclipBatchStats *company;
  gboolean taken; /* out of the queue */
  gboolean done;
} Entry;

/* Batchers in use, so that elements find them. */
static GMutex registry_lock;
static GSList *registry;

/* The shared part */

static Batcher *
batcher_new (FeclipModel *model, FeclipSettings *settings, guint size,
             GError **error)
{
  FeclipBatch *batch = feclip_batch_new (model, settings, size, error);
  Batcher *self = NULL;

  if (batch == NULL)
    return NULL;
  self = g_new0 (Batcher, 1);
  self->batch = batch;
  self->size = size;
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  g_queue_init (&self->waiting);
  self->members = g_ptr_array_new ();
  return self;
}

static void
batcher_free (Batcher *self)
{
  g_ptr_array_unref (self->members);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
  g_object_unref (self->batch);
  g_free (self);
}

/* Returns: a batcher that counts one member more */
static Batcher *
batcher_join (FeclipModel *model, FeclipSettings *settings, guint size,
              GError **error)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&registry_lock);
  Batcher *self = NULL;

  for (GSList *l = registry; l != NULL && self == NULL; l = l->next) {
    Batcher *other = l->data;

    if (other->size == size
        && feclip_batch_suits (other->batch, model, settings))
      self = other;
  }
  if (self == NULL) {
    self = batcher_new (model, settings, size, error);
    if (self == NULL)
      return NULL;
    registry = g_slist_prepend (registry, self);
  }
  self->n_members++;
  return self;
}

static void
batcher_leave (Batcher *self)
{
  gboolean last = FALSE;

  g_mutex_lock (&registry_lock);
  last = --self->n_members == 0;
  if (last)
    registry = g_slist_remove (registry, self);
  g_mutex_unlock (&registry_lock);
  if (last)
    batcher_free (self);
}

/* When to run */

/* With the lock held. */
static gboolean
is_held (const GstFeclipBatchClient *self)
{
  return self->playing && !self->stopped && self->hurried == 0;
}

/* With the lock held. Returns: whether a further frame may come soon */
static gboolean
is_awaited (const GstFeclipBatchClient *self)
{
  return is_held (self) && self->flowing && self->n_waiting < self->n_requests;
}

static gint64
add_time (gint64 time, gint64 more)
{
  return more > G_MAXINT64 - time ? G_MAXINT64 : time + more;
}

/* With the lock held, frames waiting and the network idle. Returns: when the
 * network is to run if nothing changes until then, 0: now, G_MAXINT64: never */
static gint64
get_due_time (const Batcher *self)
{
  gboolean awaited = FALSE;
  gint64 due = G_MAXINT64;

  for (guint i = 0; i < self->members->len && !awaited; i++)
    awaited = is_awaited (g_ptr_array_index (self->members, i));
  if (!awaited || self->waiting.length >= self->size)
    return 0;
  for (GList *l = self->waiting.head; l != NULL; l = l->next) {
    const Entry *entry = l->data;
    gint64 begin = MAX (entry->arrival, self->idle_since);

    if (!is_held (entry->member))
      return 0;
    due = MIN (due, add_time (begin, entry->timeout));
  }
  return due;
}

/* With the lock held, which it gives up while the network runs. */
static void
run (Batcher *self)
{
  guint n = MIN (self->waiting.length, self->size);
  Entry *entries[FECLIP_BATCH_MAX];
  FeclipBatchItem items[FECLIP_BATCH_MAX];
  gint64 now = g_get_monotonic_time ();

  for (guint i = 0; i < n; i++) {
    Entry *entry = entries[i] = g_queue_pop_head (&self->waiting);
    gint64 begin = MAX (entry->arrival, self->idle_since);

    entry->taken = TRUE;
    entry->member->n_waiting--;
    entry->company->frames = n;
    entry->company->queued =
        (GstClockTime)(begin - entry->arrival) * GST_USECOND;
    entry->company->waited = (GstClockTime)MAX (now - begin, 0) * GST_USECOND;
    items[i] = entry->item;
  }
  self->running = TRUE;
  g_mutex_unlock (&self->lock);
  feclip_batch_analyse (self->batch, items, n);
  g_mutex_lock (&self->lock);
  self->running = FALSE;
  self->idle_since = g_get_monotonic_time ();
  for (guint i = 0; i < n; i++) {
    entries[i]->item = items[i];
    entries[i]->done = TRUE;
  }
  g_cond_broadcast (&self->changed);
}

/* With the lock held: until the frame has been analysed. */
static void
attend (Batcher *self, const Entry *entry)
{
  while (!entry->done) {
    gint64 due = G_MAXINT64;

    if (!entry->taken && !self->running)
      due = get_due_time (self);
    if (due == G_MAXINT64)
      g_cond_wait (&self->changed, &self->lock);
    else if (due <= g_get_monotonic_time ())
      run (self);
    else
      g_cond_wait_until (&self->changed, &self->lock, due);
  }
}

/* Members */

GstFeclipBatchClient *
gst_feclip_batch_client_new (FeclipModel *model, FeclipSettings *settings,
                             guint size, guint n_requests, GError **error)
{
  Batcher *batcher = batcher_join (model, settings, size, error);
  GstFeclipBatchClient *self = NULL;

  if (batcher == NULL)
    return NULL;
  self = g_new0 (GstFeclipBatchClient, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->batcher = batcher;
  self->n_requests = n_requests;
  self->stopped = TRUE;
  g_mutex_lock (&batcher->lock);
  g_ptr_array_add (batcher->members, self);
  g_mutex_unlock (&batcher->lock);
  return self;
}

GstFeclipBatchClient *
gst_feclip_batch_client_new_like (const GstFeclipBatchClient *other,
                                  FeclipModel *model, FeclipSettings *settings,
                                  GError **error)
{
  return gst_feclip_batch_client_new (model, settings, other->batcher->size,
                                      other->n_requests, error);
}

GstFeclipBatchClient *
gst_feclip_batch_client_ref (GstFeclipBatchClient *self)
{
  if (self != NULL)
    g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
gst_feclip_batch_client_unref (GstFeclipBatchClient *self)
{
  Batcher *batcher = NULL;

  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  batcher = self->batcher;
  g_mutex_lock (&batcher->lock);
  g_assert (self->n_waiting == 0);
  g_ptr_array_remove (batcher->members, self);
  g_cond_broadcast (&batcher->changed);
  g_mutex_unlock (&batcher->lock);
  batcher_leave (batcher);
  g_free (self);
}

FeclipDetector *
gst_feclip_batch_client_new_detector (GstFeclipBatchClient *self,
                                      FeclipModel *model,
                                      FeclipSettings *settings, GError **error)
{
  if (self == NULL)
    return feclip_detector_new (model, settings, error);
  return feclip_batch_new_detector (self->batcher->batch, model, settings,
                                    error);
}

guint64
gst_feclip_batch_client_get_activations_size (GstFeclipBatchClient *self)
{
  return self != NULL ? feclip_batch_get_activations_size (self->batcher->batch)
                      : 0;
}

gboolean
gst_feclip_batch_client_takes (GstFeclipBatchClient *self,
                               FeclipDetector *detector)
{
  return feclip_batch_can_join (self->batcher->batch, detector);
}

FeclipResult *
gst_feclip_batch_client_analyse (GstFeclipBatchClient *self,
                                 FeclipDetector *detector,
                                 const FeclipFrame *frame, GstClockTime timeout,
                                 GstFeclipBatchStats *company, GError **error)
{
  Batcher *batcher = self->batcher;
  Entry entry = {
      .member = self,
      .item = {.detector = detector, .frame = frame},
      .arrival = g_get_monotonic_time (),
      .timeout = GST_CLOCK_TIME_IS_VALID (timeout)
                     ? (gint64)(timeout / GST_USECOND)
                     : G_MAXINT64,
      .company = company,
  };

  g_mutex_lock (&batcher->lock);
  self->flowing = is_held (self);
  self->n_waiting++;
  g_queue_push_tail (&batcher->waiting, &entry);
  /* With it the batch may be complete, which another thread waits for. */
  g_cond_broadcast (&batcher->changed);
  attend (batcher, &entry);
  g_mutex_unlock (&batcher->lock);
  if (entry.item.error != NULL)
    g_propagate_error (error, entry.item.error);
  return entry.item.result;
}

void
gst_feclip_batch_client_set_playing (GstFeclipBatchClient *self,
                                     gboolean playing)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->batcher->lock);
  self->playing = playing;
  g_cond_broadcast (&self->batcher->changed);
  g_mutex_unlock (&self->batcher->lock);
}

void
gst_feclip_batch_client_set_stopped (GstFeclipBatchClient *self,
                                     gboolean stopped)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->batcher->lock);
  self->stopped = stopped;
  self->flowing = FALSE;
  g_cond_broadcast (&self->batcher->changed);
  g_mutex_unlock (&self->batcher->lock);
}

void
gst_feclip_batch_client_set_idle (GstFeclipBatchClient *self)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->batcher->lock);
  if (self->flowing)
    g_cond_broadcast (&self->batcher->changed);
  self->flowing = FALSE;
  g_mutex_unlock (&self->batcher->lock);
}

void
gst_feclip_batch_client_begin_flush (GstFeclipBatchClient *self)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->batcher->lock);
  self->hurried++;
  g_cond_broadcast (&self->batcher->changed);
  g_mutex_unlock (&self->batcher->lock);
}

void
gst_feclip_batch_client_end_flush (GstFeclipBatchClient *self)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->batcher->lock);
  self->hurried--;
  g_mutex_unlock (&self->batcher->lock);
}
