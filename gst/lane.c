/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lane.h"

/* Frames that may wait behind those being analysed. One second of most cameras;
 * more would only take memory. */
#define MAX_WAITING 32

/* A request and the thread that serves it. */
typedef struct {
  GstFeclipRequest request; /* of who made it busy */
  GstFeclipView view;       /* of the thread while busy; no buffer: no work */
  GstFeclipLane *lane;
  GThread *thread; /* NULL until it is needed */

  /* Under the lane's lock. */
  gboolean busy;
  GstFeclipTicket *ticket; /* of the frame, NULL: it has left or is discarded */
  gboolean wanted;         /* without a ticket: the result still is */
  guint64 number;
  GstFeclipTimes times;
  FeclipDetector *detector; /* to go on with after the analysis, or NULL */
  FeclipSettings *settings; /* whose prompts then count, or NULL */
} Worker;

struct _GstFeclipLane {
  Worker *workers;
  guint n_workers;
  GstFeclipMember *member; /* of a batch, NULL: there is none */
  GstVideoInfo info;       /* of the thread that lets in */

  GMutex lock;
  GCond changed;
  /* Under the lock. */
  GQueue tickets; /* of the frames inside, first to leave first */
  GQueue late;    /* outcomes of frames that left before */
  gboolean stopped;
  gboolean flushing;
  gboolean leaving;   /* a frame is between next() and left() */
  gboolean quit;      /* threads shall end */
  GstClockTime ready; /* when the last frame that left could do so */
  GstFlowReturn flow;
};

/* Threads */

/* With the lock held, which it gives up meanwhile; the request analyses nothing
 * but is busy. */
static void
catch_up (Worker *self)
{
  while (self->detector != NULL || self->settings != NULL) {
    g_autoptr (FeclipDetector) detector = g_steal_pointer (&self->detector);
    g_autoptr (FeclipSettings) settings = g_steal_pointer (&self->settings);

    g_mutex_unlock (&self->lane->lock);
    gst_feclip_request_change (&self->request, detector, settings);
    g_mutex_lock (&self->lane->lock);
  }
}

/* With the lock held; the analysis is over. */
static void
deliver (Worker *self, GstFeclipOutcome *outcome)
{
  self->busy = FALSE;
  if (self->ticket != NULL) {
    self->ticket->outcome = *outcome;
    self->ticket->ready = gst_util_get_timestamp ();
    self->ticket->request = NULL;
    self->ticket = NULL;
  } else if (self->wanted) {
    g_queue_push_tail (&self->lane->late, g_memdup2 (outcome, sizeof *outcome));
  } else {
    gst_feclip_outcome_clear (outcome);
  }
  g_cond_broadcast (&self->lane->changed);
}

static gpointer
work (gpointer data)
{
  Worker *self = data;
  GstFeclipLane *lane = self->lane;

  g_mutex_lock (&lane->lock);
  while (!lane->quit) {
    GstFeclipOutcome outcome = {.number = self->number, .times = self->times};

    if (self->view.buffer == NULL) {
      g_cond_wait (&lane->changed, &lane->lock);
      continue;
    }
    g_mutex_unlock (&lane->lock);
    gst_feclip_request_analyse (&self->request, &self->view, &outcome);
    /* Before the frame leaves, so that it then has one owner as when it
     * came. */
    gst_clear_buffer (&self->view.buffer);
    g_mutex_lock (&lane->lock);
    catch_up (self);
    deliver (self, &outcome);
  }
  g_mutex_unlock (&lane->lock);
  return NULL;
}

/* With the lock held. */
static Worker *
find_idle (GstFeclipLane *self)
{
  for (guint i = 0; i < self->n_workers; i++)
    if (!self->workers[i].busy)
      return &self->workers[i];
  return NULL;
}

/* With the lock held. */
static void
assign (Worker *self, GstFeclipTicket *ticket, FeclipOrientation orientation)
{
  self->busy = TRUE;
  self->ticket = ticket;
  self->wanted = FALSE;
  self->number = ticket->number;
  self->times = ticket->times;
  self->view = (GstFeclipView){
      .buffer = gst_buffer_ref (ticket->buffer),
      .info = self->lane->info,
      .orientation = orientation,
      .region = ticket->terms.region,
      .batch_timeout = ticket->terms.batch_timeout,
  };
  ticket->request = self;
  if (self->thread == NULL)
    self->thread = g_thread_new ("feclip-request", work, self);
}

