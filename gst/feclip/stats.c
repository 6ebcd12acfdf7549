/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Durations */

void
gst_feclip_duration_window_add (GstFeclipDurationWindow *self,
                                GstClockTime duration)
{
  self->values[self->n % GST_FECLIP_N_DURATIONS] = duration;
  self->n++;
}

static int
compare (const void *a, const void *b)
{
  GstClockTime one = *(const GstClockTime *)a;
  GstClockTime other = *(const GstClockTime *)b;

  return (one > other) - (one < other);
}

/* Fills @durations [n_percents] with a percentile for each of @percents. */
static void
get_percentiles (const GstFeclipDurationWindow *self, const guint *percents,
                 guint n_percents, GstClockTime *durations)
{
  GstClockTime sorted[GST_FECLIP_N_DURATIONS] = {0};
  guint n = (guint)MIN (self->n, GST_FECLIP_N_DURATIONS);

  memcpy (sorted, self->values, n * sizeof *sorted);
  qsort (sorted, n, sizeof *sorted, compare);
  /* Nearest rank. */
  for (guint i = 0; i < n_percents; i++)
    durations[i] = sorted[MAX ((n * percents[i] + 99) / 100, 1) - 1];
}

GstClockTime
gst_feclip_duration_window_get_percentile (const GstFeclipDurationWindow *self,
                                           guint percent)
{
  GstClockTime duration = 0;

  get_percentiles (self, &percent, 1, &duration);
  return duration;
}

/* Scores */

static guint
find_bin (double score)
{
  int exponent = 0;
  double mantissa = frexp (score, &exponent); /* from 1/2 to 1 */
  guint octave = 0, step = 0;

  if (score < ldexp (1, GST_FECLIP_SCORES_FIRST))
    return 0;
  if (score >= ldexp (1, GST_FECLIP_SCORES_LAST))
    return GST_FECLIP_N_SCORES - 1;
  octave = (guint)(exponent - 1 - GST_FECLIP_SCORES_FIRST);
  step = (guint)((2 * mantissa - 1) * GST_FECLIP_SCORES_STEPS);
  return 1 + octave * GST_FECLIP_SCORES_STEPS + step;
}

/* Returns: the score in the middle of a bin */
static double
get_score (const GstFeclipScoreHistogram *self, guint index)
{
  guint octave = (index - 1) / GST_FECLIP_SCORES_STEPS;
  guint step = (index - 1) % GST_FECLIP_SCORES_STEPS;
  double middle = 1 + (step + 0.5) / GST_FECLIP_SCORES_STEPS;

  if (index == 0)
    return self->min;
  if (index == GST_FECLIP_N_SCORES - 1)
    return self->max;
  return CLAMP (ldexp (middle, (int)octave + GST_FECLIP_SCORES_FIRST),
                self->min, self->max);
}

void
gst_feclip_score_histogram_add (GstFeclipScoreHistogram *self, double score)
{
  if (!isfinite (score))
    return;
  self->min = self->n == 0 ? score : MIN (self->min, score);
  self->max = self->n == 0 ? score : MAX (self->max, score);
  self->n++;
  self->sum += score;
  self->counts[find_bin (score)]++;
}

double
gst_feclip_score_histogram_get_mean (const GstFeclipScoreHistogram *self)
{
  return self->n > 0 ? self->sum / (double)self->n : 0;
}

double
gst_feclip_score_histogram_get_percentile (const GstFeclipScoreHistogram *self,
                                           guint percent)
{
  /* Nearest rank; the order of operations avoids an overflow. */
  guint64 rank = self->n / 100 * percent + (self->n % 100 * percent + 99) / 100;
  guint64 seen = 0;

  if (self->n == 0)
    return 0;
  rank = MAX (rank, 1);
  for (guint i = 0; i < GST_FECLIP_N_SCORES; i++) {
    seen += self->counts[i];
    if (seen >= rank)
      return get_score (self, i);
  }
  return self->max;
}

/* The element */

