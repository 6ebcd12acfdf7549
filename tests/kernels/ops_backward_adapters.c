/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The gradients of FFE's and LFS's kernels, of scoring and of the losses. */
#include <math.h>
#include <string.h>

#include "support/derivative.h"
#include "kernels/ops_tests.h"
#include "compute/ops_backward.h"
#include "compute/ops_losses.h"
#include "support/cpu_kernels.h"
#include "support/trial.h"

#define TOLERANCE 1e-3
#define IMAGES 2

/* A function of one image's patches, as in cpu_kernels.h. */
typedef struct {
  guint grid, window, channels;
  FeclipLfsStatistic statistic;
} Patches;

static const Patches cases[] = {
    {1, 3, 8, 0}, {2, 3, 8, 0}, {5, 3, 12, 0}, {6, 5, 8, 0}, {4, 7, 8, 0},
};

static void
window_dct (const float *x, float *y, gconstpointer data)
{
  const Patches *self = data;

  ref_window_dct (self->grid, self->window, self->channels, x, y);
}

static void
window_dct_inverse (const float *x, float *y, gconstpointer data)
{
  const Patches *self = data;

  ref_window_dct_inverse (self->grid, self->window, self->channels, x, y);
}

static void
im2col (const float *x, float *y, gconstpointer data)
{
  const Patches *self = data;

  ref_im2col (self->grid, self->channels, x, y);
}

static void
lfs_statistic (const float *x, float *y, gconstpointer data)
{
  const Patches *self = data;

  ref_lfs_statistic (self->grid, self->window, self->statistic, self->channels,
                     x, y);
}

static gsize
patches_size (const Patches *self)
{
  return (gsize)self->grid * self->grid * self->channels;
}

static guint
spectra_rows (const Patches *self)
{
  guint windows = (self->grid + self->window - 1) / self->window;

  return windows * windows * self->window * self->window;
}

/* The numeric gradients of every image. */
static float *
differentiate (Trial *trial, const Derivative *derivative, const float *x,
               const float *dy)
{
  float *dx = trial_floats (trial, IMAGES * derivative->n_x);

  for (guint i = 0; i < IMAGES; i++)
    derivative_backward (derivative, x + i * derivative->n_x,
                         dy + i * derivative->n_y, dx + i * derivative->n_x);
  return dx;
}

static void
test_window_dct (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    const Patches *self = &cases[i];
    guint rows = spectra_rows (self), patches = self->grid * self->grid;
    guint channels = self->channels;
    gsize n = patches_size (self), m = (gsize)rows * channels;
    g_autofree float *basis = g_new (float, self->window * self->window);
    g_autoptr (Trial) trial = trial_new ();
    float *x = trial_random (trial, IMAGES * n);
    float *dy = trial_random (trial, IMAGES * m);
    FeMatrix x_matrix = trial_matrix (trial, patches, channels, IMAGES, x);
    FeMatrix dy_matrix = trial_matrix (trial, rows, channels, IMAGES, dy);
    FeMatrix dx = trial_matrix (trial, patches, channels, IMAGES, NULL);
    FeMatrix dz = trial_matrix (trial, rows, channels, IMAGES, NULL);
    FeWindowDct dct = {.grid = self->grid, .window = self->window};

    fe_dct_basis (self->window, basis);
    dct.basis = trial_buffer (trial, self->window * self->window, basis);
    fe_op_window_dct_backward (trial->commands, &dct, &dy_matrix, &dx);
    fe_op_window_dct_inverse_backward (trial->commands, &dct, &x_matrix, &dz);
    trial_run (trial);
    trial_expect_matrix (
        "window DCT", &dx,
        differentiate (trial, &(Derivative){window_dct, self, n, m, 1}, x, dy),
        TOLERANCE);
    trial_expect_matrix (
        "inverse window DCT", &dz,
        differentiate (trial, &(Derivative){window_dct_inverse, self, m, n, 1},
                       dy, x),
        TOLERANCE);
  }
}

