/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/reader.h"

#include "eval/mask_file.h"

/* One large image takes megabytes: no more of them than keep up. */
#define MAX_THREADS 8
#define AHEAD_PER_THREAD 2

struct _FeReader {
  GPtrArray *cases;
  GThreadPool *pool;
  GMutex lock;
  GCond done;
  /* What is read and not asked for yet, by the place of its case. */
  FeReading **readings;
  guint n_begun;
  guint n_given;
  guint n_ahead;
  gint stopped;
};

void
fe_reading_free (FeReading *self)
{
  if (!self)
    return;
  fe_still_image_free (self->image);
  fe_mask_free (self->mask);
  g_clear_error (&self->error);
  g_clear_error (&self->mask_error);
  g_free (self);
}

static FeReading *
read_case (const FeCase *item)
{
  FeReading *self = g_new0 (FeReading, 1);

  self->item = item;
  self->image = fe_still_image_new (item->path, &self->error);
  if (self->image && item->mask_path)
    self->mask = fe_mask_file_read (item->mask_path,
                                    fe_still_image_get_frame (self->image),
                                    &self->mask_error);
  return self;
}

static void
do_case (gpointer data, gpointer user_data)
{
  FeReader *self = user_data;
  /* No place is the number 0, which a pool cannot hold. */
  guint place = GPOINTER_TO_UINT (data) - 1;
  FeReading *reading;

  if (g_atomic_int_get (&self->stopped))
    return;
  reading = read_case (g_ptr_array_index (self->cases, place));
  g_mutex_lock (&self->lock);
  self->readings[place] = reading;
  g_cond_signal (&self->done);
  g_mutex_unlock (&self->lock);
}

static void
read_ahead (FeReader *self)
{
  guint end = MIN (self->n_given + self->n_ahead, self->cases->len);

  for (; self->n_begun < end; self->n_begun++)
    g_thread_pool_push (self->pool, GUINT_TO_POINTER (self->n_begun + 1), NULL);
}

FeReader *
fe_reader_new (GPtrArray *cases)
{
  FeReader *self = g_new0 (FeReader, 1);
  guint n_threads = MIN (g_get_num_processors (), MAX_THREADS);

  self->cases = cases;
  self->readings = g_new0 (FeReading *, cases->len);
  self->n_ahead = n_threads * AHEAD_PER_THREAD;
  g_mutex_init (&self->lock);
  g_cond_init (&self->done);
  /* Without exclusive threads, making it cannot fail. */
  self->pool = g_thread_pool_new (do_case, self, (gint)n_threads, FALSE, NULL);
  read_ahead (self);
  return self;
}

void
fe_reader_free (FeReader *self)
{
  if (!self)
    return;
  g_atomic_int_set (&self->stopped, TRUE);
  g_thread_pool_free (self->pool, FALSE, TRUE);
  for (guint i = self->n_given; i < self->n_begun; i++)
    fe_reading_free (self->readings[i]);
  g_free (self->readings);
  g_cond_clear (&self->done);
  g_mutex_clear (&self->lock);
  g_free (self);
}

FeReading *
fe_reader_next (FeReader *self)
{
  guint place = self->n_given;
  FeReading *reading;

  if (place == self->cases->len)
    return NULL;
  g_mutex_lock (&self->lock);
  while (!self->readings[place])
    g_cond_wait (&self->done, &self->lock);
  reading = self->readings[place];
  g_mutex_unlock (&self->lock);
  self->n_given++;
  read_ahead (self);
  return reading;
}
