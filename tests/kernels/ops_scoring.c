/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernels from features to a map. */
#include <math.h>

#include "kernels/ops_tests.h"
#include "support/cpu_kernels.h"
#include "support/trial.h"

#define TOLERANCE 1e-5

/* Two random directions, packed as the kernel reads them when `packed`. */
static void
random_text (Trial *trial, guint features, float *text, float *packed)
{
  guint padded = fe_padded_columns (features);

  for (guint t = 0; t < 2; t++) {
    float *row = trial_random (trial, features);
    double square = 0;

    for (guint i = 0; i < features; i++)
      square += (double)row[i] * row[i];
    for (guint i = 0; i < features; i++) {
      text[t * features + i] = (float)(row[i] / sqrt (square));
      packed[t * padded + i] = text[t * features + i];
    }
  }
}

/* Row 0 is zero where there is more than one, the others are random. */
static void
check_similarity (guint rows, guint features, FeclipMapType type,
                  gboolean accumulate)
{
  enum { FIRST = 3, AFTER = 2 };
  const double temperature = 0.07, weight = 0.25;
  g_autofree char *what = g_strdup_printf (
      "%u rows of %u, %s%s", rows, features,
      type == FECLIP_MAP_TYPE_MARGIN ? "margin" : "probability",
      accumulate ? ", accumulated" : "");
  g_autoptr (Trial) trial = trial_new ();
  float *z = trial_random (trial, rows * features);
  float *text = trial_floats (trial, 2 * features);
  float *packed = trial_floats (trial, 2 * fe_padded_columns (features));
  float *values = trial_random (trial, FIRST + rows + AFTER);
  FeSimilarity similarity = {
      .temperature = temperature,
      .type = type,
      .weight = weight,
      .accumulate = accumulate,
      .values = trial_buffer (trial, FIRST + rows + AFTER, values),
      .first = FIRST,
  };

  for (guint i = 0; rows > 1 && i < features; i++)
    z[i] = 0;
  random_text (trial, features, text, packed);
  similarity.text =
      trial_buffer (trial, 2 * fe_padded_columns (features), packed);
  similarity.z = trial_matrix (trial, rows, features, 1, z);
  fe_op_similarity (trial->commands, &similarity);
  trial_run (trial);
  for (guint r = 0; r < rows; r++) {
    double value =
        weight
        * ref_similarity (features, z + r * features, text, temperature, type);

    values[FIRST + r] = (float)(accumulate ? values[FIRST + r] + value : value);
  }
  trial_expect_buffer (what, similarity.values, 0, FIRST + rows + AFTER, values,
                       TOLERANCE);
}

static void
test_similarity (void)
{
  static const FeclipMapType types[] = {FECLIP_MAP_TYPE_PROBABILITY,
                                        FECLIP_MAP_TYPE_MARGIN};

  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    check_similarity (1, 8, types[i], FALSE);
    check_similarity (1, 20, types[i], TRUE);
    check_similarity (37, 12, types[i], FALSE);
    check_similarity (65, 100, types[i], TRUE);
  }
}

/* Prompts of each image, for its rows one behind the other; and of each row,
 * where an image has one. */
static void
check_similarity_texts (guint images, guint rows, guint features)
{
  enum { FIRST = 3, AFTER = 2 };
  guint padded = fe_padded_columns (features), n = images * rows;
  gboolean of_rows = images == 1;
  guint n_texts = of_rows ? rows : images;
  g_autofree char *what =
      g_strdup_printf ("%u × %u rows of %u features", images, rows, features);
  g_autoptr (Trial) trial = trial_new ();
  float *z = trial_random (trial, n * features);
  float *texts = trial_floats (trial, n_texts * 2 * features);
  float *packed = trial_floats (trial, n_texts * 2 * padded);
  float *values = trial_random (trial, FIRST + n + AFTER);
  FeSimilarity similarity = {
      .text_of = of_rows ? FE_TEXT_OF_ROWS : FE_TEXT_OF_IMAGES,
      .temperature = 0.07,
      .weight = 0.5,
      .accumulate = TRUE,
      .values = trial_buffer (trial, FIRST + n + AFTER, values),
      .first = FIRST,
  };

  for (guint i = 0; i < n_texts; i++)
    random_text (trial, features, texts + i * 2 * features,
                 packed + i * 2 * padded);
  similarity.text = trial_buffer (trial, n_texts * 2 * padded, packed);
  similarity.z = trial_matrix (trial, rows, features, images, z);
  fe_op_similarity (trial->commands, &similarity);
  trial_run (trial);
  for (guint i = 0; i < n; i++)
    values[FIRST + i] +=
        (float)(0.5
                * ref_similarity (features, z + i * features,
                                  texts
                                      + (of_rows ? i : i / rows) * 2 * features,
                                  0.07, similarity.type));
  trial_expect_buffer (what, similarity.values, 0, FIRST + n + AFTER, values,
                       TOLERANCE);
}