static void
test_im2col (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    Patches self = cases[i];
    guint patches = self.grid * self.grid, channels = 8;
    gsize n = (gsize)patches * channels;
    g_autoptr (Trial) trial = trial_new ();
    float *x = trial_random (trial, IMAGES * n);
    float *dy = trial_random (trial, IMAGES * 9 * n);
    FeMatrix from = trial_matrix (trial, patches, 9 * channels, IMAGES, dy);
    FeMatrix dx = trial_matrix (trial, patches, channels, IMAGES, NULL);

    self.channels = channels;
    fe_op_im2col_backward (trial->commands, self.grid, &from, &dx);
    trial_run (trial);
    trial_expect_matrix (
        "im2col", &dx,
        differentiate (trial, &(Derivative){im2col, &self, n, 9 * n, 1}, x, dy),
        TOLERANCE);
  }
}

static void
check_lfs_statistic (const Patches *self)
{
  guint patches = self->grid * self->grid, q = self->window;
  guint channels = self->channels;
  gsize n = patches_size (self);
  g_autofree char *what = g_strdup_printf ("grid %u, window %u, statistic %d",
                                           self->grid, q, self->statistic);
  g_autofree float *table = g_new (float, q + q * q);
  g_autoptr (Trial) trial = trial_new ();
  float *x = trial_random (trial, IMAGES * n);
  float *dy = trial_random (trial, IMAGES * n);
  FeMatrix x_matrix = trial_matrix (trial, patches, channels, IMAGES, x);
  FeMatrix y = trial_matrix (trial, patches, channels, IMAGES, NULL);
  FeMatrix dx = trial_matrix (trial, patches, channels, IMAGES, NULL);
  float *wanted = trial_floats (trial, IMAGES * n), *gradient;

  fe_lfs_table (q, table);
  fe_op_lfs_statistic (trial->commands, self->grid, q, self->statistic,
                       trial_buffer (trial, q + q * q, table), &x_matrix, &y);
  fe_op_lfs_statistic_backward (
      trial->commands,
      &(FeLfsStatisticBackward){
          .grid = self->grid,
          .window = q,
          .statistic = self->statistic,
          .table = trial_buffer (trial, q + q * q, table),
          .x = x_matrix,
          .dy = trial_matrix (trial, patches, channels, IMAGES, dy),
          .dx = dx,
      });
  trial_run (trial);
  for (guint i = 0; i < IMAGES; i++)
    lfs_statistic (x + i * n, wanted + i * n, self);
  trial_expect_matrix (what, &y, wanted, 1e-5);
  for (guint i = 0; i < IMAGES; i++)
    ref_lfs_statistic_backward (self->grid, q, self->statistic, channels,
                                x + i * n, dy + i * n, wanted + i * n);
  trial_expect_matrix (what, &dx, wanted, TOLERANCE);

  /* The plain C by differences; those of abs meet a kink here and there. */
  gradient = differentiate (
      trial, &(Derivative){lfs_statistic, self, n, n, 1.0 / 512}, x, dy);
  if (self->statistic == FECLIP_LFS_STATISTIC_ABS) {
    double off = 0, length = 0;

    for (gsize i = 0; i < IMAGES * n; i++) {
      off += pow ((double)gradient[i] - wanted[i], 2);
      length += pow (wanted[i], 2);
    }
    g_assert_cmpfloat (sqrt (off / length), <, 0.1);
  } else {
    trial_expect (what, IMAGES * n, wanted, gradient, TOLERANCE);
  }
}

static void
test_lfs_statistic (gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    Patches self = cases[i];

    self.statistic = (FeclipLfsStatistic)GPOINTER_TO_INT (data);
    /* Of equal patches, most coefficients are zero, where |x| has no slope. */
    if (self.grid > 1 || self.statistic != FECLIP_LFS_STATISTIC_ABS)
      check_lfs_statistic (&self);
  }
}

