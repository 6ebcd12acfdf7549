/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/background_task.h"

void
gst_feclip_background_task_init (GstFeclipBackgroundTask *self,
                                 void (*work) (gpointer data), gpointer data)
{
  *self =
      (GstFeclipBackgroundTask){.work = work, .data = data, .stopped = TRUE};
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
}

void
gst_feclip_background_task_clear (GstFeclipBackgroundTask *self)
{
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
}

static gpointer
run (gpointer data)
{
  GstFeclipBackgroundTask *self = data;

  g_mutex_lock (&self->lock);
  while (self->due) {
    self->due = FALSE;
    g_mutex_unlock (&self->lock);
    self->work (self->data);
    g_mutex_lock (&self->lock);
  }
  self->running = FALSE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  return NULL;
}

void
gst_feclip_background_task_start (GstFeclipBackgroundTask *self)
{
  g_mutex_lock (&self->lock);
  self->stopped = FALSE;
  g_mutex_unlock (&self->lock);
}

void
gst_feclip_background_task_stop (GstFeclipBackgroundTask *self)
{
  GThread *thread = NULL;

  g_mutex_lock (&self->lock);
  self->stopped = TRUE;
  self->due = FALSE;
  thread = g_steal_pointer (&self->thread);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&thread, g_thread_join);
}

void
gst_feclip_background_task_schedule (GstFeclipBackgroundTask *self)
{
  g_mutex_lock (&self->lock);
  if (!self->stopped) {
    self->due = TRUE;
    if (!self->running) {
      /* One that has ended needs the lock no more. */
      g_clear_pointer (&self->thread, g_thread_join);
      self->running = TRUE;
      self->thread = g_thread_new ("feclip-aside", run, self);
    }
  }
  g_mutex_unlock (&self->lock);
}

void
gst_feclip_background_task_wait (GstFeclipBackgroundTask *self, gint64 deadline)
{
  gboolean in_time = TRUE;

  g_mutex_lock (&self->lock);
  while (self->running && !self->stopped && in_time) {
    if (deadline == G_MAXINT64)
      g_cond_wait (&self->changed, &self->lock);
    else
      in_time = g_cond_wait_until (&self->changed, &self->lock, deadline);
  }
  g_mutex_unlock (&self->lock);
}
