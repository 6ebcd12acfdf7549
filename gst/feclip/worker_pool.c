/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/worker_pool.h"

void
gst_feclip_worker_catch_up (GstFeclipWorker *self)
{
  while (self->detector != NULL || self->settings != NULL) {
    g_autoptr (FeclipDetector) detector = g_steal_pointer (&self->detector);
    g_autoptr (FeclipSettings) settings = g_steal_pointer (&self->settings);
    GstFeclipMember *member = g_steal_pointer (&self->member);

    g_mutex_unlock (&self->crew->lock);
    gst_feclip_request_change (&self->request, detector, member, settings);
    gst_feclip_member_unref (member);
    g_mutex_lock (&self->crew->lock);
  }
}

/* With the lock held; the analysis is over. */
static void
deliver (GstFeclipWorker *self, GstFeclipOutcome *outcome)
{
  self->busy = FALSE;
  if (self->ticket != NULL) {
    self->ticket->outcome = *outcome;
    self->ticket->ready = gst_util_get_timestamp ();
    self->ticket->request = NULL;
    self->ticket = NULL;
  } else if (self->wanted) {
    g_queue_push_tail (&self->crew->late, g_memdup2 (outcome, sizeof *outcome));
  } else {
    gst_feclip_outcome_clear (outcome);
  }
  g_cond_broadcast (&self->crew->changed);
}

static gpointer
work (gpointer data)
{
  GstFeclipWorker *self = data;
  GstFeclipCrew *crew = self->crew;

  g_mutex_lock (&crew->lock);
  while (!crew->quit) {
    GstFeclipOutcome outcome = {.number = self->number, .times = self->times};

    if (self->view.buffer == NULL) {
      g_cond_wait (&crew->changed, &crew->lock);
      continue;
    }
    g_mutex_unlock (&crew->lock);
    gst_feclip_request_analyse (&self->request, &self->view, &outcome);
    /* Before the frame leaves, so that it then has one owner as when it
     * came. */
    gst_clear_buffer (&self->view.buffer);
    g_mutex_lock (&crew->lock);
    gst_feclip_worker_catch_up (self);
    deliver (self, &outcome);
  }
  g_mutex_unlock (&crew->lock);
  return NULL;
}

gboolean
gst_feclip_crew_init (GstFeclipCrew *self, FeclipModel *model,
                      FeclipSettings *settings, guint n_workers,
                      GstFeclipMember *member, GError **error)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  g_queue_init (&self->late);
  self->quit = FALSE;
  self->workers = g_new0 (GstFeclipWorker, n_workers);
  self->n_workers = n_workers;
  for (guint i = 0; i < n_workers; i++) {
    self->workers[i].crew = self;
    if (!gst_feclip_request_init (&self->workers[i].request, model, settings,
                                  member, error))
      return FALSE;
  }
  return TRUE;
}

void
gst_feclip_crew_clear (GstFeclipCrew *self)
{
  g_mutex_lock (&self->lock);
  self->quit = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  for (guint i = 0; i < self->n_workers; i++) {
    g_clear_pointer (&self->workers[i].thread, g_thread_join);
    gst_feclip_request_clear (&self->workers[i].request);
    g_clear_object (&self->workers[i].detector);
    g_clear_pointer (&self->workers[i].member, gst_feclip_member_unref);
    g_clear_object (&self->workers[i].settings);
  }
  g_free (self->workers);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
}

GstFeclipWorker *
gst_feclip_crew_find_idle (GstFeclipCrew *self)
{
  for (guint i = 0; i < self->n_workers; i++)
    if (!self->workers[i].busy)
      return &self->workers[i];
  return NULL;
}

void
gst_feclip_worker_take (GstFeclipWorker *self, const GstFeclipView *view)
{
  self->busy = TRUE;
  g_mutex_unlock (&self->crew->lock);
  gst_feclip_request_take (&self->request, view);
  g_mutex_lock (&self->crew->lock);
}

void
gst_feclip_worker_assign (GstFeclipWorker *self, GstFeclipTicket *ticket,
                          const GstFeclipView *view)
{
  self->ticket = ticket;
  self->wanted = FALSE;
  self->number = ticket->number;
  self->times = ticket->times;
  self->view = *view;
  gst_buffer_ref (self->view.buffer);
  ticket->request = self;
  if (self->thread == NULL)
    self->thread = g_thread_new ("feclip-request", work, self);
}

void
gst_feclip_worker_release (GstFeclipWorker *self)
{
  gst_feclip_worker_catch_up (self);
  self->busy = FALSE;
  g_cond_broadcast (&self->crew->changed);
}

void
gst_feclip_crew_detach (GstFeclipTicket *ticket, gboolean wanted)
{
  GstFeclipWorker *worker = ticket->request;

  if (worker == NULL)
    return;
  worker->ticket = NULL;
  worker->wanted = wanted;
  ticket->request = NULL;
}
