/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Products that multiply seven quarters instead of eight, on processors. */
#include "network/weight_loader.h"
#include "kernels/ops_tests.h"
#include "support/product_case.h"
#include "support/cpu_kernels.h"
#include "compute/strassen.h"
#include "training/transformer_backward.h"
#include "support/trial.h"

/* Sizes around the tiles of 20, 40 or 80 rows, of which two are halves and an
 * odd one is the tail, and a short tail's 12, 24 or 48 rows. */
static const ProductCase cases[] = {
    {"1x512x512", 1, 512, 512, .strassen = TRUE},
    {"12x512x512", 12, 512, 512, .strassen = TRUE},
    {"13x544x528", 13, 544, 528, .strassen = TRUE},
    {"20x512x512", 20, 512, 512, .strassen = TRUE},
    {"21x512x512", 21, 512, 512, .strassen = TRUE},
    {"24x544x512", 24, 544, 512, .strassen = TRUE},
    {"25x512x528", 25, 512, 528, .strassen = TRUE},
    {"40x512x512", 40, 512, 512, .strassen = TRUE},
    {"41x544x528", 41, 544, 528, .strassen = TRUE},
    {"48x512x512", 48, 512, 512, .strassen = TRUE},
    {"80x512x512", 80, 512, 512, .strassen = TRUE},
    {"81x576x544", 81, 576, 544, .strassen = TRUE},
    {"121x512x560", 121, 512, 560, .strassen = TRUE},
    {"160x512x512", 160, 512, 512, .strassen = TRUE},
    {"250x544x528", 250, 544, 528, .strassen = TRUE},
    {"bias", 121, 544, 528, .strassen = TRUE, .bias = TRUE},
    {"bias quick-gelu", 101, 544, 528, .strassen = TRUE, .bias = TRUE,
     .activation = FECLIP_ACTIVATION_QUICK_GELU},
    {"bias gelu residual", 101, 512, 512, .strassen = TRUE, .bias = TRUE,
     .activation = FECLIP_ACTIVATION_GELU, .residual = TRUE},
    {"bias residual in place", 121, 544, 528, .strassen = TRUE, .bias = TRUE,
     .residual = TRUE, .in_place = TRUE},
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
test_shapes (void)
{
  g_autoptr (Trial) trial = trial_new ();

  if (skip_where_plain (trial))
    return;
  product_cases_check (cases, G_N_ELEMENTS (cases));
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
                       8 * LARGE * product_tolerance (K));
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
  fe_matrix_read_strassen (&weights, read, &error);
  g_assert_no_error (error);
  for (guint r = 0; r < ROWS; r++)
    for (guint c = 0; c < COLUMNS; c++)
      turned[c * ROWS + r] = b[r * COLUMNS + c];
  trial_expect ("weights", ROWS * COLUMNS, read, b, rounding);
  trial_expect_matrix ("transposed weights", &transposed, turned, rounding);
}

/* What is too small to gain or does not fall into quarters of whole tiles. */
static void
test_suits (void)
{
  g_assert_true (fe_strassen_suits (1024, 1024));
  g_assert_true (fe_strassen_suits (4096, 1040));
  g_assert_false (fe_strassen_suits (768, 3072));
  g_assert_false (fe_strassen_suits (3072, 768));
  g_assert_false (fe_strassen_suits (1040, 1024));
  g_assert_false (fe_strassen_suits (1024, 1032));
}

static gboolean
loads_forms (FeArena *arena, gboolean wanted, FeclipWeightsStorage storage)
{
  FeWeightLoader loader = {
      .arena = arena,
      .random = g_rand_new_with_seed (1),
      .arithmetic.storage = storage,
      .strassen = wanted,
  };
  FeMatrix matrix = fe_weight_loader_matrix (&loader, 1024, 1024, "weights");
  g_autoptr (GError) error = NULL;

  fe_weight_loader_check (&loader, &error);
  g_assert_no_error (error);
  fe_weight_loader_clear (&loader);
  g_rand_free (loader.random);
  return matrix.strassen;
}

/* Only where it is wanted, in single precision and within the limit. */
static void
test_loader (void)
{
  const guint64 size = 1024 * 1024 * 7 / 4 * sizeof (float);
  g_autoptr (Trial) trial = trial_new ();
  guint64 limit = trial->device->strassen_limit;
  FeArena *arena = trial->arena;

  if (skip_where_plain (trial))
    return;
  trial->device->strassen_limit = G_MAXUINT64;
  g_assert_false (loads_forms (arena, FALSE, FECLIP_WEIGHTS_STORAGE_FP32));
  g_assert_false (loads_forms (arena, TRUE, FECLIP_WEIGHTS_STORAGE_FP16));
  g_assert_true (loads_forms (arena, TRUE, FECLIP_WEIGHTS_STORAGE_FP32));
  trial->device->strassen_limit = fe_arena_get_size (arena) + size;
  g_assert_true (loads_forms (arena, TRUE, FECLIP_WEIGHTS_STORAGE_AUTO));
  g_assert_false (loads_forms (arena, TRUE, FECLIP_WEIGHTS_STORAGE_AUTO));
  trial->device->strassen_limit = limit;
}

void
add_strassen_tests (void)
{
  g_test_add_func ("/ops/strassen/shapes", test_shapes);
  g_test_add_func ("/ops/strassen/rows", test_rows);
  g_test_add_func ("/ops/strassen/weights", test_weights);
  g_test_add_func ("/ops/strassen/suits", test_suits);
  g_test_add_func ("/ops/strassen/loader", test_loader);
}
