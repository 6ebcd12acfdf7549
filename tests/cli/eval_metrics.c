/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The measures of feclip eval on examples that are computed by hand, and the
 * error of the score histogram. */
#include <math.h>

#include "eval/measures.h"
#include "eval/score_histogram.h"

static FeMeasures
measure (FeScoreHistogram *histogram)
{
  FeMeasures measures;
  gsize n;
  const FeRocPoint *points = fe_score_histogram_get_points (histogram, &n);

  fe_measures_init (&measures, points, n);
  return measures;
}

static void
test_keys (void)
{
  static const float scores[] = {-INFINITY, -2, -1e-30F, 0,       1e-30F,
                                 0.5F,      1,  1.5F,    INFINITY};

  g_assert_cmpuint (fe_roc_key (-0.0F), ==, fe_roc_key (0));
  for (gsize i = 0; i < G_N_ELEMENTS (scores); i++) {
    g_assert_cmpfloat (fe_roc_score (fe_roc_key (scores[i])), ==, scores[i]);
    if (i > 0)
      g_assert_cmpuint (fe_roc_key (scores[i - 1]), <, fe_roc_key (scores[i]));
  }
}

/* 0.9 +, 0.8 -, 0.7 +, 0.4 + and - tied, 0.1 -: computed by hand. */
static void
test_by_hand (void)
{
  static const double scores[] = {0.4, 0.9, 0.1, 0.8, 0.4, 0.7};
  static const gboolean positive[] = {TRUE, TRUE, FALSE, FALSE, FALSE, TRUE};
  g_autoptr (GArray) values = NULL;
  g_autoptr (GArray) points = fe_roc_points_new (scores, positive, 6, &values);
  FeMeasures measures;

  fe_measures_init (&measures, (const FeRocPoint *)(gpointer)points->data,
                    points->len);
  g_assert_cmpfloat_with_epsilon (measures.auroc, (3 + 2 + 1.5) / 9, 1e-12);
  g_assert_cmpfloat_with_epsilon (measures.ap, (1 + 2 / 3. + 3 / 5.) / 3,
                                  1e-12);
  g_assert_cmpfloat_with_epsilon (measures.f1_max, 0.75, 1e-12);
  g_assert_cmpfloat (g_array_index (values, double, measures.f1_key), ==, 0.4);
  g_assert_cmpfloat (measures.error, ==, 0);
  g_assert_true (isnan (measures.pro));
}

/* The measures are undefined without both positives and negatives. */
static void
test_one_kind (void)
{
  for (int kind = 0; kind < 2; kind++) {
    g_autoptr (FeScoreHistogram) histogram = fe_score_histogram_new (FALSE);
    FeMeasures measures;

    fe_score_histogram_add (histogram, 1,
                            kind ? FE_PIXEL_POSITIVE : FE_PIXEL_NEGATIVE, kind);
    measures = measure (histogram);
    g_assert_true (isnan (measures.auroc) && isnan (measures.ap)
                   && isnan (measures.f1_max) && isnan (measures.pro));
  }
}

/* Two regions, of 1 and of 4 pixels, and 10 normal pixels. The curve goes
 * (0, 0.5) (0.1, 0.75) (0.5, 1). */
static void
test_pro (void)
{
  g_autoptr (FeScoreHistogram) histogram = fe_score_histogram_new (TRUE);
  double at_limit = 0.75 + 0.25 * 0.2 / 0.4;
  double area = (0.5 + 0.75) / 2 * 0.1 + (0.75 + at_limit) / 2 * 0.2;

  fe_score_histogram_add (histogram, 9, FE_PIXEL_POSITIVE, 1);
  for (int i = 0; i < 4; i++)
    fe_score_histogram_add (histogram, i < 2 ? 8 : 7, FE_PIXEL_POSITIVE, 0.25F);
  for (int i = 0; i < 10; i++)
    fe_score_histogram_add (histogram,
                            i < 1   ? 8
                            : i < 5 ? 7
                                    : 6,
                            FE_PIXEL_NEGATIVE, 0);
  /* The highest score: it would change the rate if it counted. */
  fe_score_histogram_add (histogram, 10, FE_PIXEL_NEGATIVE_ASIDE, 0);
  g_assert_cmpfloat_with_epsilon (measure (histogram).pro, area / 0.3, 1e-12);
}

static void
test_regions (void)
{
  static const guint8 mask[] = {
      1, 0, 0, 1, 1, /* */
      0, 1, 0, 0, 1, /* */
      0, 0, 0, 0, 1, /* */
      1, 0, 1, 1, 0, /* */
  };
  static const float sizes[] = {
      2, 0, 0, 6, 6, /* */
      0, 2, 0, 0, 6, /* */
      0, 0, 0, 0, 6, /* */
      1, 0, 6, 6, 0, /* */
  };
  float shares[G_N_ELEMENTS (mask)];

  g_assert_cmpuint (fe_regions_weigh (mask, 5, 4, shares), ==, 3);
  for (gsize i = 0; i < G_N_ELEMENTS (mask); i++)
    g_assert_cmpfloat (shares[i], ==, mask[i] ? 1 / sizes[i] : 0);
}

/* The i-th score of a stream, from 0 to 1, and whether it is defective. */
typedef struct {
  const char *name;
  float (*score) (guint i, guint n, double random, gboolean positive);
} Stream;

