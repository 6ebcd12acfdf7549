/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What an element has done since it was last started. */
typedef struct {
  guint64 frames;    /* passed on */
  guint64 analysed;  /* of them */
  guint64 anomalous; /* of those analysed */
  GstClockTime last_time;
  GstClockTime total_time;
  double last_score;
} GstFeclipStats;

/* Counts an analysis of one of the frames. */
void gst_feclip_stats_add_analysis (GstFeclipStats *self, GstClockTime time,
                                    double score, gboolean anomalous);

/* Returns: (transfer full): what the property "stats" holds */
GstStructure *gst_feclip_stats_to_structure (const GstFeclipStats *self);

G_END_DECLS
