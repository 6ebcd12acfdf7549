/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/worker_pool.h"

void
gst_feclip_worker_catch_up (GstFeclipWorker *self)
{
  while (self->detector != NULL || self->settings != NULL) {
    g_autoptr (FeclipDetector) detector = g_steal_pointer (&self->detector);
    g_autoptr (FeclipSettings) settings = g_steal_pointer (&self->settings);
    GstFeclipBatchClient *member = g_steal_pointer (&self->member);

    g_mutex_unlock (&self->crew->lock);
    gst_feclip_inference_change (&self->request, detector, member, settings);
    gst_feclip_batch_client_unref (member);
    g_mutex_lock (&self->crew->lock);
  }
}

/* With the lock held; the analysis is over. */
static void
deliver (GstFeclipWorker *self, GstFeclipAnalysis *outcome)
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
    gst_feclip_analysis_clear (outcome);
  }
  g_cond_broadcast (&self->crew->changed);
}

static gpointer
work (gpointer data)
{
  GstFeclipWorker *self = data;
  GstFeclipWorkerPool *crew = self->crew;

  g_mutex_lock (&crew->lock);
  while (!crew->quit) {
    GstFeclipAnalysis outcome = {.number = self->number, .times = self->times};

    if (self->view.buffer == NULL) {
      g_cond_wait (&crew->changed, &crew->lock);
      continue;
    }
    g_mutex_unlock (&crew->lock);
    gst_feclip_inference_analyse (&self->request, &self->view, &outcome);
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
gst_feclip_worker_pool_init (GstFeclipWorkerPool *self, FeclipModel *model,
                             FeclipSettings *settings, guint n_workers,
                             GstFeclipBatchClient *member, GError **error)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  g_queue_init (&self->late);
  self->quit = FALSE;
  self->workers = g_new0 (GstFeclipWorker, n_workers);
  self->n_workers = n_workers;
  for (guint i = 0; i < n_workers; i++) {
    self->workers[i].crew = self;
    if (!gst_feclip_inference_init (&self->workers[i].request, model, settings,
                                    member, error))
      return FALSE;
  }
  return TRUE;
}

void
gst_feclip_worker_pool_clear (GstFeclipWorkerPool *self)
{
  g_mutex_lock (&self->lock);
  self->quit = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  for (guint i = 0; i < self->n_workers; i++) {
    g_clear_pointer (&self->workers[i].thread, g_thread_join);
    gst_feclip_inference_clear (&self->workers[i].request);
    g_clear_object (&self->workers[i].detector);
    g_clear_pointer (&self->workers[i].member, gst_feclip_batch_client_unref);
    g_clear_object (&self->workers[i].settings);
  }
  g_free (self->workers);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
}

GstFeclipWorker *
gst_feclip_worker_pool_find_idle (GstFeclipWorkerPool *self)
{
  for (guint i = 0; i < self->n_workers; i++)
    if (!self->workers[i].busy)
      return &self->workers[i];
  return NULL;
}

void
gst_feclip_worker_take (GstFeclipWorker *self, const GstFeclipFrameInput *view)
{
  self->busy = TRUE;
  g_mutex_unlock (&self->crew->lock);
  gst_feclip_inference_take (&self->request, view);
  g_mutex_lock (&self->crew->lock);
}

void
gst_feclip_worker_assign (GstFeclipWorker *self, GstFeclipFrameJob *ticket,
                          const GstFeclipFrameInput *view)
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
gst_feclip_worker_pool_detach (GstFeclipFrameJob *ticket, gboolean wanted)
{
  GstFeclipWorker *worker = ticket->request;

  if (worker == NULL)
    return;
  worker->ticket = NULL;
  worker->wanted = wanted;
  ticket->request = NULL;
}