void
gst_feclip_stats_add_analysis (GstFeclipStats *self,
                               const GstFeclipAnalysisSample *sample)
{
  self->analysed++;
  self->batch_frames += sample->batch_frames;
  self->anomalous += sample->anomalous ? 1 : 0;
  self->late += sample->late ? 1 : 0;
  self->last_time = sample->analysis_time;
  self->total_time += sample->analysis_time;
  self->last_score = sample->score;
  gst_feclip_score_histogram_add (&self->scores, sample->score);
  gst_feclip_duration_window_add (&self->analyses, sample->analysis_time);
  gst_feclip_duration_window_add (&self->uploads, sample->upload_time);
  gst_feclip_duration_window_add (&self->networks, sample->network_time);
  gst_feclip_duration_window_add (&self->results, sample->result_time);
}

void
gst_feclip_stats_add_frame (GstFeclipStats *self, GstClockTime delay,
                            GstClockTime attach_time)
{
  self->frames++;
  gst_feclip_duration_window_add (&self->delays, delay);
  if (GST_CLOCK_TIME_IS_VALID (attach_time))
    gst_feclip_duration_window_add (&self->attachments, attach_time);
}

static void
set_times (GstStructure *fields, const GstFeclipStats *self)
{
  const struct {
    const char *p50;
    const char *p95;
    const GstFeclipDurationWindow *durations;
  } times[] = {
      {"p50-analysis-time", "p95-analysis-time", &self->analyses},
      {"p50-upload-time", "p95-upload-time", &self->uploads},
      {"p50-network-time", "p95-network-time", &self->networks},
      {"p50-result-time", "p95-result-time", &self->results},
      {"p50-attach-time", "p95-attach-time", &self->attachments},
      {"p50-delay", "p95-delay", &self->delays},
  };

  for (guint i = 0; i < G_N_ELEMENTS (times); i++) {
    static const guint percents[] = {50, 95};
    GstClockTime found[2];

    get_percentiles (times[i].durations, percents, 2, found);
    gst_structure_set (fields, times[i].p50, G_TYPE_UINT64, found[0],
                       times[i].p95, G_TYPE_UINT64, found[1], NULL);
  }
}

static void
set_scores (GstStructure *fields, const GstFeclipStats *self)
{
  const GstFeclipScoreHistogram *scores = &self->scores;

  gst_structure_set (
      fields, "last-score", G_TYPE_DOUBLE, self->last_score, "mean-score",
      G_TYPE_DOUBLE, gst_feclip_score_histogram_get_mean (scores), "p50-score",
      G_TYPE_DOUBLE, gst_feclip_score_histogram_get_percentile (scores, 50),
      "p95-score", G_TYPE_DOUBLE,
      gst_feclip_score_histogram_get_percentile (scores, 95), "p99-score",
      G_TYPE_DOUBLE, gst_feclip_score_histogram_get_percentile (scores, 99),
      "max-score", G_TYPE_DOUBLE, scores->max, NULL);
}

GstStructure *
gst_feclip_stats_to_structure (const GstFeclipStats *self,
                               const GstFeclipLoad *load)
{
  GstClockTime mean =
      self->analysed > 0 ? self->total_time / self->analysed : 0;
  double fill =
      self->analysed > 0 ? (double)self->batch_frames / self->analysed : 0;
  /* A late result is counted before the frames behind its own have left. */
  guint64 skipped = self->frames - MIN (self->frames, self->analysed);
  GstStructure *fields = gst_structure_new (
      "application/x-feclip-stats", "frames", G_TYPE_UINT64, self->frames,
      "analysed", G_TYPE_UINT64, self->analysed, "skipped", G_TYPE_UINT64,
      skipped, "overloaded", G_TYPE_UINT64, self->overloaded, "late",
      G_TYPE_UINT64, self->late, "in-flight", G_TYPE_UINT64,
      (guint64)load->in_flight, "anomalous", G_TYPE_UINT64, self->anomalous,
      "last-analysis-time", G_TYPE_UINT64, self->last_time,
      "mean-analysis-time", G_TYPE_UINT64, mean, "mean-batch-fill",
      G_TYPE_DOUBLE, fill, "weights-memory", G_TYPE_UINT64,
      load->weights_memory, "activations-memory", G_TYPE_UINT64,
      load->activations_memory, "device-memory", G_TYPE_UINT64,
      load->device_memory, NULL);

  set_scores (fields, self);
  set_times (fields, self);
  return fields;
}
