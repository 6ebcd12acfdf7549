/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/plan.h"

typedef struct {
  FePlanWork work;
  gpointer data;
  /* Set after the first failure: the remaining pieces are skipped. */
  gint failed;
  GMutex lock;
  GError *error;
  /* One entry per finished or skipped piece. */
  GAsyncQueue *done;
} Pieces;

static void
do_piece (gpointer piece, gpointer user_data)
{
  Pieces *self = user_data;
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
fe_plan_run (const FePlan *plan, guint n, FePlanWork work, gpointer data,
             GError **error)
{
  Pieces self = {.work = work, .data = data, .done = g_async_queue_new ()};
  gint64 start = g_get_monotonic_time ();
  GThreadPool *pool;

  g_mutex_init (&self.lock);
  pool = g_thread_pool_new (do_piece, &self, (gint)plan->threads, TRUE,
                            &self.error);
  if (pool) {
    /* A queue cannot hold NULL: what is pushed is the index + 1. */
    for (guint i = 0; i < n; i++)
      g_thread_pool_push (pool, GUINT_TO_POINTER (i + 1), NULL);
    for (guint i = 0; i < n; i++) {
      g_async_queue_pop (self.done);
      if (plan->progress)
        plan->progress (i + 1, n, start);
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

static float
draw (const FeRange *range, guint64 item, const char *use)
{
  FeRandom random = fe_random_make (fe_random_seed (item, use, 0));

  return fe_random_range (&random, range->low, range->high);
}

FeSampleRequest
fe_plan_request (const FePlan *self, const FeSurfaceKind *kind, int defect,
                 const char *use, guint index)
{
  guint64 base = fe_random_seed (self->seed, kind->name, 0);
  guint64 item = fe_random_seed (base, use, index);

  return (FeSampleRequest){
      .surface = kind,
      .defect = defect,
      .width = self->width,
      .height = self->height,
      .design = self->vary ? fe_random_seed (item, "design", 0) : base,
      .item = item,
      .defect_seed = fe_random_seed (item, "mark", 0),
      .severity = draw (&self->severity, item, "severity"),
      .extent = draw (&self->extent, item, "extent"),
  };
}
