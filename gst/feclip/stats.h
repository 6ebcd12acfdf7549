/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What an element counts and measures, in memory of a fixed size. It includes
 * no other header of the element: callers hand it numbers. None of these
 * structs locks anything; zeroed, each holds no value yet. */

/* Durations that a window keeps. */
#define GST_FECLIP_N_DURATIONS 128

/* The last GST_FECLIP_N_DURATIONS durations of something, in ns. */
typedef struct {
  GstClockTime values[GST_FECLIP_N_DURATIONS];
  guint64 n; /* ever added */
} GstFeclipDurationWindow;

void gst_feclip_duration_window_add (GstFeclipDurationWindow *self,
                                     GstClockTime duration);

/* Returns: the duration that @percent of the durations do not exceed; 0 if
 * there is none */
GstClockTime
gst_feclip_duration_window_get_percentile (const GstFeclipDurationWindow *self,
                                           guint percent);

/* The histogram covers scores from 2 to the power FIRST up to 2 to the power
 * LAST, with STEPS bins for each octave. */
#define GST_FECLIP_SCORES_FIRST (-20)
#define GST_FECLIP_SCORES_LAST 4
#define GST_FECLIP_SCORES_STEPS 128

#define GST_FECLIP_N_SCORES \
  ((GST_FECLIP_SCORES_LAST - GST_FECLIP_SCORES_FIRST) \
       * GST_FECLIP_SCORES_STEPS \
   + 2)

/* A histogram of any number of scores. Percentiles are exact to half a bin,
 * which is 1/256 of the score. */
typedef struct {
  guint64 n;
  double sum;
  double min;
  double max;
  guint64 counts[GST_FECLIP_N_SCORES]; /* below the range, bins, above it */
} GstFeclipScoreHistogram;

/* Ignores a score that is not finite. */
void gst_feclip_score_histogram_add (GstFeclipScoreHistogram *self,
                                     double score);

/* Returns: the mean, 0 if there is no score */
double
gst_feclip_score_histogram_get_mean (const GstFeclipScoreHistogram *self);

/* Returns: the score that @percent of the scores do not exceed; 0 if there is
 * none */
double
gst_feclip_score_histogram_get_percentile (const GstFeclipScoreHistogram *self,
                                           guint percent);

/* What runs and what is allocated at a moment. */
typedef struct {
  guint in_flight;            /* analyses that run */
  guint64 weights_memory;     /* bytes on the device: the network's weights, */
  guint64 activations_memory; /* the activations of all workers, */
  guint64 device_memory;      /* everything this process has allocated */
} GstFeclipLoad;

/* One analysed frame. */
typedef struct {
  guint batch_frames; /* that went through the network together */
  GstClockTime analysis_time;
  GstClockTime upload_time;
  GstClockTime network_time;
  GstClockTime result_time;
  double score; /* after smoothing */
  gboolean anomalous;
  gboolean late; /* the frame had left before */
} GstFeclipAnalysisSample;

/* What an element has done since it was last started. */
typedef struct {
  guint64 frames;       /* passed on */
  guint64 analysed;     /* frames with a known result, late ones included */
  guint64 anomalous;    /* of those analysed */
  guint64 late;         /* of those analysed, too late for their own frame */
  guint64 overloaded;   /* not analysed, as all workers were busy */
  guint64 batch_frames; /* sum of the batch sizes over all analyses */
  GstClockTime last_time;
  GstClockTime total_time;
  double last_score;
  GstFeclipScoreHistogram scores; /* of all analyses */
  GstFeclipDurationWindow analyses;
  GstFeclipDurationWindow uploads;
  GstFeclipDurationWindow networks;
  GstFeclipDurationWindow results;
  GstFeclipDurationWindow attachments; /* putting a result on a frame */
  GstFeclipDurationWindow delays; /* of frames, without downstream's time */
} GstFeclipStats;

void gst_feclip_stats_add_analysis (GstFeclipStats *self,
                                    const GstFeclipAnalysisSample *sample);

/* Counts a frame that leaves.
 * @attach_time: the time it took to complete a result and to put it on the
 * frame; GST_CLOCK_TIME_NONE if the frame carries none */
void gst_feclip_stats_add_frame (GstFeclipStats *self, GstClockTime delay,
                                 GstClockTime attach_time);

/* Asks nobody for anything, so that a caller may hold a lock: @load has been
 * gathered before, without that lock, as a driver may take its time to say how
 * much memory is allocated.
 * Returns: (transfer full): the value of the property "stats" */
GstStructure *gst_feclip_stats_to_structure (const GstFeclipStats *self,
                                             const GstFeclipLoad *load);

G_END_DECLS
