/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "eval/roc.h"

G_BEGIN_DECLS

/* One threshold of a ranking, the highest ones first. */
typedef struct {
  float false_positive_rate;
  float recall;
  float precision;
} FeCurvePoint;

/*
 * Points to draw a ranking's curves through, some hundreds at most:
 * FeCurvePoint entries, none where positives or negatives are missing. @ranks
 * are @n entries ordered by @low.
 */
GArray *fe_curve_new (const FeRocPoint *ranks, gsize n);

G_END_DECLS
