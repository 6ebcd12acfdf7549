/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stats.h"

void
gst_feclip_stats_add_analysis (GstFeclipStats *self, GstClockTime time,
                               guint n_frames, double score, gboolean anomalous)
{
  self->analysed++;
  self->company += n_frames;
  self->anomalous += anomalous ? 1 : 0;
  self->last_time = time;
  self->total_time += time;
  self->last_score = score;
  gst_feclip_durations_add (&self->analyses, time);
}

void
gst_feclip_stats_add_frame (GstFeclipStats *self, GstClockTime delay)
{
  self->frames++;
  gst_feclip_durations_add (&self->delays, delay);
}

static void
set_percentiles (GstStructure *fields, const GstFeclipDurations *durations,
                 const char *p50, const char *p95)
{
  gst_structure_set (fields, p50, G_TYPE_UINT64,
                     gst_feclip_durations_get_percentile (durations, 50), p95,
                     G_TYPE_UINT64,
                     gst_feclip_durations_get_percentile (durations, 95), NULL);
}

GstStructure *
gst_feclip_stats_to_structure (const GstFeclipStats *self, guint in_flight)
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
      G_TYPE_UINT64, self->late, "in-flight", G_TYPE_UINT64, (guint64)in_flight,
      "anomalous", G_TYPE_UINT64, self->anomalous, "last-analysis-time",
      G_TYPE_UINT64, self->last_time, "mean-analysis-time", G_TYPE_UINT64, mean,
      "last-score", G_TYPE_DOUBLE, self->last_score, "mean-batch-fill",
      G_TYPE_DOUBLE, fill, NULL);

  set_percentiles (fields, &self->analyses, "p50-analysis-time",
                   "p95-analysis-time");
  set_percentiles (fields, &self->delays, "p50-delay", "p95-delay");
  return fields;
}