static void
test_similarity_texts (void)
{
  check_similarity_texts (1, 3, 20);
  check_similarity_texts (2, 1, 8);
  check_similarity_texts (3, 37, 12);
  check_similarity_texts (2, 65, 100);
}

/* A score far to one side must end at 0 or 1. */
static void
test_similarity_far (void)
{
  enum { FEATURES = 8 };
  const float text[2 * FEATURES] = {1, [FEATURES] = -1};
  const float z[3 * FEATURES] = {1e-6f, [FEATURES] = -1e6f,
                                 [2 * FEATURES + 1] = 1};
  const float wanted[] = {0, 1, 0.5f};
  g_autoptr (Trial) trial = trial_new ();
  FeSimilarity similarity = {
      .z = trial_matrix (trial, 3, FEATURES, 1, z),
      .text = trial_buffer (trial, 2 * FEATURES, text),
      .temperature = 0.01,
      .type = FECLIP_MAP_TYPE_PROBABILITY,
      .weight = 1,
      .values = trial_buffer (trial, 3, NULL),
  };

  fe_op_similarity (trial->commands, &similarity);
  trial_run (trial);
  trial_expect_buffer ("far", similarity.values, 0, 3, wanted, TOLERANCE);
}

static void
test_upsample (void)
{
  static const struct {
    guint first, edge, to_edge;
  } cases[] = {{0, 1, 1},  {5, 1, 7},   {0, 2, 5}, {3, 3, 3},
               {1, 7, 98}, {0, 24, 31}, {0, 9, 4}, {0, 3, 730}};

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    guint edge = cases[i].edge, to_edge = cases[i].to_edge;
    guint first = cases[i].first;
    g_autofree char *what = g_strdup_printf ("%u to %u", edge, to_edge);
    g_autoptr (Trial) trial = trial_new ();
    float *small = trial_random (trial, first + edge * edge);
    float *wanted = trial_floats (trial, to_edge * to_edge);
    FeBuffer *large = trial_buffer (trial, to_edge * to_edge, NULL);

    fe_op_upsample (trial->commands,
                    trial_buffer (trial, first + edge * edge, small), first,
                    edge, large, to_edge);
    trial_run (trial);
    ref_upsample (edge, small + first, to_edge, wanted);
    trial_expect_buffer (what, large, 0, to_edge * to_edge, wanted, TOLERANCE);
  }
}

static void
test_smooth (void)
{
  static const struct {
    guint edge, radius;
  } cases[] = {{1, 0},  {1, 3},  {2, 5},  {9, 1},
               {13, 6}, {7, 20}, {40, 8}, {730, 1}};

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    guint edge = cases[i].edge, radius = cases[i].radius, n = edge * edge;
    g_autofree char *what =
        g_strdup_printf ("edge %u, radius %u", edge, radius);
    g_autoptr (Trial) trial = trial_new ();
    float *map = trial_random (trial, n);
    float *weights = trial_floats (trial, radius + 1);
    FeBuffer *buffer = trial_buffer (trial, n, map);

    for (guint r = 0; r <= radius; r++)
      weights[r] = (float)(1 + r) / (float)((radius + 1) * (radius + 1));
    fe_op_smooth (trial->commands, buffer,
                  trial_buffer (trial, radius + 1, weights), radius,
                  trial_buffer (trial, n, NULL), edge);
    trial_run (trial);
    ref_smooth (edge, radius, weights, map);
    trial_expect_buffer (what, buffer, 0, n, map, TOLERANCE);
  }
}

void
add_scoring_tests (void)
{
  g_test_add_func ("/ops/similarity", test_similarity);
  g_test_add_func ("/ops/similarity/far", test_similarity_far);
  g_test_add_func ("/ops/similarity/texts", test_similarity_texts);
  g_test_add_func ("/ops/upsample", test_upsample);
  g_test_add_func ("/ops/smooth", test_smooth);
}