/* With the lock held: the frame goes its way without its result. */
static void
detach (GstFeclipTicket *ticket, gboolean wanted)
{
  Worker *worker = ticket->request;

  if (worker == NULL)
    return;
  worker->ticket = NULL;
  worker->wanted = wanted;
  ticket->request = NULL;
}

/* With the lock held: waits for a change that a frame may have to bring about,
 * which therefore does not wait for others in a batch. */
static void
wait_hurrying (GstFeclipLane *self)
{
  gst_feclip_member_hurry (self->member);
  g_cond_wait (&self->changed, &self->lock);
  gst_feclip_member_unhurry (self->member);
}

GstFeclipMember *
gst_feclip_lane_get_member (GstFeclipLane *self)
{
  return self->member;
}

GstFeclipLane *
gst_feclip_lane_new (FeclipModel *model, FeclipSettings *settings,
                     guint n_requests, GstFeclipMember *member, GError **error)
{
  g_autoptr (GstFeclipLane) self = g_new0 (GstFeclipLane, 1);

  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  g_queue_init (&self->tickets);
  g_queue_init (&self->late);
  self->stopped = TRUE;
  self->member = member;
  self->workers = g_new0 (Worker, n_requests);
  self->n_workers = n_requests;
  for (guint i = 0; i < n_requests; i++) {
    self->workers[i].lane = self;
    if (!gst_feclip_request_init (&self->workers[i].request, model, settings,
                                  self->member, error))
      return NULL;
  }
  return g_steal_pointer (&self);
}

gboolean
gst_feclip_lane_open_references (GstFeclipLane *self,
                                 GstFeclipReferences *references,
                                 FeclipSettings *settings, GError **error)
{
  FeclipDetector *first = self->workers[0].request.detector;

  if (!gst_feclip_references_open (references, first, settings, error))
    return FALSE;
  for (guint i = 0; i < self->n_workers; i++)
    if (!gst_feclip_references_attach (
            references, self->workers[i].request.detector, error))
      return FALSE;
  return TRUE;
}

void
gst_feclip_lane_free (GstFeclipLane *self)
{
  if (self == NULL)
    return;
  gst_feclip_lane_stop (self);
  g_mutex_lock (&self->lock);
  self->quit = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  for (guint i = 0; i < self->n_workers; i++) {
    g_clear_pointer (&self->workers[i].thread, g_thread_join);
    gst_feclip_request_clear (&self->workers[i].request);
    g_clear_object (&self->workers[i].detector);
    g_clear_object (&self->workers[i].settings);
  }
  gst_feclip_member_free (self->member);
  g_free (self->workers);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* Flushing and stopping */

/* With the lock held. */
static void
forget_late (GstFeclipLane *self)
{
  g_queue_clear_full (&self->late, (GDestroyNotify)gst_feclip_outcome_free);
  for (guint i = 0; i < self->n_workers; i++)
    self->workers[i].wanted = FALSE;
}

/* With the lock held. */
static void
discard (GstFeclipLane *self)
{
  GstFeclipTicket *ticket = NULL;

  while ((ticket = g_queue_pop_head (&self->tickets)) != NULL) {
    detach (ticket, FALSE);
    gst_feclip_ticket_free (ticket);
  }
  forget_late (self);
  g_cond_broadcast (&self->changed);
}

void
gst_feclip_lane_start (GstFeclipLane *self)
{
  g_mutex_lock (&self->lock);
  self->stopped = FALSE;
  self->flushing = FALSE;
  self->flow = GST_FLOW_OK;
  gst_feclip_member_set_stopped (self->member, self->stopped || self->flushing);
  g_mutex_unlock (&self->lock);
}

void
gst_feclip_lane_stop (GstFeclipLane *self)
{
  g_mutex_lock (&self->lock);
  self->stopped = TRUE;
  gst_feclip_member_set_stopped (self->member, self->stopped || self->flushing);
  discard (self);
  g_mutex_unlock (&self->lock);
}

void
gst_feclip_lane_wait_idle (GstFeclipLane *self)
{
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->n_workers; i++)
    while (self->workers[i].busy)
      wait_hurrying (self);
  g_mutex_unlock (&self->lock);
}

