/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How elements find the batch that they share: who creates it, and who waits
 * for that. Compiles the registry into the program, so that the program's own
 * feclip_batch_new() is the one it calls. */
#define _GNU_SOURCE /* RTLD_NEXT */

#include <dlfcn.h>
#include <feclip/feclip.h>
#include <gst/gst.h>

#include "feclip/batcher.h"
#include "support/gst_analyser.h"

/* The same file as ANALYSER_MODEL. */
#define OTHER_NAME FECLIP_TEST_DATA "/golden/./model.safetensors"

/* The size of the batches that are not created before the gate opens. */
enum { GATED_SIZE = 2 };

#define PATIENCE (60 * G_TIME_SPAN_SECOND)

static FeclipModel *model;

static GMutex lock;
static GCond changed;
/* Under the lock. */
static gboolean closed;  /* the gate */
static guint n_calls;    /* of feclip_batch_new() */
static guint n_failures; /* calls that are still to fail */
static guint n_batches;  /* that exist */

static void
forget_batch (gpointer unused, GObject *batch)
{
  g_mutex_lock (&lock);
  n_batches--;
  g_mutex_unlock (&lock);
}

FeclipBatch *
feclip_batch_new (FeclipModel *of, FeclipSettings *settings, guint size,
                  GError **error)
{
  FeclipBatch *(*create) (FeclipModel *, FeclipSettings *, guint, GError **) =
      dlsym (RTLD_NEXT, "feclip_batch_new");
  FeclipBatch *batch = NULL;
  gboolean fails = FALSE;

  g_mutex_lock (&lock);
  n_calls++;
  g_cond_broadcast (&changed);
  while (closed && size == GATED_SIZE)
    g_cond_wait (&changed, &lock);
  fails = n_failures > 0;
  n_failures -= fails ? 1 : 0;
  g_mutex_unlock (&lock);
  if (fails) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_DEVICE, "out of memory");
    return NULL;
  }
  batch = create (of, settings, size, error);
  g_assert_nonnull (batch);
  g_object_weak_ref (G_OBJECT (batch), forget_batch, NULL);
  g_mutex_lock (&lock);
  n_batches++;
  g_mutex_unlock (&lock);
  return batch;
}

/* A thread that wants a client. */
typedef struct {
  const char *model_file;
  guint size;
  GThread *thread;
  GstFeclipBatchClient *client;
  GError *error;
  gboolean done; /* under the lock */
} Joiner;

static gpointer
join (gpointer data)
{
  Joiner *self = data;
  g_autoptr (FeclipSettings) settings = feclip_settings_new ();

  g_object_set (settings, "model-file", self->model_file, "adapter-file",
                ANALYSER_ADAPTER, NULL);
  self->client = gst_feclip_batch_client_new (model, settings, self->size, 1,
                                              &self->error);
  g_mutex_lock (&lock);
  self->done = TRUE;
  g_cond_broadcast (&changed);
  g_mutex_unlock (&lock);
  return NULL;
}

static void
joiner_begin (Joiner *self, const char *model_file, guint size)
{
  *self = (Joiner){.model_file = model_file, .size = size};
  self->thread = g_thread_new ("joiner", join, self);
}

/* Returns: (transfer full): the client */
static GstFeclipBatchClient *
joiner_finish (Joiner *self)
{
  gint64 end = g_get_monotonic_time () + PATIENCE;

  g_mutex_lock (&lock);
  while (!self->done)
    if (!g_cond_wait_until (&changed, &lock, end))
      g_error ("a thread still waits for a batch of %u frames", self->size);
  g_mutex_unlock (&lock);
  g_thread_join (self->thread);
  return self->client;
}

static void
await_calls (guint n)
{
  gint64 end = g_get_monotonic_time () + PATIENCE;

  g_mutex_lock (&lock);
  while (n_calls < n)
    if (!g_cond_wait_until (&changed, &lock, end))
      g_error ("%u of %u batches are being created", n_calls, n);
  g_mutex_unlock (&lock);
}

static void
close_gate (void)
{
  g_mutex_lock (&lock);
  closed = TRUE;
  n_calls = 0;
  g_mutex_unlock (&lock);
}

static void
open_gate (void)
{
  g_mutex_lock (&lock);
  closed = FALSE;
  g_cond_broadcast (&changed);
  g_mutex_unlock (&lock);
}

