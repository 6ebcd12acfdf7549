/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/batcher.h"

/* A batch and the clients that share it. */
typedef struct {
  guint n_clients; /* under the registry's lock */
  FeclipBatch *batch;
  guint size;

  GMutex lock;
  GCond changed;
  /* Under the lock. */
  GPtrArray *clients; /* GstFeclipBatchClient */
  GQueue waiting;     /* Entry, oldest first */
  gboolean running;   /* the network, without the lock */
  gint64 idle_since;  /* when it last ended, as g_get_monotonic_time() */
} Batcher;

struct _GstFeclipBatchClient {
  gatomicrefcount ref_count;
  Batcher *batcher;
  guint n_requests;

  /* Under the batcher's lock. */
  gboolean playing;
  gboolean stopped;
  guint n_flushes;  /* that have begun and not ended */
  gboolean flowing; /* a frame has come, and others may follow */
  guint n_waiting;
  guint limit; /* of n_waiting */
};

/* A frame whose thread waits. */
typedef struct {
  GstFeclipBatchClient *client;
  FeclipBatchItem item;
  gint64 arrival;
  gint64 timeout; /* in µs, G_MAXINT64: none */
  GstFeclipBatchStats *stats;
  gboolean taken; /* out of the queue */
  gboolean done;
} Entry;

/* A batch that a thread creates right now. The size and the files tell whether
 * it may be the one that another thread looks for; only the finished batch can
 * say for sure. */
typedef struct {
  guint size;
  char *files[3];
} Creation;

static GMutex registry_lock;
/* Under the lock. */
static GSList *registry;     /* Batcher, those in use */
static GSList *creations;    /* Creation */
static GCond creation_ended; /* one has left the list */

/* The registry */

static Batcher *
batcher_new (FeclipBatch *batch, guint size)
{
  Batcher *self = g_new0 (Batcher, 1);

  self->batch = batch;
  self->size = size;
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  g_queue_init (&self->waiting);
  self->clients = g_ptr_array_new ();
  return self;
}

static void
batcher_free (Batcher *self)
{
  g_ptr_array_unref (self->clients);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
  g_object_unref (self->batch);
  g_free (self);
}

static void
creation_init (Creation *self, FeclipSettings *settings, guint size)
{
  *self = (Creation){.size = size};
  g_object_get (settings, "model-file", &self->files[0], "adapter-file",
                &self->files[1], "device", &self->files[2], NULL);
}

