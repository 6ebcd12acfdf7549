/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "eval/roc.h"

G_BEGIN_DECLS

/* The false positive rate up to which PRO is integrated. */
#define FE_PRO_LIMIT 0.3

/* How well a ranking tells positives from negatives; NaN where not defined. */
typedef struct {
  /* The area under the receiver operating characteristic, trapezoids. */
  double auroc;
  /* Average precision, the sum over thresholds of precision · step in recall.
   */
  double ap;
  double f1_max;
  /* The smallest score that counts as defective where F1 is largest. */
  guint32 f1_key;
  /* The mean over regions of their share that is found, over the false positive
   * rate from 0 to FE_PRO_LIMIT, linear in between. */
  double pro;
  /* None of these is further off than this; 0 of an exact ranking. */
  double error;
} FeMeasures;

/*
 * Measures @n entries, ordered by @low. Each value is the middle of the
 * smallest and the largest that the entries allow.
 */
void fe_measures_init (FeMeasures *self, const FeRocPoint *ranks, gsize n);

G_END_DECLS
