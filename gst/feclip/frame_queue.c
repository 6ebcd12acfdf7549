/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/frame_queue.h"

#include "feclip/worker_pool.h"

/* Frames that may wait behind those being analysed. One second of most cameras;
 * more would only take memory. */
#define MAX_WAITING 32

struct _GstFeclipFrameQueue {
  GstFeclipWorkerPool crew;
  gboolean batched;
  GstVideoInfo info; /* of the thread that lets in */

  /* Under the crew's lock. */
  GstFeclipBatchClient *member; /* of a batch, NULL: there is none */
  gboolean playing;
  GQueue tickets; /* of the frames inside, first to leave first */
  gboolean stopped;
  gboolean flushing;
  gboolean leaving;   /* a frame is between next() and left() */
  GstClockTime ready; /* when the last frame that left could do so */
  GstFlowReturn flow;
  FeclipModel *model; /* that frames are analysed with from now on */
  guint64 activations_memory;
};

/* With the lock held: what there is to say of the detectors, the first one
 * first. */
static void
note_detector (GstFeclipFrameQueue *self, guint i, FeclipDetector *detector)
{
  if (i == 0) {
    g_set_object (&self->model, feclip_detector_get_model (detector));
    self->activations_memory =
        gst_feclip_batch_client_get_activations_size (self->member);
  }
  self->activations_memory += feclip_detector_get_activations_size (detector);
}

/* While no analysis runs. */
static void
note_detectors (GstFeclipFrameQueue *self)
{
  g_mutex_lock (&self->crew.lock);
  for (guint i = 0; i < self->crew.n_workers; i++)
    note_detector (self, i, self->crew.workers[i].request.detector);
  g_mutex_unlock (&self->crew.lock);
}

/* With the lock held: waits for a change that a frame may have to bring about,
 * which therefore does not wait for others in a batch. */
static void
wait_hurrying (GstFeclipFrameQueue *self)
{
  GstFeclipBatchClient *member = gst_feclip_batch_client_ref (self->member);

  gst_feclip_batch_client_begin_flush (member);
  g_cond_wait (&self->crew.changed, &self->crew.lock);
  gst_feclip_batch_client_end_flush (member);
  gst_feclip_batch_client_unref (member);
}

GstFeclipFrameQueue *
gst_feclip_frame_queue_new (FeclipModel *model, FeclipSettings *settings,
                            guint n_requests, GstFeclipBatchClient *member,
                            GError **error)
{
  g_autoptr (GstFeclipFrameQueue) self = g_new0 (GstFeclipFrameQueue, 1);

  g_queue_init (&self->tickets);
  self->stopped = TRUE;
  self->batched = member != NULL;
  self->member = member;
  if (!gst_feclip_worker_pool_init (&self->crew, model, settings, n_requests,
                                    member, error))
    return NULL;
  note_detectors (self);
  return g_steal_pointer (&self);
}

gboolean
gst_feclip_frame_queue_open_references (GstFeclipFrameQueue *self,
                                        GstFeclipReferences *references,
                                        FeclipSettings *settings,
                                        GError **error)
{
  FeclipDetector *first = self->crew.workers[0].request.detector;

  if (!gst_feclip_references_open (references, first, settings, error))
    return FALSE;
  for (guint i = 0; i < self->crew.n_workers; i++)
    if (!gst_feclip_references_attach (
            references, self->crew.workers[i].request.detector, error))
      return FALSE;
  note_detectors (self);
  return TRUE;
}

void
gst_feclip_frame_queue_free (GstFeclipFrameQueue *self)
{
  if (self == NULL)
    return;
  gst_feclip_frame_queue_stop (self);
  gst_feclip_worker_pool_clear (&self->crew);
  gst_feclip_batch_client_unref (self->member);
  g_clear_object (&self->model);
  g_free (self);
}

/* Batches */

gboolean
gst_feclip_frame_queue_is_batched (const GstFeclipFrameQueue *self)
{
  return self->batched;
}

GstFeclipBatchClient *
gst_feclip_frame_queue_new_batch_client (GstFeclipFrameQueue *self,
                                         FeclipModel *model,
                                         FeclipSettings *settings,
                                         GError **error)
{
  GstFeclipBatchClient *before = NULL, *member = NULL;

  g_mutex_lock (&self->crew.lock);
  before = gst_feclip_batch_client_ref (self->member);
  g_mutex_unlock (&self->crew.lock);
  if (before != NULL)
    member = gst_feclip_batch_client_new_like (before, model, settings, error);
  gst_feclip_batch_client_unref (before);
  return member;
}

void
gst_feclip_frame_queue_set_playing (GstFeclipFrameQueue *self, gboolean playing)
{
  g_mutex_lock (&self->crew.lock);
  self->playing = playing;
  gst_feclip_batch_client_set_playing (self->member, playing);
  g_mutex_unlock (&self->crew.lock);
}