/* ---- Scoring ---- */

typedef struct {
  guint features;
  const float *text;
} Similarity;

static const double temperature = 0.2;

static void
similarity (const float *z, float *p, gconstpointer data)
{
  const Similarity *self = data;

  *p = (float)ref_similarity (self->features, z, self->text, temperature,
                              FECLIP_MAP_TYPE_PROBABILITY);
}

/* Maps of an edge, or plain rows where it is 0. */
static void
check_similarity (guint features, guint rows, guint edge)
{
  guint padded = fe_padded_columns (features);
  guint batch = edge ? IMAGES : 1;
  gsize n = (gsize)rows * features * batch;
  g_autofree char *what =
      g_strdup_printf ("%u features, %u rows, edge %u", features, rows, edge);
  g_autoptr (Trial) trial = trial_new ();
  float *z = trial_random (trial, n), *text = trial_floats (trial, 2 * padded);
  float *dp = trial_random (trial, (gsize)rows * batch);
  float *wanted = trial_floats (trial, n),
        *p = trial_floats (trial, rows * batch);
  float *plain = trial_random (trial, 2 * features);
  FeMatrix z_matrix = trial_matrix (trial, rows, features, batch, z);
  FeMatrix dz = trial_matrix (trial, rows, features, batch, NULL);
  FeMatrix maps = trial_matrix (trial, MAX (edge, 1), MAX (edge, 1), batch,
                                edge ? dp : NULL);
  FeMatrix found =
      trial_matrix (trial, MAX (edge, 1), MAX (edge, 1), batch, NULL);
  FeBuffer *text_buffer;

  for (guint t = 0; t < 2; t++)
    memcpy (text + t * padded, plain + t * features, features * sizeof (float));
  text_buffer = trial_buffer (trial, 2 * padded, text);
  if (edge)
    fe_op_similarity (trial->commands, &(FeSimilarity){
                                           .z = z_matrix,
                                           .text = text_buffer,
                                           .temperature = temperature,
                                           .weight = 1,
                                           .maps = &found,
                                       });
  fe_op_similarity_backward (trial->commands,
                             &(FeSimilarityBackward){
                                 .z = z_matrix,
                                 .text = text_buffer,
                                 .temperature = temperature,
                                 .gradients = trial_buffer (trial, rows, dp),
                                 .maps = edge ? &maps : NULL,
                                 .dz = dz,
                             });
  trial_run (trial);
  for (guint r = 0; r < rows * batch; r++) {
    const Similarity self = {features, plain};

    similarity (z + r * features, p + r, &self);
    derivative_backward (
        &(Derivative){similarity, &self, features, 1, 1.0 / 512},
        z + r * features, dp + r, wanted + r * features);
  }
  if (edge)
    trial_expect_matrix (what, &found, p, 1e-5);
  trial_expect_matrix (what, &dz, wanted, 5e-3);
  trial_expect_zero_padding (what, &dz);
}

static void
test_similarity (void)
{
  check_similarity (8, 1, 0);
  check_similarity (20, 37, 0);
  check_similarity (12, 1, 1);
  check_similarity (16, 49, 7);
  check_similarity (12, 100, 10);
}

/* ---- Losses and Adam ---- */

