/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernels that measure a device: what they compute shows that they did all
 * of what is counted. */
#include "compute/ops_peaks.h"

#include "kernels/ops_tests.h"
#include "support/cpu_kernels.h"
#include "support/trial.h"

static void
test_arithmetic (void)
{
  static const guint repeats[] = {0, 1, 3};
  enum { GROUPS = 3 };

  for (guint i = 0; i < G_N_ELEMENTS (repeats); i++) {
    g_autofree char *what = g_strdup_printf ("%u repeats", repeats[i]);
    g_autoptr (Trial) trial = trial_new ();
    guint n = GROUPS * fe_peak_group_size (trial->device);
    float *wanted = trial_floats (trial, 4 * n);
    FeBuffer *sums = trial_buffer (trial, 4 * n, NULL);

    fe_op_peak_arithmetic (trial->commands, GROUPS, repeats[i], sums);
    trial_run (trial);
    ref_peak_arithmetic (n, repeats[i] * FE_PEAK_STEPS, FE_PEAK_FACTOR,
                         FE_PEAK_SUMMAND, wanted);
    trial_expect_buffer (what, sums, 0, 4 * n, wanted, 1e-6);
    g_assert_cmpfloat (fe_peak_flop (trial->device, GROUPS, repeats[i]), ==,
                       2.0 * 12 * n * repeats[i] * FE_PEAK_STEPS);
  }
}

/* All that was asked for and nothing behind it. */
static void
test_bandwidth (void)
{
  enum { GROUPS = 3 };
  g_autoptr (Trial) trial = trial_new ();
  gsize n = GROUPS * fe_peak_group_bytes (trial->device) / sizeof (float);
  float *x = trial_random (trial, n), *wanted = trial_floats (trial, n + 4);
  FeBuffer *to = trial_buffer (trial, n + 4, NULL);
  FeMatrix from = trial_matrix (trial, (guint)n / 8, 8, 1, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (from.buffer->size, >=, n * sizeof (float));
  fe_buffer_write (from.buffer, 0, x, n * sizeof (float), &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < n + 4; i++)
    wanted[i] = i < n ? x[i] : TRIAL_UNUSED;
  fe_op_peak_bandwidth (trial->commands, GROUPS, from.buffer, to);
  trial_run (trial);
  trial_expect_buffer ("a copy", to, 0, n + 4, wanted, 0);
}

void
add_peak_tests (void)
{
  g_test_add_func ("/ops/peak-arithmetic", test_arithmetic);
  g_test_add_func ("/ops/peak-bandwidth", test_bandwidth);
}
