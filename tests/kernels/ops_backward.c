/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The gradients of the transformer's kernels, against numeric differentiation
 * of the forward ones in plain C. */
#include "support/derivative.h"
#include "kernels/ops_tests.h"
#include "compute/ops_backward.h"
#include "support/cpu_kernels.h"
#include "support/trial.h"

#define TOLERANCE 2e-3

typedef struct {
  guint rows, columns, batch;
  FeclipActivation activation;
} Activation;

/* An activation is a product with one, its own input. */
static void
activate (const float *x, float *y, gconstpointer data)
{
  const Activation *self = data;
  const float one = 1;

  ref_matmul (
      &(RefMatmul){
          .rows = self->rows * self->columns * self->batch,
          .columns = 1,
          .k = 1,
          .a = x,
          .b = &one,
          .activation = self->activation,
      },
      y);
}

static void
check_activation (Activation self)
{
  gsize n = (gsize)self.rows * self.columns * self.batch;
  g_autofree char *what =
      g_strdup_printf ("activation %d, %u×%u×%u", self.activation, self.batch,
                       self.rows, self.columns);
  g_autoptr (Trial) trial = trial_new ();
  float *x = trial_random (trial, n), *dy = trial_random (trial, n);
  float *wanted = trial_floats (trial, n), *dx = trial_floats (trial, n);
  guint rows = self.rows, columns = self.columns, batch = self.batch;
  FeMatrix x_matrix, y, gradient;

  for (gsize i = 0; i < n; i++)
    x[i] *= 4;
  x_matrix = trial_matrix (trial, rows, columns, batch, x);
  y = trial_matrix (trial, rows, columns, batch, NULL);
  gradient = trial_matrix (trial, rows, columns, batch, dy);
  fe_op_activation (trial->commands, self.activation, &x_matrix, &y);
  /* In place, as the network does it. */
  fe_op_activation_backward (trial->commands, &(FeActivationBackward){
                                                  .use = "a test",
                                                  .activation = self.activation,
                                                  .x = x_matrix,
                                                  .dy = gradient,
                                                  .dx = gradient,
                                              });
  trial_run (trial);
  activate (x, wanted, &self);
  trial_expect_matrix (what, &y, wanted, 1e-5);
  /* Each number is a function of one number. */
  for (gsize i = 0; i < n; i++) {
    const Activation one = {1, 1, 1, self.activation};

    derivative_backward (&(Derivative){activate, &one, 1, 1, 0}, x + i, dy + i,
                         dx + i);
  }
  trial_expect_matrix (what, &gradient, dx, TOLERANCE);
}

static void
test_activation (void)
{
  static const FeclipActivation kinds[] = {FECLIP_ACTIVATION_QUICK_GELU,
                                           FECLIP_ACTIVATION_GELU};

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    check_activation ((Activation){1, 1, 1, kinds[i]});
    check_activation ((Activation){17, 20, 3, kinds[i]});
    check_activation ((Activation){64, 24, 1, kinds[i]});
  }
}

static void
test_row_sums (void)
{
  static const guint shapes[][2] = {{1, 1}, {5, 13}, {40, 100}};

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++) {
    guint rows = shapes[i][0], columns = shapes[i][1];
    g_autoptr (Trial) trial = trial_new ();
    float *x = trial_random (trial, rows * columns);
    float *sums = trial_random (trial, rows);
    FeMatrix matrix = trial_matrix (trial, rows, columns, 1, x);
    FeBuffer *buffer = trial_buffer (trial, rows, sums);

    fe_op_row_sums (trial->commands, &matrix, buffer);
    trial_run (trial);
    for (guint j = 0; j < rows * columns; j++)
      sums[j / columns] += x[j];
    trial_expect_buffer ("row sums", buffer, 0, rows, sums, 1e-5);
  }
}

typedef struct {
  guint rows, channels;
  const float *scale, *shift;
} Norm;

static void
norm (const float *x, float *y, gconstpointer data)
{
  const Norm *self = data;

  ref_layer_norm (self->rows, self->channels, x, self->scale, self->shift, y);
}

/* Of `tokens` rows, `wanted` ones from `first` on have a gradient. */
typedef struct {
  guint tokens, channels, first, step, wanted;
  gboolean accumulate;
} NormCase;

