/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernels that compare patches with those of normal references. */
#include "kernels/ops_tests.h"
#include "compute/ops_references.h"
#include "support/cpu_kernels.h"
#include "support/trial.h"

#define TOLERANCE 1e-5

/* As SPLIT_ROWS in nearest.glsl. */
#define SPLIT_ROWS 256

/* Row 0 is zero where there is more than one, and y has fewer rows than x. */
static void
test_normalize_rows (void)
{
  static const struct {
    guint rows, columns, from;
  } cases[] = {
      {1, 8, 1}, {1, 1, 2}, {37, 20, 38}, {65, 100, 65}, {200, 64, 201}};

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    guint rows = cases[i].rows, columns = cases[i].columns;
    g_autofree char *what = g_strdup_printf ("%u rows of %u", rows, columns);
    g_autoptr (Trial) trial = trial_new ();
    float *x = trial_random (trial, (gsize)cases[i].from * columns);
    float *wanted = trial_floats (trial, (gsize)rows * columns);
    FeMatrix from, to;

    for (guint c = 0; rows > 1 && c < columns; c++)
      x[c] = 0;
    from = trial_matrix (trial, cases[i].from, columns, 1, x);
    to = trial_matrix (trial, rows, columns, 1, NULL);
    fe_op_normalize_rows (trial->commands, &from, &to);
    trial_run (trial);
    ref_normalize_rows (rows, columns, x, wanted);
    trial_expect_matrix (what, &to, wanted, TOLERANCE);
    trial_expect_zero_padding (what, &to);
  }
}

/* References of n rows, the last one repeated up to a multiple of 64. */
static FeMatrix
references_matrix (Trial *trial, guint n, guint columns, const float *values)
{
  guint padded = (n + 63) / 64 * 64;
  float *rows = trial_floats (trial, (gsize)padded * columns);

  for (guint r = 0; r < padded; r++)
    for (guint c = 0; c < columns; c++)
      rows[(gsize)r * columns + c] =
          values[(gsize)MIN (r, n - 1) * columns + c];
  return trial_matrix (trial, padded, columns, 1, rows);
}

/* Without `opposite`, similarities are near zero; with it all are negative, so
 * that padding with zeros would be seen. */
static void
check_nearest (guint rows, guint columns, guint n, gboolean opposite)
{
  enum { FIRST = 2 };
  g_autofree char *what =
      g_strdup_printf ("%u rows of %u, %u references%s", rows, columns, n,
                       opposite ? ", opposite" : "");
  g_autoptr (Trial) trial = trial_new ();
  float *x = trial_random (trial, (gsize)rows * columns);
  float *references = trial_random (trial, (gsize)n * columns);
  guint splits = fe_nearest_splits ((n + 63) / 64 * 64);
  guint step = fe_nearest_step (trial->device, rows);
  g_autofree float *wanted = g_new (float, rows);
  FeBuffer *best = trial_buffer (trial, (gsize)(FIRST + splits) * step, NULL);
  FeMatrix a, b;

  for (gsize i = 0; opposite && i < (gsize)rows * columns; i++)
    x[i] = ABS (x[i]);
  for (gsize i = 0; opposite && i < (gsize)n * columns; i++)
    references[i] = -ABS (references[i]);
  ref_normalize_rows (rows, columns, x, x);
  ref_normalize_rows (n, columns, references, references);
  a = trial_matrix (trial, rows, columns, 1, x);
  b = references_matrix (trial, n, columns, references);
  fe_op_nearest (trial->commands, &a, &b, FIRST, best);
  trial_run (trial);
  for (guint split = 0; split < splits; split++) {
    guint first = MIN (split * SPLIT_ROWS, n - 1);
    guint end = MIN (first + SPLIT_ROWS, n);

    for (guint r = 0; r < rows; r++)
      wanted[r] =
          (float)ref_nearest (columns, x + (gsize)r * columns, end - first,
                              references + (gsize)first * columns);
    trial_expect_buffer (what, best, (gsize)(FIRST + split) * step, rows,
                         wanted, TOLERANCE);
  }
}

static void
test_nearest (void)
{
  check_nearest (1, 8, 1, FALSE);
  check_nearest (1, 20, 1, TRUE);
  check_nearest (37, 12, 33, TRUE);
  check_nearest (65, 100, 130, FALSE);
  check_nearest (25, 64, 512, FALSE);
  check_nearest (24, 16, 513, TRUE);
  check_nearest (9, 32, 1500, FALSE);
}

/* The widest network: an invocation's loops run for as many rounds as they ever
 * do, and the nearest reference is among the last. */
static void
test_nearest_rounds (void)
{
  enum { COLUMNS = 16384 };
  g_autoptr (Trial) trial = trial_new ();
  float *references = trial_floats (trial, (gsize)SPLIT_ROWS * COLUMNS);
  float *x = trial_floats (trial, COLUMNS);
  FeBuffer *best =
      trial_buffer (trial, fe_nearest_step (trial->device, 1), NULL);
  const float wanted = 0.5f;
  FeMatrix a, b;

  x[COLUMNS - 1] = 1;
  references[(gsize)SPLIT_ROWS * COLUMNS - 1] = wanted;
  a = trial_matrix (trial, 1, COLUMNS, 1, x);
  b = trial_matrix (trial, SPLIT_ROWS, COLUMNS, 1, references);
  fe_op_nearest (trial->commands, &a, &b, 0, best);
  trial_run (trial);
  trial_expect_buffer ("the last reference", best, 0, 1, &wanted, TOLERANCE);
}

static void
check_reference_distance (guint rows, guint splits, gboolean accumulate)
{
  enum { FIRST = 3, AFTER = 2 };
  const double weight = 0.25;
  g_autofree char *what = g_strdup_printf ("%u rows, %u splits%s", rows, splits,
                                           accumulate ? ", accumulated" : "");
  g_autoptr (Trial) trial = trial_new ();
  guint step = fe_nearest_step (trial->device, rows);
  float *best = trial_random (trial, (gsize)splits * step);
  float *values = trial_random (trial, FIRST + rows + AFTER);
  FeReferenceDistance distance = {
      .splits = splits,
      .rows = rows,
      .weight = weight,
      .accumulate = accumulate,
      .values = trial_buffer (trial, FIRST + rows + AFTER, values),
      .first = FIRST,
  };

  best[0] = 1.0001f; /* rounded, a row beside itself */
  distance.best = trial_buffer (trial, (gsize)splits * step, best);
  fe_op_reference_distance (trial->commands, &distance);
  trial_run (trial);
  for (guint r = 0; r < rows; r++) {
    double value = weight * ref_reference_distance (splits, step, best + r);

    values[FIRST + r] = (float)(accumulate ? values[FIRST + r] + value : value);
  }
  trial_expect_buffer (what, distance.values, 0, FIRST + rows + AFTER, values,
                       TOLERANCE);
}

static void
test_reference_distance (void)
{
  check_reference_distance (1, 1, FALSE);
  check_reference_distance (37, 3, TRUE);
  check_reference_distance (65, 2, FALSE);
}

void
add_reference_tests (void)
{
  g_test_add_func ("/ops/normalize-rows", test_normalize_rows);
  g_test_add_func ("/ops/nearest", test_nearest);
  g_test_add_func ("/ops/nearest/rounds", test_nearest_rounds);
  g_test_add_func ("/ops/reference-distance", test_reference_distance);
}