static void
assert_counts (guint calls, guint batches)
{
  g_mutex_lock (&lock);
  g_assert_cmpuint (n_calls, ==, calls);
  g_assert_cmpuint (n_batches, ==, batches);
  g_mutex_unlock (&lock);
}

/* While a batch is created, others can be created, joined and left. */
static void
test_other_batches (void)
{
  Joiner slow, other, again;
  GstFeclipBatchClient *first = NULL, *second = NULL;

  close_gate ();
  joiner_begin (&slow, ANALYSER_MODEL, GATED_SIZE);
  await_calls (1);
  joiner_begin (&other, ANALYSER_MODEL, GATED_SIZE + 1);
  first = joiner_finish (&other);
  g_assert_no_error (other.error);
  joiner_begin (&again, ANALYSER_MODEL, GATED_SIZE + 1);
  second = joiner_finish (&again);
  assert_counts (2, 1);
  gst_feclip_batch_client_unref (first);
  assert_counts (2, 1);
  gst_feclip_batch_client_unref (second);
  assert_counts (2, 0);
  open_gate ();
  gst_feclip_batch_client_unref (joiner_finish (&slow));
  g_assert_no_error (slow.error);
  assert_counts (2, 0);
}

/* Two threads that need the same batch: one creates it, both get it. */
static void
test_one_creator (void)
{
  Joiner joiners[2];
  GstFeclipBatchClient *clients[2];

  close_gate ();
  for (guint i = 0; i < 2; i++) {
    joiner_begin (&joiners[i], ANALYSER_MODEL, GATED_SIZE);
    await_calls (1);
  }
  /* Time for the second one to make a mistake. */
  g_usleep (G_USEC_PER_SEC / 10);
  assert_counts (1, 0);
  open_gate ();
  for (guint i = 0; i < 2; i++)
    clients[i] = joiner_finish (&joiners[i]);
  assert_counts (1, 1);
  for (guint i = 0; i < 2; i++)
    gst_feclip_batch_client_unref (clients[i]);
  assert_counts (1, 0);
}

/* A failure is the creator's own: who waited for the batch tries again. */
static void
test_failure (void)
{
  Joiner first, second;

  close_gate ();
  n_failures = 1;
  joiner_begin (&first, ANALYSER_MODEL, GATED_SIZE);
  await_calls (1);
  joiner_begin (&second, ANALYSER_MODEL, GATED_SIZE);
  open_gate ();
  g_assert_null (joiner_finish (&first));
  g_assert_error (first.error, FECLIP_ERROR, FECLIP_ERROR_DEVICE);
  g_clear_error (&first.error);
  gst_feclip_batch_client_unref (joiner_finish (&second));
  g_assert_no_error (second.error);
  assert_counts (2, 0);
}

/* Two threads create the same batch, as they name the files differently: one
 * of both is used. */
static void
test_other_names (void)
{
  Joiner joiners[2];
  GstFeclipBatchClient *clients[2];

  close_gate ();
  joiner_begin (&joiners[0], ANALYSER_MODEL, GATED_SIZE);
  joiner_begin (&joiners[1], OTHER_NAME, GATED_SIZE);
  await_calls (2);
  open_gate ();
  for (guint i = 0; i < 2; i++)
    clients[i] = joiner_finish (&joiners[i]);
  assert_counts (2, 1);
  for (guint i = 0; i < 2; i++)
    gst_feclip_batch_client_unref (clients[i]);
  assert_counts (2, 0);
}

int
main (int argc, char **argv)
{
  g_autoptr (FeclipSettings) settings = NULL;
  g_autoptr (GError) error = NULL;
  int status = 0;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  settings = feclip_settings_new ();
  g_object_set (settings, "model-file", ANALYSER_MODEL, "adapter-file",
                ANALYSER_ADAPTER, NULL);
  model = feclip_model_new (settings, &error);
  g_assert_no_error (error);
  g_test_add_func ("/batch-registry/other-batches", test_other_batches);
  g_test_add_func ("/batch-registry/one-creator", test_one_creator);
  g_test_add_func ("/batch-registry/failure", test_failure);
  g_test_add_func ("/batch-registry/other-names", test_other_names);
  status = g_test_run ();
  g_clear_object (&model);
  return status;
}