static void
creation_clear (Creation *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->files); i++)
    g_free (self->files[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Creation, creation_clear)

/* With the registry's lock held. */
static gboolean
is_being_created (const Creation *wanted)
{
  for (GSList *l = creations; l != NULL; l = l->next) {
    const Creation *other = l->data;
    gboolean same = other->size == wanted->size;

    for (guint i = 0; same && i < G_N_ELEMENTS (wanted->files); i++)
      same = g_strcmp0 (other->files[i], wanted->files[i]) == 0;
    if (same)
      return TRUE;
  }
  return FALSE;
}

/* With the registry's lock held. Returns: (nullable): a batcher in use */
static Batcher *
find_batcher (FeclipModel *model, FeclipSettings *settings, guint size)
{
  for (GSList *l = registry; l != NULL; l = l->next) {
    Batcher *other = l->data;

    if (other->size == size
        && feclip_batch_suits (other->batch, model, settings))
      return other;
  }
  return NULL;
}

/* With the registry's lock held, which it gives up while it allocates the
 * batch: threads that need another one do not wait for that. */
static FeclipBatch *
create_batch (FeclipModel *model, FeclipSettings *settings, Creation *creation,
              GError **error)
{
  FeclipBatch *batch = NULL;

  creations = g_slist_prepend (creations, creation);
  g_mutex_unlock (&registry_lock);
  batch = feclip_batch_new (model, settings, creation->size, error);
  g_mutex_lock (&registry_lock);
  creations = g_slist_remove (creations, creation);
  g_cond_broadcast (&creation_ended);
  return batch;
}

/* Returns: (nullable): a batcher that counts one client more */
static Batcher *
batcher_join (FeclipModel *model, FeclipSettings *settings, guint size,
              GError **error)
{
  g_auto (Creation) creation = {0};
  g_autoptr (FeclipBatch) batch = NULL;
  Batcher *self = NULL;

  creation_init (&creation, settings, size);
  g_mutex_lock (&registry_lock);
  while ((self = find_batcher (model, settings, size)) == NULL
         && is_being_created (&creation))
    g_cond_wait (&creation_ended, &registry_lock);
  if (self == NULL)
    batch = create_batch (model, settings, &creation, error);
  /* Another thread may have created it from the same files by other names. */
  if (batch != NULL)
    self = find_batcher (model, settings, size);
  if (batch != NULL && self == NULL) {
    self = batcher_new (g_steal_pointer (&batch), size);
    registry = g_slist_prepend (registry, self);
  }
  if (self != NULL)
    self->n_clients++;
  g_mutex_unlock (&registry_lock);
  return self;
}

static void
batcher_leave (Batcher *self)
{
  gboolean last = FALSE;

  g_mutex_lock (&registry_lock);
  last = --self->n_clients == 0;
  if (last)
    registry = g_slist_remove (registry, self);
  g_mutex_unlock (&registry_lock);
  if (last)
    batcher_free (self);
}

/* When to run */

/* With the lock held. Returns: whether its frames may wait for others */
static gboolean
is_held (const GstFeclipBatchClient *self)
{
  return self->playing && !self->stopped && self->n_flushes == 0;
}

/* With the lock held. Returns: whether a further frame may come soon */
static gboolean
is_awaited (const GstFeclipBatchClient *self)
{
  return is_held (self) && self->flowing && self->n_waiting < self->limit;
}

static gint64
add_time (gint64 time, gint64 more)
{
  return more > G_MAXINT64 - time ? G_MAXINT64 : time + more;
}

/* With the lock held, while frames wait and the network is idle. Returns: when
 * the network is to run unless something changes before; 0: now, G_MAXINT64:
 * never */
static gint64
get_due_time (const Batcher *self)
{
  gboolean awaited = FALSE;
  gint64 due = G_MAXINT64;

  for (guint i = 0; i < self->clients->len && !awaited; i++)
    awaited = is_awaited (g_ptr_array_index (self->clients, i));
  if (!awaited || self->waiting.length >= self->size)
    return 0;
  for (GList *l = self->waiting.head; l != NULL; l = l->next) {
    const Entry *entry = l->data;
    gint64 begin = MAX (entry->arrival, self->idle_since);

    if (!is_held (entry->client))
      return 0;
    due = MIN (due, add_time (begin, entry->timeout));
  }
  return due;
}

/* Runs the network on the oldest waiting frames. With the lock held, which it
 * gives up during the run. */
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
    entry->client->n_waiting--;
    entry->stats->frames = n;
    entry->stats->queued = (GstClockTime)(begin - entry->arrival) * GST_USECOND;
    entry->stats->waited = (GstClockTime)MAX (now - begin, 0) * GST_USECOND;
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

/* Waits until the frame is analysed, and runs the network when that is due.
 * With the lock held. */
static void
await_result (Batcher *self, const Entry *entry)
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

/* Clients */

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
  self->limit = n_requests;
  self->stopped = TRUE;
  g_mutex_lock (&batcher->lock);
  g_ptr_array_add (batcher->clients, self);
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
  g_ptr_array_remove (batcher->clients, self);
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
                                 GstFeclipBatchStats *stats, GError **error)
{
  Batcher *batcher = self->batcher;
  Entry entry = {
      .client = self,
      .item = {.detector = detector, .frame = frame},
      .arrival = g_get_monotonic_time (),
      .timeout = GST_CLOCK_TIME_IS_VALID (timeout)
                     ? (gint64)(timeout / GST_USECOND)
                     : G_MAXINT64,
      .stats = stats,
  };

  g_mutex_lock (&batcher->lock);
  self->flowing = is_held (self);
  self->n_waiting++;
  g_queue_push_tail (&batcher->waiting, &entry);
  /* It may complete the batch that another thread waits with. */
  g_cond_broadcast (&batcher->changed);
  await_result (batcher, &entry);
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
gst_feclip_batch_client_set_limit (GstFeclipBatchClient *self, guint n)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->batcher->lock);
  if (n < self->limit)
    g_cond_broadcast (&self->batcher->changed);
  self->limit = n;
  g_mutex_unlock (&self->batcher->lock);
}

void
gst_feclip_batch_client_begin_flush (GstFeclipBatchClient *self)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->batcher->lock);
  self->n_flushes++;
  g_cond_broadcast (&self->batcher->changed);
  g_mutex_unlock (&self->batcher->lock);
}

void
gst_feclip_batch_client_end_flush (GstFeclipBatchClient *self)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->batcher->lock);
  self->n_flushes--;
  g_mutex_unlock (&self->batcher->lock);
}
