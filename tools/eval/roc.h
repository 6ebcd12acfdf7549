/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * A threshold of a ROC curve with what lies at it: how many images or pixels
 * of each kind have a score from @low to @high. Scores are stored as keys of
 * the same order, see fe_roc_key(). In an exact curve @low and @high are equal
 * at every point.
 */
typedef struct {
  guint32 low;
  guint32 high;
  /* Defective ones. */
  double positives;
  /* Normal ones. */
  double negatives;
  /* The negatives that count for the false positive rate of PRO. */
  double pro_negatives;
  /* The sum over @positives of 1 / the size of the region they belong to. */
  double overlap;
} FeRocPoint;

/* The key of a finite score: a larger one for a larger score. */
guint32 fe_roc_key (float score);

/* The score whose key this is. */
float fe_roc_score (guint32 key);

/*
 * The exact points of @n scores in double precision: FeRocPoint entries in
 * ascending order of the score. Their keys are indices of @values, the distinct
 * scores (double) in ascending order.
 */
GArray *fe_roc_points_new (const double *scores, const gboolean *positive,
                           guint n, GArray **values);

/* A point of the ROC and of the precision-recall curve at one threshold. */
typedef struct {
  float false_positive_rate;
  float recall;
  float precision;
} FeCurvePoint;

/*
 * The curves to draw, in some hundreds of points at most: FeCurvePoint entries,
 * the highest threshold first; none where positives or negatives are missing.
 * @points are @n entries ordered by @low.
 */
GArray *fe_curve_new (const FeRocPoint *points, gsize n);

G_END_DECLS
