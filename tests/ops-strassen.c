/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Products that multiply seven quarters instead of eight, on processors. */
#include <math.h>

#include "ops-tests.h"
#include "reference.h"
#include "strassen.h"
#include "transformer_backward.h"
#include "trial.h"

/* Sums of sums round more often than a plain product's. */
static double
tolerance (guint k)
{
  return 4e-6 * sqrt (k);
}

typedef struct {
  const char *name;
  guint rows, columns, k;
  gboolean bias;
  FeclipActivation activation;
  gboolean residual;
  gboolean in_place; /* the residual is the product's own matrix */
} Case;

/* Sizes around the tiles of 20, 40 or 80 rows, of which two are halves and an
 * odd one is the tail, and a short tail's 12, 24 or 48 rows. */
static const Case cases[] = {
    {"1x512x512", 1, 512, 512},
    {"12x512x512", 12, 512, 512},
    {"13x544x528", 13, 544, 528},
    {"20x512x512", 20, 512, 512},
    {"21x512x512", 21, 512, 512},
    {"24x544x512", 24, 544, 512},
    {"25x512x528", 25, 512, 528},
    {"40x512x512", 40, 512, 512},
    {"41x544x528", 41, 544, 528},
    {"48x512x512", 48, 512, 512},
    {"80x512x512", 80, 512, 512},
    {"81x576x544", 81, 576, 544},
    {"121x512x560", 121, 512, 560},
    {"160x512x512", 160, 512, 512},
    {"250x544x528", 250, 544, 528},
    {"bias", 121, 544, 528, .bias = TRUE},
    {"bias quick-gelu", 101, 544, 528, .bias = TRUE,
     .activation = FECLIP_ACTIVATION_QUICK_GELU},
    {"bias gelu residual", 101, 512, 512, .bias = TRUE,
     .activation = FECLIP_ACTIVATION_GELU, .residual = TRUE},
    {"bias residual in place", 121, 544, 528, .bias = TRUE, .residual = TRUE,
     .in_place = TRUE},
};

static gboolean
skip_where_plain (const Trial *trial)
{
  gboolean plain = !trial->device->strassen_limit;

  if (plain)
    g_test_skip ("this device multiplies all eight quarters");
  return plain;
}

static void
check_case (const Case *c)
{
  g_autoptr (Trial) trial = trial_new ();
  gsize n = (gsize)c->rows * c->columns;
  float *a = trial_random (trial, (gsize)c->rows * c->k);
  float *b = trial_random (trial, (gsize)c->columns * c->k);
  float *bias = c->bias ? trial_random (trial, c->columns) : NULL;
  float *residual = c->residual ? trial_random (trial, n) : NULL;
  float *wanted = trial_floats (trial, n);
  FeMatrix other = {0};
  FeMatmul product = {
      .use = "a test",
      .a = trial_matrix (trial, c->rows, c->k, 1, a),
      .b = fe_arena_strassen (trial->arena, "weights", c->columns, c->k, b),
      .activation = c->activation,
      .c = trial_matrix (trial, c->rows, c->columns, 1,
                         c->in_place ? residual : NULL),
  };

  if (c->bias)
    product.bias = trial_buffer (trial, c->columns, bias);
  if (c->residual && !c->in_place)
    other = trial_matrix (trial, c->rows, c->columns, 1, residual);
  if (c->residual)
    product.residual = c->in_place ? &product.c : &other;
  fe_op_matmul (trial->commands, &product);
  trial_run (trial);

  ref_matmul (&(RefMatmul){c->rows, c->columns, c->k, a, b, bias, residual,
                           c->activation},
              wanted);
  trial_expect_matrix (c->name, &product.c, wanted, tolerance (c->k));
}

static void
test_shapes (void)
{
  g_autoptr (Trial) trial = trial_new ();

  if (skip_where_plain (trial))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check_case (&cases[i]);
}

/* Small rows beside a large one: their errors are within the large one's. */
static void
test_rows (void)
{
  enum { ROWS = 80, COLUMNS = 512, K = 512, LARGE = 1000 };
  g_autoptr (Trial) trial = trial_new ();
  float *a = trial_random (trial, ROWS * K);
  float *b = trial_random (trial, COLUMNS * K);
  float *wanted = trial_floats (trial, ROWS * COLUMNS);
  FeMatmul product = {
      .use = "a test",
      .b = fe_arena_strassen (trial->arena, "weights", COLUMNS, K, b),
      .c = trial_matrix (trial, ROWS, COLUMNS, 1, NULL),
  };

  if (skip_where_plain (trial))
    return;
  for (guint i = 0; i < K; i++)
    a[(ROWS - 1) * K + i] *= LARGE;
  product.a = trial_matrix (trial, ROWS, K, 1, a);
  fe_op_matmul (trial->commands, &product);
  trial_run (trial);
  ref_matmul (&(RefMatmul){ROWS, COLUMNS, K, a, b}, wanted);
  trial_expect_matrix ("small and large rows", &product.c, wanted,
                       LARGE * tolerance (K));
}

/* Weights come back as they were, and transposed for gradients, but for what
 * their sums round away. */
static void
test_weights (void)
{
  enum { ROWS = 544, COLUMNS = 528 };
  const double rounding = 2.5e-7;
  g_autoptr (Trial) trial = trial_new ();
  float *b = trial_random (trial, ROWS * COLUMNS);
  float *turned = trial_floats (trial, ROWS * COLUMNS);
  float *read = trial_floats (trial, ROWS * COLUMNS);
  FeMatrix weights =
      fe_arena_strassen (trial->arena, "weights", ROWS, COLUMNS, b);
  FeMatrix transposed =
      fe_transposed (trial->commands, trial->arena, "transposed", &weights);
  g_autoptr (GError) error = NULL;

  fe_arena_check (trial->arena, &error);
  g_assert_no_error (error);
  trial_run (trial);
  fe_strassen_read (&weights, read, &error);
  g_assert_no_error (error);
  for (guint r = 0; r < ROWS; r++)
    for (guint c = 0; c < COLUMNS; c++)
      turned[c * ROWS + r] = b[r * COLUMNS + c];
  trial_expect ("weights", ROWS * COLUMNS, read, b, rounding);
  trial_expect_matrix ("transposed weights", &transposed, turned, rounding);
}

/* What is too small or does not fall into quarters of whole tiles. */
static void
test_suits (void)
{
  g_assert_true (fe_strassen_suits (512, 512));
  g_assert_true (fe_strassen_suits (4096, 1024));
  g_assert_true (fe_strassen_suits (544, 528));
  g_assert_false (fe_strassen_suits (480, 1024));
  g_assert_false (fe_strassen_suits (1024, 496));
  g_assert_false (fe_strassen_suits (528, 512));
  g_assert_false (fe_strassen_suits (512, 520));
}

void
add_strassen_tests (void)
{
  g_test_add_func ("/ops/strassen/shapes", test_shapes);
  g_test_add_func ("/ops/strassen/rows", test_rows);
  g_test_add_func ("/ops/strassen/weights", test_weights);
  g_test_add_func ("/ops/strassen/suits", test_suits);
}
