/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "eval/evaluation.h"

G_BEGIN_DECLS

/* One number of an outcome, wherever it is written. */
typedef struct {
  /* Whether it is about pixels, not images. */
  gboolean pixel;
  /* In JSON and, after "image_" or "pixel_", in CSV. */
  const char *key;
  /* Above a table's column. */
  const char *title;
  /* Where it is in an FeOutcome, a double. */
  gsize offset;
  /* A score, not a share that is shown in percent. */
  gboolean score;
} FeCsvColumn;

const FeCsvColumn *fe_csv_columns (guint *n);

double fe_csv_column_get (const FeCsvColumn *self, const FeOutcome *outcome);

/* The number as a table shows it, "–" where it is not defined. */
char *fe_csv_column_format (const FeCsvColumn *self, const FeOutcome *outcome);

/* All outcomes, then their mean where there are several, and the pooled one;
 * free with g_ptr_array_unref(). */
GPtrArray *fe_csv_columns_list_outcomes (FeEvaluation *evaluation);

G_END_DECLS
