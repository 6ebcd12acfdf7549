/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "durations.h"

G_BEGIN_DECLS

/* What an element has done since it was last started. */
typedef struct {
  guint64 frames;     /* passed on */
  guint64 analysed;   /* frames whose result is known, also if it came late */
  guint64 anomalous;  /* of those analysed */
  guint64 late;       /* of them, too late for their own frame */
  guint64 overloaded; /* not analysed since all requests were busy */
  guint64 company; /* frames that went through the network with each, summed */
  GstClockTime last_time;
  GstClockTime total_time;
  double last_score;
  GstFeclipDurations analyses;
  GstFeclipDurations delays; /* of frames, without what downstream takes */
} GstFeclipStats;

/* Counts an analysis of one of the frames, which went through the network as
 * one of @n_frames. */
void gst_feclip_stats_add_analysis (GstFeclipStats *self, GstClockTime time,
                                    guint n_frames, double score,
                                    gboolean anomalous);

/* Counts a frame that leaves. */
void gst_feclip_stats_add_frame (GstFeclipStats *self, GstClockTime delay);

/* Returns: (transfer full): what the property "stats" holds, for @in_flight
 * analyses that run now */
GstStructure *gst_feclip_stats_to_structure (const GstFeclipStats *self,
                                             guint in_flight);

G_END_DECLS
