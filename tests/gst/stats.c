/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The statistics of the feclip element, and its histogram of scores. */
#include <math.h>
#include <stdlib.h>

#include "feclip/stats.h"
#include "support/gst_gate.h"
#include "support/gst_numbered.h"

enum { N_SCORES = 1000 };

static GstVideoInfo frames;

/* Scores */

static int
compare (const void *a, const void *b)
{
  double one = *(const double *)a, other = *(const double *)b;

  return (one > other) - (one < other);
}

/* Compares with percentiles of the sorted scores. */
static void
assert_percentiles (const double *scores)
{
  g_autofree GstFeclipScoreHistogram *self =
      g_new0 (GstFeclipScoreHistogram, 1);
  double sorted[N_SCORES];
  double sum = 0;

  for (guint i = 0; i < N_SCORES; i++) {
    gst_feclip_score_histogram_add (self, scores[i]);
    sorted[i] = scores[i];
    sum += scores[i];
  }
  qsort (sorted, N_SCORES, sizeof *sorted, compare);
  g_assert_cmpfloat_with_epsilon (gst_feclip_score_histogram_get_mean (self),
                                  sum / N_SCORES, 1e-9);
  for (guint percent = 0; percent <= 100; percent++) {
    double wanted = sorted[MAX (percent * N_SCORES / 100, 1) - 1];

    g_assert_cmpfloat_with_epsilon (
        gst_feclip_score_histogram_get_percentile (self, percent), wanted,
        wanted / 256 + 1e-6);
  }
  g_assert_cmpfloat (self->max, ==, sorted[N_SCORES - 1]);
}

static void
test_percentiles (void)
{
  double even[N_SCORES], small[N_SCORES], sums[N_SCORES];

  for (guint i = 0; i < N_SCORES; i++) {
    even[i] = g_test_rand_double ();
    small[i] = pow (g_test_rand_double (), 8);
    sums[i] = 3 * g_test_rand_double ();
  }
  assert_percentiles (even);
  assert_percentiles (small);
  assert_percentiles (sums);
}

static void
test_borders (void)
{
  static const double all[] = {0, 1e-9, 0x1p-20, 0.5, 1, 15.99, 16, 1000, -3};

  for (guint i = 0; i < G_N_ELEMENTS (all); i++) {
    g_autofree GstFeclipScoreHistogram *self =
        g_new0 (GstFeclipScoreHistogram, 1);

    g_assert_cmpfloat (gst_feclip_score_histogram_get_percentile (self, 95), ==,
                       0);
    g_assert_cmpfloat (gst_feclip_score_histogram_get_mean (self), ==, 0);
    gst_feclip_score_histogram_add (self, NAN);
    gst_feclip_score_histogram_add (self, INFINITY);
    g_assert_cmpuint (self->n, ==, 0);
    gst_feclip_score_histogram_add (self, all[i]);
    g_assert_cmpfloat (gst_feclip_score_histogram_get_percentile (self, 50), ==,
                       all[i]);
    g_assert_cmpfloat (self->max, ==, all[i]);
  }
}

/* The element */

static void
assert_near (double got, double wanted)
{
  g_assert_cmpfloat_with_epsilon (got, wanted, fabs (wanted) / 256);
}

/* The statistics count the scores that the frames carry. */
static void
test_scores (void)
{
  GstHarness *harness = numbered_harness (&frames, "nireq=2");
  const guint n = 20;
  double scores[20], sum = 0;

  for (guint i = 0; i < n; i++)
    numbered_push (harness, numbered_new (&frames, i));
  for (guint i = 0; i < n; i++) {
    g_autoptr (GstBuffer) out = gst_harness_pull (harness);
    g_autoptr (FeclipVerdict) verdict = feclip_verdict_from_buffer (out);

    g_assert_nonnull (verdict);
    scores[i] = verdict->result->score;
    sum += scores[i];
  }
  numbered_await_stat (harness, "frames", n);
  g_assert_cmpfloat (numbered_get_share (harness, "last-score"), ==,
                     scores[n - 1]);
  qsort (scores, n, sizeof *scores, compare);
  g_assert_cmpfloat (scores[0], <, scores[n - 1]);
  g_assert_cmpfloat_with_epsilon (numbered_get_share (harness, "mean-score"),
                                  sum / n, 1e-9);
  assert_near (numbered_get_share (harness, "p50-score"), scores[n / 2 - 1]);
  assert_near (numbered_get_share (harness, "p95-score"), scores[n - 2]);
  assert_near (numbered_get_share (harness, "p99-score"), scores[n - 1]);
  g_assert_cmpfloat (numbered_get_share (harness, "max-score"), ==,
                     scores[n - 1]);
  gst_harness_teardown (harness);
}

