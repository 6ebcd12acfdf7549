/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernels of FFE and LFS, on grids that windows fit and do not fit. */
#include <math.h>

#include "kernels/ops_tests.h"
#include "support/cpu_kernels.h"
#include "support/trial.h"

#define TOLERANCE 1e-5

/* Grids as small as one patch and smaller than a window. */
static const struct {
  guint grid, window, channels;
} windows[] = {
    {6, 2, 8},  {7, 2, 12}, {6, 3, 16}, {8, 3, 24}, {1, 3, 8},
    {8, 4, 8},  {9, 4, 8},  {10, 5, 8}, {6, 5, 8},  {12, 6, 8},
    {13, 6, 8}, {7, 7, 8},  {15, 7, 8}, {2, 7, 8},
};

static FeWindowDct
window_dct (Trial *trial, guint grid, guint window)
{
  g_autofree float *basis = g_new (float, window *window);

  fe_dct_basis (window, basis);
  return (FeWindowDct){
      .grid = grid,
      .window = window,
      .basis = trial_buffer (trial, window * window, basis),
  };
}

/* Forward beside plain C, and back to where it came from; and back from spectra
 * that no patches have. */
static void
check_window_dct (guint grid, guint window, guint channels)
{
  guint count = (grid + window - 1) / window;
  guint rows = count * count * window * window, patches = grid * grid;
  g_autofree char *what = g_strdup_printf ("grid %u, window %u", grid, window);
  g_autofree char *back = g_strdup_printf ("%s, and back", what);
  g_autofree char *inverse = g_strdup_printf ("%s, inverse", what);
  g_autoptr (Trial) trial = trial_new ();
  float *x = trial_random (trial, patches * channels);
  float *z = trial_random (trial, (gsize)rows * channels);
  float *wanted = trial_floats (trial, (gsize)rows * channels);
  float *wanted_back = trial_floats (trial, patches * channels);
  FeMatrix from = trial_matrix (trial, patches, channels, 1, x);
  FeMatrix spectra = trial_matrix (trial, rows, channels, 1, NULL);
  FeMatrix returned = trial_matrix (trial, patches, channels, 1, NULL);
  FeMatrix any = trial_matrix (trial, rows, channels, 1, z);
  FeMatrix to = trial_matrix (trial, patches, channels, 1, NULL);
  FeWindowDct dct = window_dct (trial, grid, window);

  fe_op_window_dct (trial->commands, &dct, &from, &spectra);
  fe_op_window_dct_inverse (trial->commands, &dct, &spectra, &returned);
  fe_op_window_dct_inverse (trial->commands, &dct, &any, &to);
  trial_run (trial);
  ref_window_dct (grid, window, channels, x, wanted);
  ref_window_dct_inverse (grid, window, channels, z, wanted_back);
  trial_expect_matrix (what, &spectra, wanted, TOLERANCE);
  trial_expect_matrix (back, &returned, x, TOLERANCE);
  trial_expect_matrix (inverse, &to, wanted_back, TOLERANCE);
}

static void
test_window_dct (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (windows); i++)
    check_window_dct (windows[i].grid, windows[i].window, windows[i].channels);
}

static void
check_lfs_statistic (guint grid, guint window, FeclipLfsStatistic statistic,
                     guint channels)
{
  g_autofree char *what = g_strdup_printf ("grid %u, window %u, statistic %d",
                                           grid, window, statistic);
  g_autofree float *table = g_new (float, window + window * window);
  gsize n = (gsize)grid * grid * channels;
  g_autoptr (Trial) trial = trial_new ();
  float *x = trial_random (trial, n);
  float *wanted = trial_floats (trial, n);
  FeMatrix from = trial_matrix (trial, grid * grid, channels, 1, x);
  FeMatrix y = trial_matrix (trial, grid * grid, channels, 1, NULL);

  fe_lfs_table (window, table);
  fe_op_lfs_statistic (trial->commands, grid, window, statistic,
                       trial_buffer (trial, window + window * window, table),
                       &from, &y);
  trial_run (trial);
  ref_lfs_statistic (grid, window, statistic, channels, x, wanted);
  trial_expect_matrix (what, &y, wanted, TOLERANCE);
}

static void
test_lfs_statistic (gconstpointer data)
{
  FeclipLfsStatistic statistic = GPOINTER_TO_INT (data);

  for (guint window = 3; window <= 7; window += 2) {
    check_lfs_statistic (1, window, statistic, 8);
    check_lfs_statistic (2, window, statistic, 8);
    check_lfs_statistic (5, window, statistic, 20);
    check_lfs_statistic (9, window, statistic, 8);
  }
}

static void
test_im2col (void)
{
  static const struct {
    guint grid, channels;
  } cases[] = {
      {1, 8}, {2, 8}, {3, 16}, {7, 40}, {24, 1024}, /* ViT-L/14@336 */
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    guint grid = cases[i].grid, channels = cases[i].channels;
    guint rows = grid * grid;
    g_autofree char *what = g_strdup_printf ("grid %u", grid);
    g_autoptr (Trial) trial = trial_new ();
    float *x = trial_random (trial, rows * channels);
    float *wanted = trial_floats (trial, 9 * rows * channels);
    FeMatrix from = trial_matrix (trial, rows, channels, 1, x);
    FeMatrix y = trial_matrix (trial, rows, 9 * channels, 1, NULL);

    fe_op_im2col (trial->commands, grid, &from, &y);
    trial_run (trial);
    ref_im2col (grid, channels, x, wanted);
    trial_expect_matrix (what, &y, wanted, 0);
  }
}