void
gst_feclip_lane_set_flushing (GstFeclipLane *self, gboolean flushing)
{
  g_mutex_lock (&self->lock);
  self->flushing = flushing;
  self->flow = GST_FLOW_OK;
  gst_feclip_member_set_stopped (self->member, self->stopped || self->flushing);
  if (flushing)
    discard (self);
  g_mutex_unlock (&self->lock);
}

void
gst_feclip_lane_set_info (GstFeclipLane *self, const GstVideoInfo *info)
{
  self->info = *info;
}

guint
gst_feclip_lane_get_n_requests (GstFeclipLane *self)
{
  return self->n_workers;
}

guint
gst_feclip_lane_get_in_flight (GstFeclipLane *self)
{
  guint n = 0;

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->n_workers; i++)
    n += self->workers[i].busy ? 1 : 0;
  g_mutex_unlock (&self->lock);
  return n;
}

/* Arrival */

/* With the lock held. Who blocks holds no more frames than it takes to keep all
 * requests busy. */
static gboolean
is_full (const GstFeclipLane *self, const GstFeclipTerms *terms)
{
  guint64 most = self->n_workers + MAX_WAITING;

  if (terms->on_overload == GST_FECLIP_OVERLOAD_BLOCK)
    most = MIN (most, (guint64)self->n_workers * terms->interval);
  return self->tickets.length >= most;
}

/* With the lock held. */
static gboolean
can_enter (GstFeclipLane *self, const GstFeclipTicket *ticket)
{
  return !is_full (self, &ticket->terms)
         && (ticket->kind != GST_FECLIP_TICKET_ANALYSE
             || ticket->terms.on_overload != GST_FECLIP_OVERLOAD_BLOCK
             || find_idle (self) != NULL);
}

/* With the lock held. Returns: whether frames wait for nothing but downstream,
 * whose time is not part of the delay: a sink that waits for a frame's time
 * would else have it wait for longer and longer */
static gboolean
is_held_up (const GstFeclipLane *self)
{
  const GstFeclipTicket *first = g_queue_peek_head ((GQueue *)&self->tickets);

  return self->leaving && first != NULL && first->request == NULL;
}

/* With the lock held. */
static GstFlowReturn
take_flow (GstFeclipLane *self)
{
  GstFlowReturn flow = self->flow;

  if (self->flushing || self->stopped)
    return GST_FLOW_FLUSHING;
  self->flow = GST_FLOW_OK;
  return flow;
}

GstFlowReturn
gst_feclip_lane_take_flow (GstFeclipLane *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->lock);

  return take_flow (self);
}

GstFlowReturn
gst_feclip_lane_enter (GstFeclipLane *self, GstFeclipTicket *ticket,
                       FeclipOrientation orientation, GstFeclipTicketKind *kind)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->lock);
  GstFlowReturn flow = GST_FLOW_OK;
  Worker *worker = NULL;

  while ((flow = take_flow (self)) == GST_FLOW_OK
         && !can_enter (self, ticket)) {
    gboolean held_up = is_held_up (self);

    g_cond_wait (&self->changed, &self->lock);
    if (held_up)
      ticket->arrival = gst_util_get_timestamp ();
  }
  if (flow != GST_FLOW_OK) {
    gst_feclip_ticket_free (ticket);
    return flow;
  }
  if (ticket->kind == GST_FECLIP_TICKET_ANALYSE) {
    worker = find_idle (self);
    if (worker != NULL)
      assign (worker, ticket, orientation);
    else
      ticket->kind = GST_FECLIP_TICKET_OVERLOAD;
  }
  *kind = ticket->kind;
  ticket->ready = ticket->arrival;
  g_queue_push_tail (&self->tickets, ticket);
  g_cond_broadcast (&self->changed);
  return GST_FLOW_OK;
}

/* For the calling thread. */
static Worker *
borrow (GstFeclipLane *self)
{
  Worker *worker = NULL;

  g_mutex_lock (&self->lock);
  /* A frame that has left may still be analysed. */
  while ((worker = find_idle (self)) == NULL)
    wait_hurrying (self);
  worker->busy = TRUE;
  g_mutex_unlock (&self->lock);
  return worker;
}

static void
give_back (Worker *self)
{
  g_mutex_lock (&self->lane->lock);
  catch_up (self);
  self->busy = FALSE;
  g_cond_broadcast (&self->lane->changed);
  g_mutex_unlock (&self->lane->lock);
}

