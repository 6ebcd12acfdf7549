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
 * What is counted together is at most one part in this many. A place in the
 * order can lie in four bundles, so that 4 / FE_SCORE_HISTOGRAM_PARTS, 1e-4, is
 * all that can be unknown of it.
 */
#define FE_SCORE_HISTOGRAM_PARTS 40000

/*
 * Any number of scores in the order of their size, in memory that does not grow
 * with their number: scores that are close to each other and weigh little are
 * counted together, as in the q-digest (Shrivastava et al., "Medians and
 * Beyond", SenSys 2004). Close means that the leading 28, 24, 20 or 16 bits of
 * their keys are the same; little, that a bundle holds at most one part
 *
 * - of all positives, of all negatives and of all overlap, for AUROC and PRO,
 * - and of all that points above it, for precision and F1.
 *
 * Equal scores stay equal. A bundle takes in nothing that comes later: the
 * error does not depend on the order in which scores come.
 */
typedef struct _FeScoreHistogram FeScoreHistogram;

/* @exact counts nothing together: some 60 bytes for each distinct score. */
FeScoreHistogram *fe_score_histogram_new (gboolean exact);

/* NULL is allowed. */
void fe_score_histogram_free (FeScoreHistogram *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeScoreHistogram, fe_score_histogram_free)

/*
 * Adds one pixel. @score is a number. @overlap is, of a positive one, 1 / the
 * size of its region, else 0.
 */
void fe_score_histogram_add (FeScoreHistogram *self, float score,
                             FePixelClass pixel_class, float overlap);

/* Adds all that @other holds. */
void fe_score_histogram_merge (FeScoreHistogram *self, FeScoreHistogram *other);

/* By @low in ascending order, of the same @low the widest first. */
const FeRocPoint *fe_score_histogram_get_points (FeScoreHistogram *self,
                                                 gsize *n);

G_END_DECLS
