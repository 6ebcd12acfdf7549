/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "feclip/duration_window.h"
#include "feclip/frame_queue.h"
#include "feclip/score_histogram.h"

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
  GstFeclipScoreHistogram scores; /* of all analyses */
  GstFeclipDurationWindow analyses;
  GstFeclipDurationWindow uploads;
  GstFeclipDurationWindow networks;
  GstFeclipDurationWindow results;
  GstFeclipDurationWindow
      attachings;                 /* of results to frames, their own or not */
  GstFeclipDurationWindow delays; /* of frames, without what downstream takes */
} GstFeclipStats;

/* Counts an analysis of one of the frames, which came to @score in the end. */
void gst_feclip_stats_add_analysis (GstFeclipStats *self,
                                    const GstFeclipAnalysis *outcome,
                                    double score, gboolean anomalous);

/* Counts a frame that leaves.
 * @attaching: what it took to make a result ready and put it on the frame, or
 * GST_CLOCK_TIME_NONE if it carries none */
void gst_feclip_stats_add_frame (GstFeclipStats *self, GstClockTime delay,
                                 GstClockTime attaching);

/* Returns: (transfer full): what the property "stats" holds */
GstStructure *gst_feclip_stats_to_structure (const GstFeclipStats *self,
                                             const GstFeclipLoad *load);

G_END_DECLS
