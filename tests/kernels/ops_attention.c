/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernels around the products inside a block of the transformer. */
#include "kernels/ops_tests.h"
#include "support/cpu_kernels.h"
#include "support/trial.h"

#define TOLERANCE 2e-5

/* Tokens, of which those from `first` on are wanted; numbers around `offset`,
 * which costs digits of the deviation. */
static void
test_layer_norm (void)
{
  static const struct {
    const char *name;
    guint tokens, channels, first, wanted;
    float offset;
    double tolerance;
  } cases[] = {
      {"1 token", 1, 8, 0, 1, 0, TOLERANCE},
      {"17 tokens", 17, 24, 0, 17, 0, TOLERANCE},
      {"all but the first", 10, 16, 1, 9, 0, TOLERANCE},
      {"the last alone", 65, 40, 64, 1, 0, TOLERANCE},
      {"the first alone", 65, 40, 0, 1, 0, TOLERANCE},
      {"all rows of a buffer", 192, 8, 1, 191, 0, TOLERANCE},
      {"far from zero", 5, 1024, 0, 5, 1000, 1e-3},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    guint channels = cases[i].channels;
    gsize n = (gsize)cases[i].tokens * channels;
    g_autoptr (Trial) trial = trial_new ();
    float *x = trial_random (trial, n);
    float *scale = trial_random (trial, channels);
    float *shift = trial_random (trial, channels);
    float *wanted = trial_floats (trial, n);
    FeMatrix y = trial_matrix (trial, cases[i].wanted, channels, 1, NULL);
    FeMatrix from;

    for (gsize j = 0; j < n; j++)
      x[j] += cases[i].offset;
    from = trial_matrix (trial, cases[i].tokens, channels, 1, x);
    fe_op_layer_norm (trial->commands, "a test", &from, cases[i].first,
                      trial_buffer (trial, channels, scale),
                      trial_buffer (trial, channels, shift), &y);
    trial_run (trial);
    ref_layer_norm (cases[i].wanted, channels, x + cases[i].first * channels,
                    scale, shift, wanted);
    trial_expect_matrix (cases[i].name, &y, wanted, cases[i].tolerance);
  }
}

/* A row of equal numbers has no deviation to divide by. */
static void
test_layer_norm_flat (void)
{
  enum { CHANNELS = 16 };
  g_autoptr (Trial) trial = trial_new ();
  float *x = trial_floats (trial, CHANNELS);
  float *scale = trial_random (trial, CHANNELS);
  float *shift = trial_random (trial, CHANNELS);
  FeMatrix y = trial_matrix (trial, 1, CHANNELS, 1, NULL);
  FeMatrix from;

  for (guint c = 0; c < CHANNELS; c++)
    x[c] = 7;
  from = trial_matrix (trial, 1, CHANNELS, 1, x);
  fe_op_layer_norm (trial->commands, "a test", &from, 0,
                    trial_buffer (trial, CHANNELS, scale),
                    trial_buffer (trial, CHANNELS, shift), &y);
  trial_run (trial);
  trial_expect_matrix ("flat", &y, shift, TOLERANCE);
}

static void
check_softmax (guint queries, guint keys, guint heads, gboolean causal,
               float scale)
{
  g_autoptr (Trial) trial = trial_new ();
  g_autofree char *what =
      g_strdup_printf ("%u heads, %u queries, %u keys%s, logits to %g", heads,
                       queries, keys, causal ? ", causal" : "", scale);
  gsize part = (gsize)queries * keys;
  guint padded = fe_padded_columns (keys);
  float *s = trial_random (trial, part * heads);
  float *wanted = trial_floats (trial, part * heads);
  float *wide = trial_floats (trial, (gsize)queries * padded * heads);
  FeMatrix p = trial_matrix (trial, queries, keys, heads, NULL);
  FeMatrix from;

  for (gsize i = 0; i < part * heads; i++)
    s[i] *= scale;
  /* What lies beyond the last key comes from rows that nobody set. */
  for (gsize i = 0; i < (gsize)queries * heads * padded; i++)
    wide[i] =
        i % padded < keys ? s[i / padded * keys + i % padded] : TRIAL_UNUSED;
  from = trial_matrix (trial, queries, padded, heads, wide);
  from.columns = keys;
  fe_op_softmax (trial->commands, &from, causal, &p);
  trial_run (trial);
  for (guint h = 0; h < heads; h++)
    ref_softmax (queries, keys, causal, s + h * part, wanted + h * part);
  trial_expect_matrix (what, &p, wanted, 1e-6);
  trial_expect_zero_padding (what, &p);
}

