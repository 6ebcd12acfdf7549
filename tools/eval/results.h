/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "eval/evaluation.h"

G_BEGIN_DECLS

/* What was evaluated, for whoever reads the numbers later. */
typedef struct {
  const FeDataset *dataset;
  const FeEvaluationOptions *options;
  /* NULL where they were not given. */
  const char *model_file;
  const char *adapter_file;
  const char *device;
  /* Normal images learnt for each category, and what they do to the score. */
  guint n_references;
  const char *reference_score;
  /* Images that were evaluated, those that could not be, and masks that could
   * not be used. */
  guint n_images;
  guint n_failed;
  guint n_bad_masks;
  /* Sentences about each of these. */
  GPtrArray *problems;
  double seconds;
} FeSubject;

/* The numbers as a table for people, in percent. */
char *fe_results_to_text (FeEvaluation *evaluation, const FeSubject *subject);

/* As one object of JSON with all that is known, from 0 to 1. */
char *fe_results_to_json (FeEvaluation *evaluation, const FeSubject *subject);

/* As lines of CSV, one per category and then "mean" and "pooled". */
char *fe_results_to_csv (FeEvaluation *evaluation);

/* A line of CSV for each image. */
char *fe_results_scores_to_csv (FeEvaluation *evaluation);

G_END_DECLS
