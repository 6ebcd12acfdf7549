/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/roc.h"

#include <math.h>
#include <string.h>

#define SIGN 0x80000000u

typedef struct {
  double score;
  gboolean positive;
} Scored;

guint32
fe_roc_key (float score)
{
  /* -0 and 0 are the same score. */
  float number = score + 0.0F;
  guint32 bits;

  memcpy (&bits, &number, sizeof bits);
  return bits & SIGN ? ~bits : bits | SIGN;
}

float
fe_roc_score (guint32 key)
{
  guint32 bits = key & SIGN ? key & ~SIGN : ~key;
  float score;

  memcpy (&score, &bits, sizeof score);
  return score;
}

static int
compare_scores (gconstpointer a, gconstpointer b)
{
  double left = ((const Scored *)a)->score;
  double right = ((const Scored *)b)->score;

  return (left > right) - (left < right);
}

GArray *
fe_roc_points_new (const double *scores, const gboolean *positive, guint n,
                   GArray **values)
{
  g_autofree Scored *sorted = g_new (Scored, n);
  GArray *points = g_array_new (FALSE, TRUE, sizeof (FeRocPoint));

  *values = g_array_new (FALSE, FALSE, sizeof (double));
  for (guint i = 0; i < n; i++)
    sorted[i] = (Scored){scores[i], positive[i]};
  /* g_new() returns NULL for 0 scores, which qsort() does not accept. */
  if (n > 0)
    qsort (sorted, n, sizeof *sorted, compare_scores);
  for (guint i = 0; i < n; i++) {
    FeRocPoint *point;

    if (i == 0 || sorted[i].score > sorted[i - 1].score) {
      const FeRocPoint next = {.low = points->len, .high = points->len};

      g_array_append_val (*values, sorted[i].score);
      g_array_append_val (points, next);
    }
    point = &g_array_index (points, FeRocPoint, points->len - 1);
    if (sorted[i].positive)
      point->positives++;
    else
      point->negatives++;
  }
  return points;
}

/* Smaller steps are invisible in a plot. */
#define STEP 0.004F

static gboolean
is_step (const FeCurvePoint *a, const FeCurvePoint *b)
{
  return fabsf (a->false_positive_rate - b->false_positive_rate) >= STEP
         || fabsf (a->recall - b->recall) >= STEP;
}

GArray *
fe_curve_new (const FeRocPoint *points, gsize n)
{
  GArray *curve = g_array_new (FALSE, FALSE, sizeof (FeCurvePoint));
  FeCurvePoint last = {0};
  double all_positives = 0, all_negatives = 0;
  double positives = 0, negatives = 0;

  for (gsize i = 0; i < n; i++) {
    all_positives += points[i].positives;
    all_negatives += points[i].negatives;
  }
  if (all_positives == 0 || all_negatives == 0)
    return curve;
  for (gsize i = n; i-- > 0;) {
    FeCurvePoint point;

    positives += points[i].positives;
    negatives += points[i].negatives;
    point = (FeCurvePoint){
        .false_positive_rate = (float)(negatives / all_negatives),
        .recall = (float)(positives / all_positives),
        .precision = (float)(positives / (positives + negatives)),
    };
    if (i > 0 && curve->len > 0 && !is_step (&point, &last))
      continue;
    g_array_append_val (curve, point);
    last = point;
  }
  return curve;
}
