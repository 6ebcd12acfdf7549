/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/batch.h"

typedef struct {
  FeBatchWork work;
  gpointer data;
  /* Set once something failed: what is left is not worth doing. */
  gint failed;
  GMutex lock;
  GError *error;
  /* One entry per piece that is done with. */
  GAsyncQueue *done;
} Batch;

static void
do_piece (gpointer piece, gpointer user_data)
{
  Batch *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!g_atomic_int_get (&self->failed)
      && !self->work (self->data, GPOINTER_TO_UINT (piece) - 1, &error)) {
    g_atomic_int_set (&self->failed, TRUE);
    g_mutex_lock (&self->lock);
    if (!self->error)
      self->error = g_steal_pointer (&error);
    g_mutex_unlock (&self->lock);
  }
  g_async_queue_push (self->done, piece);
}

gboolean
fe_batch_run (guint n, guint threads, FeBatchWork work, gpointer data,
              FeBatchProgress progress, GError **error)
{
  Batch self = {.work = work, .data = data, .done = g_async_queue_new ()};
  gint64 start = g_get_monotonic_time ();
  GThreadPool *pool;

  g_mutex_init (&self.lock);
  pool = g_thread_pool_new (do_piece, &self, (gint)threads, TRUE, &self.error);
  if (pool) {
    /* No piece is the number 0, which a queue cannot hold. */
    for (guint i = 0; i < n; i++)
      g_thread_pool_push (pool, GUINT_TO_POINTER (i + 1), NULL);
    for (guint i = 0; i < n; i++) {
      g_async_queue_pop (self.done);
      if (progress)
        progress (i + 1, n, start);
    }
    g_thread_pool_free (pool, FALSE, TRUE);
  }
  g_async_queue_unref (self.done);
  g_mutex_clear (&self.lock);
  if (!self.error)
    return TRUE;
  g_propagate_error (error, self.error);
  return FALSE;
}
