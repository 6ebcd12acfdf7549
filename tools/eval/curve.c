/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/curve.h"

#include <math.h>

/* A smaller step could not be seen. */
#define STEP 0.004F

static gboolean
is_step (const FeCurvePoint *a, const FeCurvePoint *b)
{
  return fabsf (a->false_positive_rate - b->false_positive_rate) >= STEP
         || fabsf (a->recall - b->recall) >= STEP;
}

GArray *
fe_curve_new (const FeRocPoint *ranks, gsize n)
{
  GArray *points = g_array_new (FALSE, FALSE, sizeof (FeCurvePoint));
  FeCurvePoint last = {0};
  double all_positives = 0, all_negatives = 0;
  double positives = 0, negatives = 0;

  for (gsize i = 0; i < n; i++) {
    all_positives += ranks[i].positives;
    all_negatives += ranks[i].negatives;
  }
  if (all_positives == 0 || all_negatives == 0)
    return points;
  for (gsize i = n; i-- > 0;) {
    FeCurvePoint point;

    positives += ranks[i].positives;
    negatives += ranks[i].negatives;
    point = (FeCurvePoint){
        .false_positive_rate = (float)(negatives / all_negatives),
        .recall = (float)(positives / all_positives),
        .precision = (float)(positives / (positives + negatives)),
    };
    if (i > 0 && points->len > 0 && !is_step (&point, &last))
      continue;
    g_array_append_val (points, point);
    last = point;
  }
  return points;
}