static void
check_layer_norm (const NormCase *self)
{
  guint channels = self->channels;
  gsize n = (gsize)self->tokens * channels;
  g_autofree char *what =
      g_strdup_printf ("layer norm, %u tokens, every %u from %u", self->tokens,
                       self->step, self->first);
  g_autoptr (Trial) trial = trial_new ();
  float *x = trial_random (trial, n);
  float *scale = trial_random (trial, channels);
  float *dy = trial_random (trial, (gsize)self->wanted * channels);
  float *wanted = trial_random (trial, n);
  FeMatrix dx = trial_matrix (trial, self->tokens, channels, 1, wanted);

  fe_op_layer_norm_backward (
      trial->commands,
      &(FeLayerNormBackward){
          .use = "a test",
          .x = trial_matrix (trial, self->tokens, channels, 1, x),
          .first = self->first,
          .step = self->step,
          .scale = trial_buffer (trial, channels, scale),
          .dy = trial_matrix (trial, self->wanted, channels, 1, dy),
          .dx = dx,
          .accumulate = self->accumulate,
      });
  trial_run (trial);
  for (guint i = 0; i < self->wanted; i++) {
    const Norm one = {1, channels, scale, scale};
    gsize at = (gsize)(self->first + i * self->step) * channels;
    g_autofree float *row = g_new (float, channels);

    derivative_backward (
        &(Derivative){norm, &one, channels, channels, 1.0 / 256}, x + at,
        dy + (gsize)i * channels, row);
    for (guint c = 0; c < channels; c++)
      wanted[at + c] = row[c] + (self->accumulate ? wanted[at + c] : 0);
  }
  trial_expect_matrix (what, &dx, wanted, TOLERANCE);
}

