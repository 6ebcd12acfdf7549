/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Scores are counted from 2 to the first power on, up to 2 to the last one;
 * each octave between has so many steps. */
#define GST_FECLIP_SCORES_FIRST (-20)
#define GST_FECLIP_SCORES_LAST 4
#define GST_FECLIP_SCORES_STEPS 128

#define GST_FECLIP_N_SCORES \
  ((GST_FECLIP_SCORES_LAST - GST_FECLIP_SCORES_FIRST) \
       * GST_FECLIP_SCORES_STEPS \
   + 2)

/* How often which score was seen, of any number of them in memory of one size:
 * what it says of them is within half a step, that is 1/256 of the score.
 * Zeroed: none yet. */
typedef struct {
  guint64 n;
  double sum;
  double min;
  double max;
  guint64 counts[GST_FECLIP_N_SCORES]; /* below, the steps, above */
} GstFeclipScoreHistogram;

/* One that is not finite does not count. */
void gst_feclip_score_histogram_add (GstFeclipScoreHistogram *self,
                                     double score);

/* Returns: 0 without any */
double
gst_feclip_score_histogram_get_mean (const GstFeclipScoreHistogram *self);

/* Returns: what @percent of the scores do not exceed, 0 without any */
double
gst_feclip_score_histogram_get_percentile (const GstFeclipScoreHistogram *self,
                                           guint percent);

G_END_DECLS