static float
spread (guint i, guint n, double random, gboolean positive)
{
  return (float)(positive ? sqrt (random) : random);
}

static float
close_together (guint i, guint n, double random, gboolean positive)
{
  return (float)(0.5 + 1e-5 * (positive ? sqrt (random) : random));
}

/* The first scores are spread over the whole range, the rest over a small part
 * of it. */
static float
narrowing (guint i, guint n, double random, gboolean positive)
{
  double width = i < n / 2 ? 1 : 1e-4;

  return (float)(0.3 + 0.5 * width * (positive ? sqrt (random) : random));
}

static float
rising (guint i, guint n, double random, gboolean positive)
{
  return (float)((random + (double)i) / n + (positive ? 0.1 : 0));
}

static float
few_values (guint i, guint n, double random, gboolean positive)
{
  return (float)(floor (20 * (positive ? sqrt (random) : random)) / 20);
}

static const Stream streams[] = {
    {"spread", spread},         {"close together", close_together},
    {"narrowing", narrowing},   {"rising", rising},
    {"few values", few_values},
};

static void
fill (FeScoreHistogram *histogram, const Stream *stream, guint n, guint32 seed)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);

  for (guint i = 0; i < n; i++) {
    gboolean positive = g_rand_double (random) < 0.02;
    float score = stream->score (i, n, g_rand_double (random), positive);

    fe_score_histogram_add (histogram, score,
                            positive ? FE_PIXEL_POSITIVE : FE_PIXEL_NEGATIVE,
                            positive ? (float)g_rand_double (random) : 0);
  }
}

static void
assert_near (const char *what, double streamed, double exact, double error)
{
  if (!(fabs (streamed - exact) <= error + 1e-9))
    g_error ("%s: %.9f is off %.9f by more than %g", what, streamed, exact,
             error);
}

/* The error is below the histogram's own bound, and the bound is small enough.
 */
static void
test_streamed (void)
{
  enum { N = 3000000 };

  for (gsize i = 0; i < G_N_ELEMENTS (streams); i++) {
    g_autoptr (FeScoreHistogram) exact_ranking = fe_score_histogram_new (TRUE);
    g_autoptr (FeScoreHistogram) histogram = fe_score_histogram_new (FALSE);
    FeMeasures exact, streamed;
    gsize n, n_exact;

    fill (exact_ranking, &streams[i], N, 3);
    fill (histogram, &streams[i], N, 3);
    fe_score_histogram_get_points (exact_ranking, &n_exact);
    fe_score_histogram_get_points (histogram, &n);
    exact = measure (exact_ranking);
    streamed = measure (histogram);
    g_test_message ("%s: %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT
                    " entries, error %.3g",
                    streams[i].name, n, n_exact, streamed.error);
    g_assert_cmpfloat (exact.error, ==, 0);
    g_assert_cmpfloat (streamed.error, <=, 1e-4);
    assert_near (streams[i].name, streamed.auroc, exact.auroc, streamed.error);
    assert_near (streams[i].name, streamed.ap, exact.ap, streamed.error);
    assert_near (streams[i].name, streamed.f1_max, exact.f1_max,
                 streamed.error);
    assert_near (streams[i].name, streamed.pro, exact.pro, streamed.error);
  }
}

/* Merged histograms equal the histogram of all scores. */
static void
test_merge (void)
{
  g_autoptr (FeScoreHistogram) all = fe_score_histogram_new (TRUE);
  g_autoptr (FeScoreHistogram) sum = fe_score_histogram_new (FALSE);
  FeMeasures exact, streamed;

  for (guint i = 0; i < 4; i++) {
    g_autoptr (FeScoreHistogram) part = fe_score_histogram_new (FALSE);

    fill (part, &streams[i], 700000, i);
    fill (all, &streams[i], 700000, i);
    fe_score_histogram_merge (sum, part);
  }
  exact = measure (all);
  streamed = measure (sum);
  g_assert_cmpfloat (streamed.error, <=, 1e-4);
  assert_near ("AUROC", streamed.auroc, exact.auroc, streamed.error);
  assert_near ("AP", streamed.ap, exact.ap, streamed.error);
  assert_near ("PRO", streamed.pro, exact.pro, streamed.error);
}

/* Many scores take no more entries than fewer do. */
static void
test_memory (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (streams); i++) {
    g_autoptr (FeScoreHistogram) histogram = fe_score_histogram_new (FALSE);
    gsize few, many;

    fill (histogram, &streams[i], 1500000, 1);
    fe_score_histogram_get_points (histogram, &few);
    for (guint j = 0; j < 4; j++)
      fill (histogram, &streams[i], 1500000, 2 + j);
    fe_score_histogram_get_points (histogram, &many);
    g_test_message ("%s: %" G_GSIZE_FORMAT ", then %" G_GSIZE_FORMAT " entries",
                    streams[i].name, few, many);
    g_assert_cmpuint (many, <, 2500000);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/eval/keys", test_keys);
  g_test_add_func ("/eval/by-hand", test_by_hand);
  g_test_add_func ("/eval/one-kind", test_one_kind);
  g_test_add_func ("/eval/pro", test_pro);
  g_test_add_func ("/eval/regions", test_regions);
  g_test_add_func ("/eval/streamed", test_streamed);
  g_test_add_func ("/eval/merge", test_merge);
  g_test_add_func ("/eval/memory", test_memory);
  return g_test_run ();
}