static void
test_layer_norm (void)
{
  static const NormCase cases[] = {
      {1, 8, 0, 1, 1, FALSE},   {17, 24, 0, 1, 17, TRUE},
      {50, 16, 9, 10, 5, TRUE}, {65, 40, 64, 1, 1, FALSE},
      {30, 8, 2, 3, 9, FALSE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check_layer_norm (&cases[i]);
}

/* The forward kernel on rows that lie apart. */
static void
test_layer_norm_rows (void)
{
  enum { TOKENS = 50, CHANNELS = 16, FIRST = 9, STEP = 10, WANTED = 5 };
  g_autoptr (Trial) trial = trial_new ();
  float *x = trial_random (trial, TOKENS * CHANNELS);
  float *scale = trial_random (trial, CHANNELS);
  float *shift = trial_random (trial, CHANNELS);
  float *wanted = trial_floats (trial, WANTED * CHANNELS);
  FeMatrix y = trial_matrix (trial, WANTED, CHANNELS, 1, NULL);

  fe_op_layer_norm_rows (trial->commands,
                         &(FeLayerNorm){
                             .use = "a test",
                             .x = trial_matrix (trial, TOKENS, CHANNELS, 1, x),
                             .first = FIRST,
                             .step = STEP,
                             .scale = trial_buffer (trial, CHANNELS, scale),
                             .shift = trial_buffer (trial, CHANNELS, shift),
                             .y = y,
                         });
  trial_run (trial);
  for (guint i = 0; i < WANTED; i++)
    ref_layer_norm (1, CHANNELS, x + (FIRST + i * STEP) * CHANNELS, scale,
                    shift, wanted + i * CHANNELS);
  trial_expect_matrix ("rows apart", &y, wanted, 1e-5);
}

typedef struct {
  guint queries, keys;
} Softmax;

static void
softmax (const float *s, float *p, gconstpointer data)
{
  const Softmax *self = data;

  ref_softmax (self->queries, self->keys, FALSE, s, p);
}

static void
check_softmax (guint queries, guint keys, guint heads)
{
  gsize part = (gsize)queries * keys, n = part * heads;
  g_autofree char *what =
      g_strdup_printf ("softmax, %u heads, %u×%u", heads, queries, keys);
  g_autoptr (Trial) trial = trial_new ();
  float *s = trial_random (trial, n), *p = trial_floats (trial, n);
  float *dp = trial_random (trial, n), *wanted = trial_floats (trial, n);
  FeMatrix p_matrix, dp_matrix, ds;

  for (gsize i = 0; i < n; i++)
    s[i] *= 10;
  for (guint h = 0; h < heads; h++) {
    /* Rows do not mix, so that one query at a time will do. */
    ref_softmax (queries, keys, FALSE, s + h * part, p + h * part);
    for (gsize q = h * part; q < (h + 1) * part; q += keys)
      derivative_backward (
          &(Derivative){softmax, &(Softmax){1, keys}, keys, keys, 0}, s + q,
          dp + q, wanted + q);
  }
  p_matrix = trial_matrix (trial, queries, keys, heads, p);
  dp_matrix = trial_matrix (trial, queries, keys, heads, dp);
  ds = trial_matrix (trial, queries, keys, heads, NULL);
  fe_op_softmax_backward (trial->commands, &p_matrix, &dp_matrix, &ds);
  trial_run (trial);
  trial_expect_matrix (what, &ds, wanted, 1e-4);
  trial_expect_zero_padding (what, &ds);
}

static void
test_softmax (void)
{
  check_softmax (1, 1, 1);
  check_softmax (9, 5, 2);
  check_softmax (33, 33, 3);
}

/* Heads of several images, which lie in groups: there and back. */
static void
test_groups (void)
{
  enum { IMAGES = 3, TOKENS = 13, HEADS = 2, CHANNELS = 8, WIDTH = 24 };
  const gsize image = TOKENS * WIDTH;
  g_autoptr (Trial) trial = trial_new ();
  float *x = trial_random (trial, IMAGES * image);
  float *wanted = trial_floats (trial, IMAGES * HEADS * TOKENS * TOKENS);
  float *turned = trial_floats (trial, IMAGES * HEADS * CHANNELS * TOKENS);
  FeMatrix stack =
      fe_arena_stack (trial->arena, "a stack", TOKENS, WIDTH, IMAGES);
  FeMatrix products =
      fe_arena_stack (trial->arena, "products", TOKENS, TOKENS, IMAGES * HEADS);
  FeMatrix transposed = fe_arena_stack (trial->arena, "transposed", CHANNELS,
                                        TOKENS, IMAGES * HEADS);
  FeMatrix heads = fe_matrix_split (&stack, 8, CHANNELS, HEADS);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < IMAGES; i++)
    fe_matrix_write (&stack, i, x + i * image, &error);
  g_assert_no_error (error);
  fe_op_matmul (trial->commands, &(FeMatmul){
                                     .use = "a test",
                                     .a = heads,
                                     .b = heads,
                                     .c = products,
                                 });
  fe_op_transpose (trial->commands, &heads, &transposed);
  trial_run (trial);
  for (guint i = 0; i < IMAGES * HEADS; i++) {
    float head[TOKENS * CHANNELS];

    for (guint t = 0; t < TOKENS; t++) {
      for (guint c = 0; c < CHANNELS; c++)
        head[t * CHANNELS + c] =
            x[i / HEADS * image + t * WIDTH + 8 + i % HEADS * CHANNELS + c];
    }
    ref_matmul (&(RefMatmul){TOKENS, TOKENS, CHANNELS, head, head, NULL, NULL,
                             FECLIP_ACTIVATION_AUTO},
                wanted + i * TOKENS * TOKENS);
    ref_transpose (TOKENS, CHANNELS, head, turned + i * TOKENS * CHANNELS);
  }
  trial_expect_matrix ("groups", &products, wanted, 1e-5);
  trial_expect_matrix ("groups transposed", &transposed, turned, 0);
}

/* The whole of a linear layer: y = x · wᵀ, dx = dy · w, dw = dyᵀ · x. */
static void
test_linear (void)
{
  enum { ROWS = 19, INPUTS = 12, OUTPUTS = 20 };
  g_autoptr (Trial) trial = trial_new ();
  float *x = trial_random (trial, ROWS * INPUTS);
  float *w = trial_random (trial, OUTPUTS * INPUTS);
  float *dy = trial_random (trial, ROWS * OUTPUTS);
  float *dx = trial_floats (trial, ROWS * INPUTS);
  float *dw = trial_floats (trial, OUTPUTS * INPUTS);
  FeMatrix x_matrix = trial_matrix (trial, ROWS, INPUTS, 1, x);
  FeMatrix dy_matrix = trial_matrix (trial, ROWS, OUTPUTS, 1, dy);
  FeMatrix w_matrix = trial_matrix (trial, OUTPUTS, INPUTS, 1, w);
  FeMatrix turned_w = trial_matrix (trial, INPUTS, OUTPUTS, 1, NULL);
  FeMatrix turned_x = trial_matrix (trial, INPUTS, ROWS, 1, NULL);
  FeMatrix turned_dy = trial_matrix (trial, OUTPUTS, ROWS, 1, NULL);
  FeMatrix dx_matrix = trial_matrix (trial, ROWS, INPUTS, 1, NULL);
  FeMatrix dw_matrix = trial_matrix (trial, OUTPUTS, INPUTS, 1, NULL);

  fe_op_transpose (trial->commands, &w_matrix, &turned_w);
  fe_op_transpose (trial->commands, &x_matrix, &turned_x);
  fe_op_transpose (trial->commands, &dy_matrix, &turned_dy);
  fe_op_matmul (trial->commands,
                &(FeMatmul){.a = dy_matrix, .b = turned_w, .c = dx_matrix});
  fe_op_matmul (trial->commands,
                &(FeMatmul){.a = turned_dy, .b = turned_x, .c = dw_matrix});
  trial_run (trial);
  for (guint r = 0; r < ROWS; r++) {
    for (guint o = 0; o < OUTPUTS; o++) {
      for (guint i = 0; i < INPUTS; i++) {
        dx[r * INPUTS + i] += dy[r * OUTPUTS + o] * w[o * INPUTS + i];
        dw[o * INPUTS + i] += dy[r * OUTPUTS + o] * x[r * INPUTS + i];
      }
    }
  }
  trial_expect_matrix ("input's gradient", &dx_matrix, dx, 1e-5);
  trial_expect_matrix ("weights' gradient", &dw_matrix, dw, 1e-5);
}

void
add_backward_tests (void)
{
  g_test_add_func ("/ops/activation", test_activation);
  g_test_add_func ("/ops/row-sums", test_row_sums);
  g_test_add_func ("/ops/layer-norm/backward", test_layer_norm);
  g_test_add_func ("/ops/layer-norm/rows", test_layer_norm_rows);
  g_test_add_func ("/ops/softmax/backward", test_softmax);
  g_test_add_func ("/ops/matmul/groups", test_groups);
  g_test_add_func ("/ops/matmul/backward", test_linear);
}
