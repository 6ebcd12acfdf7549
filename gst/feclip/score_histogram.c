/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/score_histogram.h"

#include <math.h>

static guint
find_step (double score)
{
  int exponent = 0;
  double mantissa = frexp (score, &exponent); /* from 1/2 to 1 */
  guint octave = 0, step = 0;

  if (score < ldexp (1, GST_FECLIP_SCORES_FIRST))
    return 0;
  if (score >= ldexp (1, GST_FECLIP_SCORES_LAST))
    return GST_FECLIP_N_SCORES - 1;
  octave = (guint)(exponent - 1 - GST_FECLIP_SCORES_FIRST);
  step = (guint)((2 * mantissa - 1) * GST_FECLIP_SCORES_STEPS);
  return 1 + octave * GST_FECLIP_SCORES_STEPS + step;
}

/* Returns: the score in the middle of a step */
static double
get_score (const GstFeclipScoreHistogram *self, guint index)
{
  guint octave = (index - 1) / GST_FECLIP_SCORES_STEPS;
  guint step = (index - 1) % GST_FECLIP_SCORES_STEPS;
  double middle = 1 + (step + 0.5) / GST_FECLIP_SCORES_STEPS;

  if (index == 0)
    return self->min;
  if (index == GST_FECLIP_N_SCORES - 1)
    return self->max;
  return CLAMP (ldexp (middle, (int)octave + GST_FECLIP_SCORES_FIRST),
                self->min, self->max);
}

void
gst_feclip_score_histogram_add (GstFeclipScoreHistogram *self, double score)
{
  if (!isfinite (score))
    return;
  self->min = self->n == 0 ? score : MIN (self->min, score);
  self->max = self->n == 0 ? score : MAX (self->max, score);
  self->n++;
  self->sum += score;
  self->counts[find_step (score)]++;
}

double
gst_feclip_score_histogram_get_mean (const GstFeclipScoreHistogram *self)
{
  return self->n > 0 ? self->sum / (double)self->n : 0;
}

double
gst_feclip_score_histogram_get_percentile (const GstFeclipScoreHistogram *self,
                                           guint percent)
{
  /* The nearest rank; in an order that does not overflow. */
  guint64 rank = self->n / 100 * percent + (self->n % 100 * percent + 99) / 100;
  guint64 seen = 0;

  if (self->n == 0)
    return 0;
  rank = MAX (rank, 1);
  for (guint i = 0; i < GST_FECLIP_N_SCORES; i++) {
    seen += self->counts[i];
    if (seen >= rank)
      return get_score (self, i);
  }
  return self->max;
}
