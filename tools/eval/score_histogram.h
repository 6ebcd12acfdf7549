/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "eval/roc.h"

G_BEGIN_DECLS

/* How a pixel counts. */
typedef enum {
  FE_PIXEL_POSITIVE,
  /* Normal, and counted for the false positive rate of PRO. */
  FE_PIXEL_NEGATIVE,
  /* Normal, and not counted for it. */
  FE_PIXEL_NEGATIVE_ASIDE,
} FePixelClass;

/*
 * A bin holds at most one part in this many. A score can lie in the range of
 * four bins, so that its position in the order is known up to
 * 4 / FE_SCORE_HISTOGRAM_PARTS, 1e-4.
 */
#define FE_SCORE_HISTOGRAM_PARTS 40000

/*
 * An adaptive histogram of any number of scores in bounded memory: close scores
 * of little weight are counted in one bin, as in the q-digest (Shrivastava et
 * al., "Medians and Beyond", SenSys 2004). Scores are close if the leading 28,
 * 24, 20 or 16 bits of their keys are equal; their weight is little if the bin
 * holds at most one part
 *
 * - of all positives, of all negatives and of all overlap, for AUROC and PRO,
 * - and of all that lies above it, for precision and F1.
 *
 * Equal scores stay equal. A bin does not take in later scores, so that the
 * error does not depend on the order of the scores.
 */
typedef struct _FeScoreHistogram FeScoreHistogram;

/* An @exact histogram has a bin for each distinct score: some 60 bytes each. */
FeScoreHistogram *fe_score_histogram_new (gboolean exact);

/* NULL is allowed. */
void fe_score_histogram_free (FeScoreHistogram *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeScoreHistogram, fe_score_histogram_free)

/* Adds one pixel. @score is finite. @overlap is 1 / the size of its region for
 * a positive pixel, else 0. */
void fe_score_histogram_add (FeScoreHistogram *self, float score,
                             FePixelClass pixel_class, float overlap);

/* Adds all scores of @other. */
void fe_score_histogram_merge (FeScoreHistogram *self, FeScoreHistogram *other);

/* The points in ascending order of @low, of equal @low the widest first; owned
 * by the histogram and valid until the next call. */
const FeRocPoint *fe_score_histogram_get_points (FeScoreHistogram *self,
                                                 gsize *n);

G_END_DECLS
