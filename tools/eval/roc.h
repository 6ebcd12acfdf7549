/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * What lies at one place of a ranking: how many images or pixels of each kind
 * have a score from @low to @high. Scores are keys, whose order is theirs; see
 * fe_roc_key(). In an exact ranking @low and @high are the same everywhere.
 */
typedef struct {
  guint32 low;
  guint32 high;
  /* Defective ones. */
  double positives;
  /* Flawless ones. */
  double negatives;
  /* Those of them that PRO's false positive rate is a share of. */
  double pro_negatives;
  /* The sum over @positives of 1 / the size of the region they belong to. */
  double overlap;
} FeRocPoint;

/* The key of a score that is a number: a larger one for a larger score. */
guint32 fe_roc_key (float score);

/* The score whose key this is. */
float fe_roc_score (guint32 key);

/*
 * Ranks for @n scores that need not fit a float, exactly: FeRocPoint entries in
 * ascending order. Their keys are places in @values, the distinct scores in
 * ascending order, doubles.
 */
GArray *fe_roc_points_new (const double *scores, const gboolean *positive,
                           guint n, GArray **values);

G_END_DECLS