/* The times of the stages add up to the time of the analysis, and the time to
 * map the frame does not count as the network's. */
static void
test_stages (void)
{
  GstHarness *harness = numbered_harness (&frames, "");
  GstBuffer *buffer = numbered_new (&frames, 0);
  const GstClockTime delay = 60 * GST_MSECOND;
  guint64 upload = 0, network = 0, result = 0, all = 0;

  g_assert_cmpuint (numbered_get_stat (harness, "p95-network-time"), ==, 0);
  gate_add_delay (buffer, &frames, delay / GST_MSECOND);
  numbered_push (harness, buffer);
  upload = numbered_get_stat (harness, "p50-upload-time");
  network = numbered_get_stat (harness, "p50-network-time");
  result = numbered_get_stat (harness, "p50-result-time");
  all = numbered_get_stat (harness, "last-analysis-time");
  g_assert_cmpuint (upload + network + result, ==, all);
  g_assert_cmpuint (upload, >=, delay);
  g_assert_cmpuint (network, >, 0);
  g_assert_cmpuint (network, <=, all - delay);
  g_assert_cmpuint (numbered_get_stat (harness, "p50-attach-time"), >, 0);
  g_assert_cmpuint (numbered_get_stat (harness, "p50-attach-time"), <=,
                    numbered_get_stat (harness, "p50-delay"));
  numbered_set (harness, "active=false");
  for (guint i = 1; i < 200; i++)
    numbered_push (harness, numbered_new (&frames, i));
  /* Frames without a result add no attach time. */
  g_assert_cmpuint (numbered_get_stat (harness, "p50-attach-time"), >, 0);
  g_assert_cmpuint (numbered_get_stat (harness, "p50-network-time"), ==,
                    network);
  gst_harness_teardown (harness);
}

/* Elements with the same files share weights; each request has activations of
 * its own. */
static void
test_memory (void)
{
  GstHarness *one = numbered_harness (&frames, "");
  GstHarness *two = NULL;
  guint64 weights = numbered_get_stat (one, "weights-memory");
  guint64 activations = numbered_get_stat (one, "activations-memory");
  guint64 before = numbered_get_stat (one, "device-memory"), both = 0;

  g_assert_cmpuint (weights, >, 0);
  g_assert_cmpuint (activations, >, 0);
  g_assert_cmpuint (before, >=, weights + activations);
  two = numbered_harness (&frames, "nireq=2");
  g_assert_cmpuint (numbered_get_stat (two, "weights-memory"), ==, weights);
  g_assert_cmpuint (numbered_get_stat (two, "activations-memory"), ==,
                    2 * activations);
  both = numbered_get_stat (one, "device-memory");
  g_assert_cmpuint (both, >=, before + 2 * activations);
  g_assert_cmpuint (both, <, before + 2 * activations + weights);
  g_assert_cmpuint (numbered_get_stat (two, "device-memory"), ==, both);
  gst_harness_teardown (two);
  g_assert_cmpuint (numbered_get_stat (one, "device-memory"), ==, before);
  gst_harness_teardown (one);
}

int
main (int argc, char **argv)
{
  numbered_init (&argc, &argv);
  numbered_info (&frames, 96, 64);
  g_test_add_func ("/stats/percentiles", test_percentiles);
  g_test_add_func ("/stats/borders", test_borders);
  g_test_add_func ("/stats/scores", test_scores);
  g_test_add_func ("/stats/stages", test_stages);
  g_test_add_func ("/stats/memory", test_memory);
  return numbered_run ();
}
