/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stats.h"

void
gst_feclip_stats_add_analysis (GstFeclipStats *self, GstClockTime time,
                               double score, gboolean anomalous)
{
  self->analysed++;
  self->anomalous += anomalous ? 1 : 0;
  self->last_time = time;
  self->total_time += time;
  self->last_score = score;
}

GstStructure *
gst_feclip_stats_to_structure (const GstFeclipStats *self)
{
  GstClockTime mean =
      self->analysed > 0 ? self->total_time / self->analysed : 0;

  return gst_structure_new (
      "application/x-feclip-stats", "frames", G_TYPE_UINT64, self->frames,
      "analysed", G_TYPE_UINT64, self->analysed, "skipped", G_TYPE_UINT64,
      self->frames - self->analysed, "anomalous", G_TYPE_UINT64,
      self->anomalous, "last-analysis-time", G_TYPE_UINT64, self->last_time,
      "mean-analysis-time", G_TYPE_UINT64, mean, "last-score", G_TYPE_DOUBLE,
      self->last_score, NULL);
}