void
gst_feclip_frame_queue_set_idle (GstFeclipFrameQueue *self)
{
  g_mutex_lock (&self->crew.lock);
  gst_feclip_batch_client_set_idle (self->member);
  g_mutex_unlock (&self->crew.lock);
}

/* With the lock held. Returns: (transfer full): the member before, for good in
 * a hurry: its frames that are inside are the last, for which nobody waits */
static GstFeclipBatchClient *
take_member (GstFeclipFrameQueue *self, GstFeclipBatchClient *member)
{
  GstFeclipBatchClient *before = self->member;

  self->member = gst_feclip_batch_client_ref (member);
  gst_feclip_batch_client_set_playing (member, self->playing);
  gst_feclip_batch_client_set_stopped (member, self->stopped || self->flushing);
  gst_feclip_batch_client_begin_flush (before);
  return before;
}

/* Flushing and stopping */

/* With the lock held. */
static void
forget_late (GstFeclipFrameQueue *self)
{
  g_queue_clear_full (&self->crew.late,
                      (GDestroyNotify)gst_feclip_analysis_free);
  for (guint i = 0; i < self->crew.n_workers; i++)
    self->crew.workers[i].wanted = FALSE;
}

/* With the lock held. */
static void
discard (GstFeclipFrameQueue *self)
{
  GstFeclipFrameJob *ticket = NULL;

  while ((ticket = g_queue_pop_head (&self->tickets)) != NULL) {
    gst_feclip_worker_pool_detach (ticket, FALSE);
    gst_feclip_frame_job_free (ticket);
  }
  forget_late (self);
  g_cond_broadcast (&self->crew.changed);
}

void
gst_feclip_frame_queue_start (GstFeclipFrameQueue *self)
{
  g_mutex_lock (&self->crew.lock);
  self->stopped = FALSE;
  self->flushing = FALSE;
  self->flow = GST_FLOW_OK;
  gst_feclip_batch_client_set_stopped (self->member,
                                       self->stopped || self->flushing);
  g_mutex_unlock (&self->crew.lock);
}

void
gst_feclip_frame_queue_stop (GstFeclipFrameQueue *self)
{
  g_mutex_lock (&self->crew.lock);
  self->stopped = TRUE;
  gst_feclip_batch_client_set_stopped (self->member,
                                       self->stopped || self->flushing);
  discard (self);
  g_mutex_unlock (&self->crew.lock);
}

void
gst_feclip_frame_queue_wait_idle (GstFeclipFrameQueue *self)
{
  g_mutex_lock (&self->crew.lock);
  for (guint i = 0; i < self->crew.n_workers; i++)
    while (self->crew.workers[i].busy)
      wait_hurrying (self);
  g_mutex_unlock (&self->crew.lock);
}

void
gst_feclip_frame_queue_set_flushing (GstFeclipFrameQueue *self,
                                     gboolean flushing)
{
  g_mutex_lock (&self->crew.lock);
  self->flushing = flushing;
  self->flow = GST_FLOW_OK;
  gst_feclip_batch_client_set_stopped (self->member,
                                       self->stopped || self->flushing);
  if (flushing)
    discard (self);
  g_mutex_unlock (&self->crew.lock);
}

void
gst_feclip_frame_queue_set_info (GstFeclipFrameQueue *self,
                                 const GstVideoInfo *info)
{
  self->info = *info;
}

guint
gst_feclip_frame_queue_get_n_workers (GstFeclipFrameQueue *self)
{
  return self->crew.n_workers;
}

void
gst_feclip_frame_queue_get_load (GstFeclipFrameQueue *self, GstFeclipLoad *load)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->crew.lock);

  *load = (GstFeclipLoad){
      .weights_memory = feclip_model_get_weights_size (self->model),
      .activations_memory = self->activations_memory,
      .device_memory = feclip_model_get_device_memory (self->model, NULL),
  };
  for (guint i = 0; i < self->crew.n_workers; i++)
    load->in_flight += self->crew.workers[i].busy ? 1 : 0;
}

/* Arrival */

/* With the lock held. Who blocks holds no more frames than it takes to keep all
 * requests busy. */
static gboolean
is_full (const GstFeclipFrameQueue *self, const GstFeclipFrameParams *terms)
{
  guint64 most = self->crew.n_workers + MAX_WAITING;

  if (terms->on_overload == GST_FECLIP_OVERLOAD_BLOCK)
    most = MIN (most, (guint64)self->crew.n_workers * terms->interval);
  return self->tickets.length >= most;
}

/* With the lock held. */
static gboolean
can_enter (GstFeclipFrameQueue *self, const GstFeclipFrameJob *ticket)
{
  return !is_full (self, &ticket->terms)
         && (ticket->kind != GST_FECLIP_FRAME_JOB_ANALYSE
             || ticket->terms.on_overload != GST_FECLIP_OVERLOAD_BLOCK
             || gst_feclip_worker_pool_find_idle (&self->crew) != NULL);
}