/* A 3×3 convolution without an im2col matrix in memory; two images. */
static void
check_convolution (guint grid, guint channels, guint columns, gboolean half)
{
  g_autoptr (Trial) trial = trial_new ();
  g_autofree char *what =
      g_strdup_printf ("grid %u, %u channels to %u%s", grid, channels, columns,
                       half ? " half" : "");
  guint rows = grid * grid, k = 9 * channels;
  float *x = trial_random (trial, (gsize)2 * rows * channels);
  float *gathered = trial_floats (trial, (gsize)rows * k);
  float *weights = trial_random (trial, (gsize)columns * k);
  float *bias = trial_random (trial, columns);
  float *wanted = trial_floats (trial, (gsize)2 * rows * columns);
  FeMatmul product = {
      .use = "a test",
      .a = trial_matrix (trial, rows, channels, 2, x),
      .bias = trial_buffer (trial, columns, bias),
      .activation = FECLIP_ACTIVATION_GELU,
      .c = trial_matrix (trial, rows, columns, 2, NULL),
      .grid = grid,
  };

  for (gsize i = 0; half && i < (gsize)columns * k; i++)
    weights[i] = (float)ref_half_value (ref_half_from_float (weights[i]));
  product.b =
      fe_arena_weights (trial->arena, "weights", columns, k, half, weights);
  fe_op_matmul (trial->commands, &product);
  trial_run (trial);
  for (guint i = 0; i < 2; i++) {
    ref_im2col (grid, channels, x + (gsize)i * rows * channels, gathered);
    ref_matmul (&(RefMatmul){rows, columns, k, gathered, weights, bias, NULL,
                             FECLIP_ACTIVATION_GELU},
                wanted + (gsize)i * rows * columns);
  }
  trial_expect_matrix (what, &product.c, wanted, 2e-5);
}

static void
test_convolution (void)
{
  g_autoptr (Trial) trial = trial_new ();

  if (!fe_op_convolves (trial->device)) {
    g_test_skip ("this device uses im2col instead");
    return;
  }
  check_convolution (1, 8, 8, FALSE);
  check_convolution (2, 8, 20, FALSE);
  check_convolution (3, 16, 17, TRUE);
  check_convolution (5, 24, 16, FALSE);
  check_convolution (7, 40, 33, FALSE);
  check_convolution (9, 8, 15, TRUE);
}

/* The class token, which is the row after the patches, goes on unchanged. */
static void
test_blend_adapters (void)
{
  static const struct {
    guint patches, channels;
    double lambda;
  } cases[] = {{1, 8, 0.1}, {9, 12, 0.1}, {64, 8, 0}, {49, 72, 1}};

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    guint patches = cases[i].patches, channels = cases[i].channels;
    guint n = patches * channels;
    g_autofree char *what =
        g_strdup_printf ("%u patches, lambda %g", patches, cases[i].lambda);
    g_autoptr (Trial) trial = trial_new ();
    float *x = trial_random (trial, n + channels);
    float *ffe = trial_random (trial, n), *lfs = trial_random (trial, n);
    FeMatrix tokens = trial_matrix (trial, patches + 1, channels, 1, x);
    FeMatrix ffe_matrix = trial_matrix (trial, patches, channels, 1, ffe);
    FeMatrix lfs_matrix = trial_matrix (trial, patches, channels, 1, lfs);

    fe_op_blend_adapters (trial->commands,
                          &(FeBlendAdapters){ffe_matrix, lfs_matrix,
                                             cases[i].lambda, tokens, tokens});
    trial_run (trial);
    ref_blend_adapters (n, ffe, lfs, cases[i].lambda, x);
    trial_expect_matrix (what, &tokens, x, 1e-6);
  }
}

static void
test_tables (void)
{
  for (guint n = 1; n <= 7; n++) {
    float table[7 + 7 * 7];
    double column;

    fe_lfs_table (n, table);
    for (guint i = 0; i < n; i++) {
      column = 0;
      for (guint k = 0; k < n; k++) {
        g_assert_cmpfloat_with_epsilon (table[n + k * n + i], ref_dct (n, k, i),
                                        1e-7);
        column += ref_dct (n, k, i);
      }
      g_assert_cmpfloat_with_epsilon (table[i], column, 1e-6);
    }
  }
}

void
add_adapter_tests (void)
{
  g_test_add_func ("/ops/window-dct", test_window_dct);
  g_test_add_data_func ("/ops/lfs-statistic/mean",
                        GINT_TO_POINTER (FECLIP_LFS_STATISTIC_MEAN),
                        test_lfs_statistic);
  g_test_add_data_func ("/ops/lfs-statistic/abs",
                        GINT_TO_POINTER (FECLIP_LFS_STATISTIC_ABS),
                        test_lfs_statistic);
  g_test_add_data_func ("/ops/lfs-statistic/power",
                        GINT_TO_POINTER (FECLIP_LFS_STATISTIC_POWER),
                        test_lfs_statistic);
  g_test_add_func ("/ops/im2col", test_im2col);
  g_test_add_func ("/ops/convolution", test_convolution);
  g_test_add_func ("/ops/blend-adapters", test_blend_adapters);
  g_test_add_func ("/ops/tables", test_tables);
}