void
gst_feclip_lane_analyse (GstFeclipLane *self, GstFeclipTicket *ticket,
                         FeclipOrientation orientation)
{
  const GstFeclipView view = {ticket->buffer, self->info, orientation,
                              ticket->terms.region,
                              ticket->terms.batch_timeout};
  Worker *worker = NULL;

  ticket->outcome.number = ticket->number;
  ticket->outcome.times = ticket->times;
  worker = borrow (self);
  gst_feclip_request_analyse (&worker->request, &view, &ticket->outcome);
  give_back (worker);
  ticket->ready = gst_util_get_timestamp ();
}

gboolean
gst_feclip_lane_learn (GstFeclipLane *self, GstFeclipReferences *references,
                       GstBuffer *buffer, FeclipOrientation orientation,
                       GError **error)
{
  const GstFeclipView view = {buffer, self->info, orientation,
                              GST_FECLIP_INFERENCE_REGION_FULL_FRAME, 0};
  Worker *worker = borrow (self);
  gboolean learnt =
      gst_feclip_request_learn (&worker->request, references, &view, error);

  give_back (worker);
  return learnt;
}

gboolean
gst_feclip_lane_update_regions (GstFeclipLane *self, FeclipSettings *settings,
                                GError **error)
{
  gst_feclip_lane_wait_idle (self);
  for (guint i = 0; i < self->n_workers; i++) {
    if (!feclip_detector_update_regions (self->workers[i].request.detector,
                                         settings, error))
      return FALSE;
  }
  return TRUE;
}

void
gst_feclip_lane_change (GstFeclipLane *self, GPtrArray *detectors,
                        FeclipSettings *settings)
{
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->n_workers; i++) {
    Worker *worker = &self->workers[i];

    if (detectors != NULL) {
      g_set_object (&worker->detector, g_ptr_array_index (detectors, i));
      /* Those that wait were for the one before. */
      g_clear_object (&worker->settings);
    }
    if (settings != NULL)
      g_set_object (&worker->settings, settings);
    if (worker->busy)
      continue;
    worker->busy = TRUE;
    catch_up (worker);
    worker->busy = FALSE;
  }
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

/* Leaving */

/* With the lock held. Returns: whether the first frame may leave now; else
 * waits for a change or the time when it may. */
static gboolean
wait_for_first (GstFeclipLane *self)
{
  const GstFeclipTicket *first = g_queue_peek_head (&self->tickets);
  gint64 deadline = G_MAXINT64;

  if (first != NULL && first->request == NULL)
    return TRUE;
  if (first != NULL)
    deadline = gst_feclip_ticket_get_deadline (first);
  if (deadline <= g_get_monotonic_time ())
    return TRUE;
  if (deadline == G_MAXINT64)
    g_cond_wait (&self->changed, &self->lock);
  else
    g_cond_wait_until (&self->changed, &self->lock, deadline);
  return FALSE;
}

GstFeclipTicket *
gst_feclip_lane_next (GstFeclipLane *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->lock);
  GstFeclipTicket *first = NULL;

  while (!self->stopped && !wait_for_first (self))
    continue;
  if (self->stopped)
    return NULL;
  first = g_queue_pop_head (&self->tickets);
  if (first->request != NULL) {
    detach (first, TRUE);
    first->kind = GST_FECLIP_TICKET_OVERLOAD;
    first->ready = gst_util_get_timestamp ();
  }
  self->ready = first->ready = MAX (first->ready, self->ready);
  self->leaving = TRUE;
  g_cond_broadcast (&self->changed);
  return first;
}

void
gst_feclip_lane_left (GstFeclipLane *self, GstFlowReturn flow)
{
  g_mutex_lock (&self->lock);
  self->leaving = FALSE;
  if (flow != GST_FLOW_OK && !self->flushing && !self->stopped) {
    self->flow = flow;
    discard (self);
  }
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

gboolean
gst_feclip_lane_drain (GstFeclipLane *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->lock);

  while (self->tickets.length > 0 || self->leaving)
    wait_hurrying (self);
  return !self->flushing && !self->stopped;
}

GstFeclipOutcome *
gst_feclip_lane_take_late (GstFeclipLane *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->lock);

  return g_queue_pop_head (&self->late);
}

void
gst_feclip_lane_forget_late (GstFeclipLane *self)
{
  g_mutex_lock (&self->lock);
  forget_late (self);
  g_mutex_unlock (&self->lock);
}