static void
test_score_loss (void)
{
  enum { TAPS = 3, COUNT = TAPS * IMAGES };
  const float scores[COUNT] = {0.2f, 0.7f, 0.999f, 1e-4f, 1, 1};
  const float targets[4 * IMAGES] = {1, 0.5f, 9, 9, 0, 2, 9, 9};
  g_autoptr (Trial) trial = trial_new ();
  float losses[4 * COUNT] = {0}, gradients[COUNT];
  const FeLosses shared = {
      .n_taps = TAPS,
      .images = IMAGES,
      .targets = trial_buffer (trial, 4 * IMAGES, targets),
      .losses = trial_buffer (trial, 4 * COUNT, losses),
  };
  FeBuffer *found = trial_buffer (trial, COUNT, NULL);

  fe_op_score_loss (trial->commands, &shared,
                    trial_buffer (trial, COUNT, scores), found);
  trial_run (trial);
  for (guint i = 0; i < COUNT; i++) {
    const float *target = targets + 4 * (i % IMAGES);
    double p = CLAMP (scores[i], 1e-6, 1 - 1e-6);

    losses[4 * i] = (float)-log (target[0] > 0 ? p : 1 - p);
    gradients[i] =
        (float)(target[1] / TAPS * (target[0] > 0 ? -1 / p : 1 / (1 - p)));
    if (scores[i] >= 1)
      gradients[i] = 0;
  }
  /* fp32 keeps four digits of 1e-6 below 1. */
  trial_expect_buffer ("losses", shared.losses, 0, 4 * COUNT, losses, 5e-3);
  trial_expect_buffer ("gradients", found, 0, COUNT, gradients, 1e-3);
}

typedef struct {
  guint pixels;
  double alpha, gamma;
  const float *mask;
} MapLosses;

/* y is focal loss and Dice loss. */
static void
map_losses (const float *map, float *y, gconstpointer data)
{
  const MapLosses *self = data;
  double focal = 0, both = 0, either = 0;

  for (guint i = 0; i < self->pixels; i++) {
    gboolean marked = self->mask[i] > 0;
    double p = CLAMP (map[i], 1e-6, 1 - 1e-6), t = marked ? p : 1 - p;

    focal -= (marked ? self->alpha : 1 - self->alpha) * pow (1 - t, self->gamma)
             * log (t);
    both += (double)map[i] * self->mask[i];
    either += (double)map[i] + self->mask[i];
  }
  y[0] = (float)(focal / self->pixels);
  y[1] = (float)(1 - (2 * both + 1e-6) / (either + 1e-6));
}

static void
check_map_losses (guint edge, double alpha, double gamma)
{
  enum { TAPS = 2, MAPS = TAPS * IMAGES };
  const float targets[4 * IMAGES] = {1, 9, 0.5f, 2, 0, 9, 3, 1};
  guint pixels = edge * edge;
  g_autofree char *what =
      g_strdup_printf ("edge %u, alpha %g, gamma %g", edge, alpha, gamma);
  g_autoptr (Trial) trial = trial_new ();
  float *maps = trial_random (trial, MAPS * pixels);
  float *masks = trial_random (trial, IMAGES * pixels);
  float *wanted = trial_floats (trial, MAPS * pixels);
  float losses[4 * MAPS] = {0};
  FeMatrix gradients = trial_matrix (trial, edge, edge, MAPS, NULL);
  FeMapLosses large;
  FeLosses shared;

  for (guint i = 0; i < MAPS * pixels; i++)
    maps[i] = 0.5f + 0.4f * maps[i];
  /* The second image has nothing to find. */
  for (guint i = 0; i < IMAGES * pixels; i++)
    masks[i] = i < pixels && masks[i] > 0;
  large = (FeMapLosses){
      .maps = trial_matrix (trial, edge, edge, MAPS, maps),
      .masks = trial_matrix (trial, edge, edge, IMAGES, masks),
      .sums = trial_buffer (trial, (gsize)4 * MAPS * edge, NULL),
      .totals = trial_buffer (trial, 4 * MAPS, NULL),
  };
  shared = (FeLosses){
      .n_taps = TAPS,
      .images = IMAGES,
      .alpha = alpha,
      .gamma = gamma,
      .targets = trial_buffer (trial, 4 * IMAGES, targets),
      .losses = trial_buffer (trial, 4 * MAPS, losses),
  };
  fe_op_map_losses (trial->commands, &shared, &large);
  fe_op_map_losses_backward (trial->commands, &shared, &large, &gradients);
  trial_run (trial);
  for (guint i = 0; i < MAPS; i++) {
    const float *target = targets + 4 * (i % IMAGES);
    const float dy[] = {target[2] / TAPS, target[3] / TAPS};
    const MapLosses self = {pixels, alpha, gamma, masks + i % IMAGES * pixels};

    map_losses (maps + i * pixels, losses + 4 * i + 1, &self);
    derivative_backward (&(Derivative){map_losses, &self, pixels, 2, 1.0 / 128},
                         maps + i * pixels, dy, wanted + i * pixels);
  }
  trial_expect_buffer (what, shared.losses, 0, 4 * MAPS, losses, 1e-5);
  trial_expect_matrix (what, &gradients, wanted, 5e-3);
}