static void
test_softmax (void)
{
  static const guint keys[] = {1, 2, 3, 4, 5, 7, 8, 9, 31, 33, 64, 96, 97};

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    check_softmax (9, keys[i], 2, FALSE, 10);
    check_softmax (keys[i], keys[i], 3, TRUE, 10);
  }
  check_softmax (65, 17, 1, FALSE, 10);
  check_softmax (5, 13, 1, TRUE, 10);   /* more keys than queries */
  check_softmax (13, 5, 1, TRUE, 10);   /* fewer */
  check_softmax (7, 20, 1, FALSE, 0);   /* all alike */
  check_softmax (7, 20, 1, FALSE, 1e6); /* one alone counts */
}

/* Images below each other, as far apart as products need; rows between them and
 * beyond the last hold numbers that nobody may use. */
static void
check_attention (guint tokens, guint heads, guint images, gboolean causal,
                 float scale)
{
  g_autoptr (Trial) trial = trial_new ();
  g_autofree char *what =
      g_strdup_printf ("%u tokens, %u heads, %u images%s, numbers to %g",
                       tokens, heads, images, causal ? ", causal" : "", scale);
  guint tile = fe_tile_rows (trial->device);
  guint step = (tokens + tile - 1) / tile * tile;
  guint rows = (images - 1) * step + tokens, width = 64 * heads;
  float *qkv = trial_random (trial, (gsize)rows * 3 * width);
  float *wanted = trial_floats (trial, (gsize)rows * width);
  float *found = trial_floats (trial, (gsize)rows * width);
  FeMatrix y = trial_matrix (trial, rows, width, 1, NULL);
  FeAttention attention = {
      .images = images,
      .image_rows = step,
      .causal = causal,
      .attended = y,
  };
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < (gsize)rows * 3 * width; i++)
    qkv[i] = i / (3 * width) % step < tokens ? qkv[i] * scale : TRIAL_UNUSED;
  attention.qkv = trial_matrix (trial, rows, 3 * width, 1, qkv);
  attention.qkv.rows = attention.attended.rows = tokens;
  fe_op_attention (trial->commands, &attention);
  trial_run (trial);
  fe_matrix_read (&y, 0, 0, rows, found, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < images; i++) {
    gsize first = (gsize)i * step;

    ref_attention (tokens, width, causal, qkv + first * 3 * width,
                   wanted + first * width);
    trial_expect (what, (gsize)tokens * width, found + first * width,
                  wanted + first * width, TOLERANCE);
  }
}

static void
test_attention (void)
{
  static const guint tokens[] = {1,  2,  3,  4,  5,  7,  8,  9,  15, 16, 17,
                                 23, 24, 25, 48, 49, 63, 64, 65, 77, 129};

  for (guint i = 0; i < G_N_ELEMENTS (tokens); i++)
    check_attention (tokens[i], 1 + i % 2, 1, i % 3 == 0, 1);
  check_attention (29, 1, 1, TRUE, 1);
  check_attention (29, 2, 3, FALSE, 1);
  check_attention (29, 1, 2, TRUE, 1);
  check_attention (40, 1, 1, FALSE, 0);   /* all alike */
  check_attention (40, 1, 1, FALSE, 100); /* one alone counts */
}

/* The values' columns of a matrix that holds queries, keys and values, or all
 * of a matrix as one head. */
static void
test_transpose (void)
{
  static const struct {
    const char *name;
    guint tokens, heads, channels, before;
  } cases[] = {
      {"1 token", 1, 1, 4, 0},
      {"5 tokens", 5, 1, 12, 0},
      {"heads", 29, 3, 8, 48},
      {"wide heads", 67, 2, 64, 128},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    guint tokens = cases[i].tokens, channels = cases[i].channels;
    guint heads = cases[i].heads, before = cases[i].before;
    guint all = before + heads * channels;
    gsize part = (gsize)tokens * channels;
    g_autoptr (Trial) trial = trial_new ();
    float *x = trial_random (trial, (gsize)tokens * all);
    float *wanted = trial_floats (trial, part * heads);
    FeMatrix whole = trial_matrix (trial, tokens, all, 1, x);
    FeMatrix from = fe_matrix_split (&whole, before, channels, heads);
    FeMatrix y = trial_matrix (trial, channels, tokens, heads, NULL);

    fe_op_transpose (trial->commands, &from, &y);
    trial_run (trial);
    for (guint h = 0; h < heads; h++) {
      float *head = trial_floats (trial, part);

      for (gsize j = 0; j < part; j++)
        head[j] = x[j / channels * all + before + h * channels + j % channels];
      ref_transpose (tokens, channels, head, wanted + h * part);
    }
    trial_expect_matrix (cases[i].name, &y, wanted, 0);
    trial_expect_zero_padding (cases[i].name, &y);
  }
}

void
add_attention_tests (void)
{
  g_test_add_func ("/ops/layer-norm", test_layer_norm);
  g_test_add_func ("/ops/layer-norm/flat", test_layer_norm_flat);
  g_test_add_func ("/ops/attention", test_attention);
  g_test_add_func ("/ops/softmax", test_softmax);
  g_test_add_func ("/ops/transpose", test_transpose);
}