/* With the lock held. Returns: whether frames wait for nothing but downstream,
 * whose time is not part of the delay: a sink that waits for a frame's time
 * would else have it wait for longer and longer */
static gboolean
is_held_up (const GstFeclipFrameQueue *self)
{
  const GstFeclipFrameJob *first = g_queue_peek_head ((GQueue *)&self->tickets);

  return self->leaving && first != NULL && first->request == NULL;
}

/* With the lock held. */
static GstFlowReturn
take_flow (GstFeclipFrameQueue *self)
{
  GstFlowReturn flow = self->flow;

  if (self->flushing || self->stopped)
    return GST_FLOW_FLUSHING;
  self->flow = GST_FLOW_OK;
  return flow;
}

GstFlowReturn
gst_feclip_frame_queue_take_flow (GstFeclipFrameQueue *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->crew.lock);

  return take_flow (self);
}

static GstFeclipFrameInput
make_view (const GstFeclipFrameQueue *self, const GstFeclipFrameJob *ticket,
           FeclipOrientation orientation)
{
  return (GstFeclipFrameInput){ticket->buffer, self->info, orientation,
                               ticket->terms.region,
                               ticket->terms.batch_timeout};
}

/* With the lock held, which is given up meanwhile: flushing or stopping may
 * come between. An overload, if nobody is idle. */
static GstFlowReturn
start_analysis (GstFeclipFrameQueue *self, GstFeclipFrameJob *ticket,
                FeclipOrientation orientation)
{
  const GstFeclipFrameInput view = make_view (self, ticket, orientation);
  GstFeclipWorker *worker = gst_feclip_worker_pool_find_idle (&self->crew);
  GstFlowReturn flow = GST_FLOW_OK;

  if (worker == NULL) {
    ticket->kind = GST_FECLIP_FRAME_JOB_OVERLOAD;
    return GST_FLOW_OK;
  }
  gst_feclip_worker_take (worker, &view);
  flow = take_flow (self);
  if (flow == GST_FLOW_OK)
    gst_feclip_worker_assign (worker, ticket, &view);
  else
    gst_feclip_worker_release (worker);
  return flow;
}

GstFlowReturn
gst_feclip_frame_queue_push (GstFeclipFrameQueue *self,
                             GstFeclipFrameJob *ticket,
                             FeclipOrientation orientation,
                             GstFeclipFrameJobKind *kind)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->crew.lock);
  GstFlowReturn flow = GST_FLOW_OK;

  while ((flow = take_flow (self)) == GST_FLOW_OK
         && !can_enter (self, ticket)) {
    gboolean held_up = is_held_up (self);

    g_cond_wait (&self->crew.changed, &self->crew.lock);
    if (held_up)
      ticket->arrival = gst_util_get_timestamp ();
  }
  if (flow == GST_FLOW_OK && ticket->kind == GST_FECLIP_FRAME_JOB_ANALYSE)
    flow = start_analysis (self, ticket, orientation);
  if (flow != GST_FLOW_OK) {
    gst_feclip_frame_job_free (ticket);
    return flow;
  }
  *kind = ticket->kind;
  ticket->ready = ticket->arrival;
  g_queue_push_tail (&self->tickets, ticket);
  g_cond_broadcast (&self->crew.changed);
  return GST_FLOW_OK;
}

/* For the calling thread. */
static GstFeclipWorker *
borrow (GstFeclipFrameQueue *self)
{
  GstFeclipWorker *worker = NULL;

  g_mutex_lock (&self->crew.lock);
  /* A frame that has left may still be analysed. */
  while ((worker = gst_feclip_worker_pool_find_idle (&self->crew)) == NULL)
    wait_hurrying (self);
  worker->busy = TRUE;
  g_mutex_unlock (&self->crew.lock);
  return worker;
}

static void
give_back (GstFeclipWorker *self)
{
  g_mutex_lock (&self->crew->lock);
  gst_feclip_worker_release (self);
  g_mutex_unlock (&self->crew->lock);
}

void
gst_feclip_frame_queue_analyse (GstFeclipFrameQueue *self,
                                GstFeclipFrameJob *ticket,
                                FeclipOrientation orientation)
{
  const GstFeclipFrameInput view = make_view (self, ticket, orientation);
  GstFeclipWorker *worker = NULL;

  ticket->outcome.number = ticket->number;
  ticket->outcome.times = ticket->times;
  worker = borrow (self);
  gst_feclip_inference_analyse (&worker->request, &view, &ticket->outcome);
  give_back (worker);
  ticket->ready = gst_util_get_timestamp ();
}