static void
test_map_losses (void)
{
  check_map_losses (1, 0.25, 2);
  check_map_losses (7, 0.25, 2);
  check_map_losses (20, 0.7, 1.5);
}

static void
test_adam (void)
{
  enum { N = 100, STEPS = 3 };
  const double rates[] = {1e-2, 1e-3};

  for (guint rate = 0; rate < 2; rate++) {
    g_autoptr (Trial) trial = trial_new ();
    float *w = trial_random (trial, N), *g = trial_random (trial, N);
    float *zeros = trial_floats (trial, N);
    float schedule[4];
    const FeAdam adam = {
        .weights = trial_buffer (trial, N, w),
        .gradient = trial_buffer (trial, N, g),
        .mean = trial_buffer (trial, N, zeros),
        .square = trial_buffer (trial, N, zeros),
        .scale = 0.5,
        .rate = (FeRate)rate,
    };
    FeBuffer *buffer = trial_buffer (trial, 4, zeros);
    double m[N] = {0}, v[N] = {0};
    g_autoptr (GError) error = NULL;

    fe_op_adam (trial->commands, &adam, buffer);
    fe_commands_end (trial->commands, &error);
    g_assert_no_error (error);
    for (guint step = 1; step <= STEPS; step++) {
      fe_adam_schedule (step, 0.25, rates, schedule);
      fe_buffer_write (buffer, 0, schedule, sizeof schedule, &error);
      fe_buffer_write (adam.gradient, 0, g, N * sizeof *g, &error);
      fe_commands_run (trial->commands, &error);
      g_assert_no_error (error);
      for (guint i = 0; i < N; i++) {
        double gradient = 0.5 * 0.25 * g[i];

        m[i] = 0.9 * m[i] + 0.1 * gradient;
        v[i] = 0.999 * v[i] + 0.001 * gradient * gradient;
        w[i] -= (float)(rates[rate] * m[i] / (1 - pow (0.9, step))
                        / (sqrt (v[i] / (1 - pow (0.999, step))) + 1e-8));
      }
    }
    trial_expect_buffer ("weights", adam.weights, 0, N, w, 1e-6);
    trial_expect_buffer ("gradient", adam.gradient, 0, N, zeros, 0);
  }
}

void
add_backward_adapter_tests (void)
{
  g_test_add_func ("/ops/window-dct/backward", test_window_dct);
  g_test_add_func ("/ops/im2col/backward", test_im2col);
  g_test_add_data_func ("/ops/lfs-statistic/backward/mean",
                        GINT_TO_POINTER (FECLIP_LFS_STATISTIC_MEAN),
                        test_lfs_statistic);
  g_test_add_data_func ("/ops/lfs-statistic/backward/abs",
                        GINT_TO_POINTER (FECLIP_LFS_STATISTIC_ABS),
                        test_lfs_statistic);
  g_test_add_data_func ("/ops/lfs-statistic/backward/power",
                        GINT_TO_POINTER (FECLIP_LFS_STATISTIC_POWER),
                        test_lfs_statistic);
  g_test_add_func ("/ops/similarity/backward", test_similarity);
  g_test_add_func ("/ops/score-loss", test_score_loss);
  g_test_add_func ("/ops/map-losses", test_map_losses);
  g_test_add_func ("/ops/adam", test_adam);
}
