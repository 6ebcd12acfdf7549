/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/roc.h"

#include <string.h>

#define SIGN 0x80000000u

typedef struct {
  double score;
  gboolean positive;
} Scored;

guint32
fe_roc_key (float score)
{
  /* Both zeros are one score. */
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
  GArray *ranks = g_array_new (FALSE, TRUE, sizeof (FeRocPoint));

  *values = g_array_new (FALSE, FALSE, sizeof (double));
  for (guint i = 0; i < n; i++)
    sorted[i] = (Scored){scores[i], positive[i]};
  /* For none of them g_new() gives NULL, which qsort() does not take. */
  if (n > 0)
    qsort (sorted, n, sizeof *sorted, compare_scores);
  for (guint i = 0; i < n; i++) {
    FeRocPoint *rank;

    if (i == 0 || sorted[i].score > sorted[i - 1].score) {
      const FeRocPoint next = {.low = ranks->len, .high = ranks->len};

      g_array_append_val (*values, sorted[i].score);
      g_array_append_val (ranks, next);
    }
    rank = &g_array_index (ranks, FeRocPoint, ranks->len - 1);
    if (sorted[i].positive)
      rank->positives++;
    else
      rank->negatives++;
  }
  return ranks;
}
