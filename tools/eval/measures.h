/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "eval/roc.h"

G_BEGIN_DECLS

/* The false positive rate up to which PRO is integrated. */
#define FE_PRO_LIMIT 0.3

/* How well scores separate positives from negatives; NaN where undefined. */
typedef struct {
  /* The area under the ROC curve, by trapezoids. */
  double auroc;
  /* Average precision: the sum over thresholds of precision · step in recall.
   */
  double ap;
  double f1_max;
  /* The smallest score that counts as defective at the largest F1. */
  guint32 f1_key;
  /* The mean over regions of their detected share, integrated over the false
   * positive rate from 0 to FE_PRO_LIMIT, linear in between. */
  double pro;
  /* An upper bound of the error of each of these; 0 for exact points. */
  double error;
} FeMeasures;

/*
 * Measures @n points, ordered by @low. Each value is the middle of the
 * smallest and the largest that the points allow.
 */
void fe_measures_init (FeMeasures *self, const FeRocPoint *points, gsize n);

/*
 * Finds the 8-connected regions of a mask [@height][@width] for PRO. Fills
 * @shares, of the same shape, with 1 / the size of the region that a pixel
 * belongs to, 0 where it is not in the mask. Returns the number of regions.
 */
guint fe_regions_weigh (const guint8 *mask, guint width, guint height,
                        float *shares);

G_END_DECLS
