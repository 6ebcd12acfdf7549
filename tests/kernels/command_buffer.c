/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Recorded commands: run again and again, timed, by several threads at once,
 * and what happens to those that cannot be recorded. */
#include "compute/vulkan/commands.h"

#include <feclip/error.h>
#include <string.h>

#include "support/trial.h"

enum { ROWS = 61, COLUMNS = 72, THREADS = 4, RUNS = 20 };

/* A product and a softmax of it: enough for two kernels to depend on each
 * other. */
typedef struct {
  FeMatrix p;
  float *x;
} Work;

static void
record_work (Trial *trial, Work *work)
{
  FeMatmul product = {
      .use = "a test's product",
      .c = trial_matrix (trial, ROWS, ROWS, 1, NULL),
  };

  work->x = trial_random (trial, ROWS * COLUMNS);
  work->p = trial_matrix (trial, ROWS, ROWS, 1, NULL);
  product.a = product.b = trial_matrix (trial, ROWS, COLUMNS, 1, work->x);
  fe_op_matmul (trial->commands, &product);
  fe_op_softmax (trial->commands, &product.c, FALSE, &work->p);
}

static void
read_work (const Work *work, float result[ROWS * ROWS])
{
  g_autoptr (GError) error = NULL;

  fe_matrix_read (&work->p, 0, 0, ROWS, result, &error);
  g_assert_no_error (error);
}

static void
run (Trial *trial)
{
  g_autoptr (GError) error = NULL;

  fe_commands_run (trial->commands, &error);
  g_assert_no_error (error);
}

/* Results to the last bit, run after run. */
static void
test_again (void)
{
  g_autoptr (Trial) trial = trial_new ();
  float first[ROWS * ROWS], again[ROWS * ROWS];
  Work work;

  record_work (trial, &work);
  trial_run (trial);
  read_work (&work, first);
  for (guint i = 0; i < 3; i++) {
    trial_fill (trial, &work.p, 0);
    run (trial);
    read_work (&work, again);
    g_assert_cmpmem (first, sizeof first, again, sizeof again);
  }
}

/* Opens, records, uploads, runs and reads beside the others. */
static gpointer
work_alone (gpointer wanted)
{
  g_autoptr (Trial) trial = trial_new ();
  float result[ROWS * ROWS];
  Work work;

  record_work (trial, &work);
  trial_run (trial);
  for (guint i = 0; i < RUNS; i++) {
    trial_fill (trial, &work.p, 0);
    run (trial);
    read_work (&work, result);
    if (memcmp (result, wanted, sizeof result) != 0)
      return GUINT_TO_POINTER (i + 1);
  }
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (Trial) trial = trial_new ();
  GThread *threads[THREADS];
  float wanted[ROWS * ROWS];
  Work work;

  record_work (trial, &work);
  trial_run (trial);
  read_work (&work, wanted);
  for (guint i = 0; i < THREADS; i++)
    threads[i] = g_thread_new ("work", work_alone, wanted);
  for (guint i = 0; i < THREADS; i++)
    g_assert_cmpuint (GPOINTER_TO_UINT (g_thread_join (threads[i])), ==, 0);
}

/* All of a command buffer's time is in its kernels and no more than passed. */
static void
test_timings (void)
{
  g_autoptr (Trial) trial = trial_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) timings = NULL;
  FeCommands *plain = trial->commands;
  const FeTiming *product, *softmax;
  gint64 start;
  double passed;
  Work work;

  trial->commands = fe_commands_new (trial->device, TRUE, &error);
  g_assert_no_error (error);
  record_work (trial, &work);
  record_work (trial, &work);
  trial_run (trial);
  start = g_get_monotonic_time ();
  run (trial);
  passed = (double)(g_get_monotonic_time () - start) * 1e-6;
  timings = fe_commands_get_timings (trial->commands, &error);
  g_assert_no_error (error);

  g_assert_cmpuint (timings->len, ==, 2);
  product = &g_array_index (timings, FeTiming, 0);
  softmax = &g_array_index (timings, FeTiming, 1);
  g_assert_cmpint (product->kernel, ==, FE_KERNEL_MATMUL);
  g_assert_cmpstr (product->use, ==, "a test's product");
  g_assert_cmpuint (product->dispatches, ==, 2);
  g_assert_cmpfloat (product->flop, ==, 2 * 2.0 * ROWS * ROWS * COLUMNS);
  g_assert_cmpint (softmax->kernel, ==, FE_KERNEL_SOFTMAX);
  g_assert_cmpuint (softmax->dispatches, ==, 2);
  g_assert_cmpfloat (product->seconds, >, 0);
  g_assert_cmpfloat (softmax->seconds, >, 0);
  g_assert_cmpfloat (product->seconds + softmax->seconds, <=, passed);
  fe_commands_free (plain);
}

/* More kernels than there are timestamps for, and sets than a pool holds. */
static void
test_many (void)
{
  enum { MANY = 2100 };
  g_autoptr (Trial) trial = trial_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) timings = NULL;
  g_autoptr (FeCommands) plain G_GNUC_UNUSED = trial->commands;
  float *x = trial_floats (trial, 8);
  float *one = trial_floats (trial, 8);
  FeMatrix sum, ones;

  for (guint i = 0; i < 8; i++)
    one[i] = 1;
  trial->commands = fe_commands_new (trial->device, TRUE, &error);
  g_assert_no_error (error);
  sum = trial_matrix (trial, 1, 8, 1, x);
  ones = trial_matrix (trial, 1, 8, 1, one);
  for (guint i = 0; i < MANY; i++)
    fe_op_blend_adapters (trial->commands,
                          &(FeBlendAdapters){ones, sum, 0.5, sum, sum});
  trial_run (trial);
  for (guint i = 0; i < 8; i++)
    x[i] = 0.5f * MANY;
  trial_expect_matrix ("many", &sum, x, 1e-5);
  timings = fe_commands_get_timings (trial->commands, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (timings->len, ==, 1);
}

/* The first failure is the one that is told. */
static void
test_failure (void)
{
  g_autoptr (Trial) trial = trial_new ();
  g_autoptr (GError) error = NULL;
  Work work;

  fe_commands_fail (
      trial->commands,
      g_error_new_literal (FECLIP_ERROR, FECLIP_ERROR_INPUT, "the first"));
  fe_commands_fail (
      trial->commands,
      g_error_new_literal (FECLIP_ERROR, FECLIP_ERROR_DEVICE, "the second"));
  record_work (trial, &work);
  g_assert_false (fe_commands_end (trial->commands, &error));
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT);
  g_assert_cmpstr (error->message, ==, "the first");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/commands/again", test_again);
  g_test_add_func ("/commands/threads", test_threads);
  g_test_add_func ("/commands/timings", test_timings);
  g_test_add_func ("/commands/many", test_many);
  g_test_add_func ("/commands/failure", test_failure);
  return g_test_run ();
}