gboolean
gst_feclip_frame_queue_learn (GstFeclipFrameQueue *self,
                              GstFeclipReferences *references,
                              GstBuffer *buffer, FeclipOrientation orientation,
                              GError **error)
{
  const GstFeclipFrameInput view = {buffer, self->info, orientation,
                                    GST_FECLIP_INFERENCE_REGION_FULL_FRAME, 0};
  GstFeclipWorker *worker = borrow (self);
  gboolean learnt =
      gst_feclip_inference_learn (&worker->request, references, &view, error);

  give_back (worker);
  return learnt;
}

gboolean
gst_feclip_frame_queue_update_regions (GstFeclipFrameQueue *self,
                                       FeclipSettings *settings, GError **error)
{
  gst_feclip_frame_queue_wait_idle (self);
  for (guint i = 0; i < self->crew.n_workers; i++) {
    if (!feclip_detector_update_regions (self->crew.workers[i].request.detector,
                                         settings, error))
      return FALSE;
  }
  return TRUE;
}

void
gst_feclip_frame_queue_change (GstFeclipFrameQueue *self, GPtrArray *detectors,
                               GstFeclipBatchClient *member,
                               FeclipSettings *settings)
{
  GstFeclipBatchClient *before = NULL;

  g_mutex_lock (&self->crew.lock);
  if (member != NULL)
    before = take_member (self, member);
  for (guint i = 0; i < self->crew.n_workers; i++) {
    GstFeclipWorker *worker = &self->crew.workers[i];

    if (detectors != NULL) {
      g_set_object (&worker->detector, g_ptr_array_index (detectors, i));
      note_detector (self, i, worker->detector);
      gst_feclip_batch_client_unref (worker->member);
      worker->member = gst_feclip_batch_client_ref (member);
      /* Those that wait were for the one before. */
      g_clear_object (&worker->settings);
    }
    if (settings != NULL)
      g_set_object (&worker->settings, settings);
    if (worker->busy)
      continue;
    worker->busy = TRUE;
    gst_feclip_worker_catch_up (worker);
    worker->busy = FALSE;
  }
  g_cond_broadcast (&self->crew.changed);
  g_mutex_unlock (&self->crew.lock);
  gst_feclip_batch_client_unref (before);
}

/* Leaving */

/* With the lock held. Returns: whether the first frame may leave now; else
 * waits for a change or the time when it may. */
static gboolean
wait_for_first (GstFeclipFrameQueue *self)
{
  const GstFeclipFrameJob *first = g_queue_peek_head (&self->tickets);
  gint64 deadline = G_MAXINT64;

  if (first != NULL && first->request == NULL)
    return TRUE;
  if (first != NULL)
    deadline = gst_feclip_frame_job_get_deadline (first);
  if (deadline <= g_get_monotonic_time ())
    return TRUE;
  if (deadline == G_MAXINT64)
    g_cond_wait (&self->crew.changed, &self->crew.lock);
  else
    g_cond_wait_until (&self->crew.changed, &self->crew.lock, deadline);
  return FALSE;
}

GstFeclipFrameJob *
gst_feclip_frame_queue_pop (GstFeclipFrameQueue *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->crew.lock);
  GstFeclipFrameJob *first = NULL;

  while (!self->stopped && !wait_for_first (self))
    continue;
  if (self->stopped)
    return NULL;
  first = g_queue_pop_head (&self->tickets);
  if (first->request != NULL) {
    gst_feclip_worker_pool_detach (first, TRUE);
    first->kind = GST_FECLIP_FRAME_JOB_OVERLOAD;
    first->ready = gst_util_get_timestamp ();
  }
  self->ready = first->ready = MAX (first->ready, self->ready);
  self->leaving = TRUE;
  g_cond_broadcast (&self->crew.changed);
  return first;
}

void
gst_feclip_frame_queue_done (GstFeclipFrameQueue *self, GstFlowReturn flow)
{
  g_mutex_lock (&self->crew.lock);
  self->leaving = FALSE;
  if (flow != GST_FLOW_OK && !self->flushing && !self->stopped) {
    self->flow = flow;
    discard (self);
  }
  g_cond_broadcast (&self->crew.changed);
  g_mutex_unlock (&self->crew.lock);
}

gboolean
gst_feclip_frame_queue_drain (GstFeclipFrameQueue *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->crew.lock);

  while (self->tickets.length > 0 || self->leaving)
    wait_hurrying (self);
  return !self->flushing && !self->stopped;
}

GstFeclipAnalysis *
gst_feclip_frame_queue_take_late (GstFeclipFrameQueue *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->crew.lock);

  return g_queue_pop_head (&self->crew.late);
}

void
gst_feclip_frame_queue_forget_late (GstFeclipFrameQueue *self)
{
  g_mutex_lock (&self->crew.lock);
  forget_late (self);
  g_mutex_unlock (&self->crew.lock);
}
