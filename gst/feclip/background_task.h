/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Work that takes too long for a streaming thread or for whoever sets a
 * property: a thread of its own does it when it is asked for, and once more
 * when it is asked for meanwhile. Thread-safe. */
typedef struct {
  void (*work) (gpointer data);
  gpointer data;

  GMutex lock;
  GCond changed;
  /* Under the lock. */
  GThread *thread;
  gboolean due;
  gboolean running; /* until the thread has nothing to do */
  gboolean stopped;
} GstFeclipBackgroundTask;

/* It starts out stopped. */
void gst_feclip_background_task_init (GstFeclipBackgroundTask *self,
                                      void (*work) (gpointer data),
                                      gpointer data);

/* When stopped. */
void gst_feclip_background_task_clear (GstFeclipBackgroundTask *self);

void gst_feclip_background_task_start (GstFeclipBackgroundTask *self);

/* Ends every wait, and waits itself for work that has begun; what is asked for
 * from now on is not done. */
void gst_feclip_background_task_stop (GstFeclipBackgroundTask *self);

/* Has the work done with all that is known now. */
void gst_feclip_background_task_schedule (GstFeclipBackgroundTask *self);

/* Waits until all is done that was asked for, or until @deadline as of
 * g_get_monotonic_time(); G_MAXINT64: whenever. */
void gst_feclip_background_task_wait (GstFeclipBackgroundTask *self,
                                      gint64 deadline);

G_END_DECLS
