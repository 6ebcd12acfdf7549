/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "eval/evaluation.h"

G_BEGIN_DECLS

/* One number of an outcome: a column of every table. */
typedef struct {
  /* Whether it is about pixels, not images. */
  gboolean pixel;
  /* In JSON and, after "image_" or "pixel_", in CSV. */
  const char *key;
  /* The column's title in tables for people. */
  const char *title;
  /* The offset of the double in an FeOutcome. */
  gsize offset;
  /* A score, not a share that is shown in percent. */
  gboolean score;
} FeResultColumn;

/* The columns of the image first, then those of the pixel. Static. */
const FeResultColumn *fe_result_columns (guint *n);

/* The number as a table shows it, "–" where it is undefined. Free it. */
char *fe_result_column_format (const FeResultColumn *self,
                               const FeOutcome *outcome);

/* The rows of a table: all outcomes, then their mean where there are several,
 * and the pooled one. Borrowed; free the array with g_ptr_array_unref(). */
GPtrArray *fe_result_list_outcomes (FeEvaluation *evaluation);

/* What was evaluated, for the reader of the numbers. */
typedef struct {
  const FeDataset *dataset;
  const FeEvaluationOptions *options;
  /* NULL where they were not given. */
  const char *model_file;
  const char *adapter_file;
  const char *device;
  /* Normal images compared with in each category, and how the score uses them.
   */
  guint n_references;
  const char *reference_score;
  /* Images that were evaluated, images that failed, and masks that could not
   * be used. */
  guint n_images;
  guint n_failed;
  guint n_bad_masks;
  /* A sentence (char *) for each failed image and each such mask. */
  GPtrArray *problems;
  double seconds;
} FeSubject;

/* The numbers as a table for people, in percent. Free the text. */
char *fe_results_to_text (FeEvaluation *evaluation, const FeSubject *subject);

/* One JSON object with all numbers, from 0 to 1, and what they are of. */
char *fe_results_to_json (FeEvaluation *evaluation, const FeSubject *subject);

/* Lines of CSV, one per category and then "mean" and "pooled". */
char *fe_results_to_csv (FeEvaluation *evaluation);

/* A line of CSV for each image. */
char *fe_results_scores_to_csv (FeEvaluation *evaluation);

G_END_DECLS
