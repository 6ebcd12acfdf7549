/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/stats.h"

void
gst_feclip_stats_add_analysis (GstFeclipStats *self,
                               const GstFeclipAnalysis *outcome, double score,
                               gboolean anomalous)
{
  self->analysed++;
  self->company += outcome->company.frames;
  self->anomalous += anomalous ? 1 : 0;
  self->last_time = outcome->analysis_time;
  self->total_time += outcome->analysis_time;
  self->last_score = score;
  gst_feclip_score_histogram_add (&self->scores, score);
  gst_feclip_duration_window_add (&self->analyses, outcome->analysis_time);
  gst_feclip_duration_window_add (&self->uploads, outcome->upload_time);
  gst_feclip_duration_window_add (&self->networks, outcome->network_time);
  gst_feclip_duration_window_add (&self->results, outcome->result_time);
}

void
gst_feclip_stats_add_frame (GstFeclipStats *self, GstClockTime delay,
                            GstClockTime attaching)
{
  self->frames++;
  gst_feclip_duration_window_add (&self->delays, delay);
  if (GST_CLOCK_TIME_IS_VALID (attaching))
    gst_feclip_duration_window_add (&self->attachings, attaching);
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
      {"p50-attach-time", "p95-attach-time", &self->attachings},
      {"p50-delay", "p95-delay", &self->delays},
  };

  for (guint i = 0; i < G_N_ELEMENTS (times); i++) {
    static const guint percents[] = {50, 95};
    GstClockTime found[2];

    gst_feclip_duration_window_get_percentiles (times[i].durations, percents, 2,
                                                found);
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
  double fill = self->analysed > 0 ? (double)self->company / self->analysed : 0;
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
