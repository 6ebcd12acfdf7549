/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "eval/dataset.h"
#include "eval/mask.h"
#include "eval/measures.h"
#include "eval/worst_list.h"

G_BEGIN_DECLS

/* Why an image is shown. */
typedef enum {
  /* Good ones with a high score. */
  FE_WORST_ALARMS,
  /* Defective ones with a low score. */
  FE_WORST_MISSED,
  /* Defective ones whose map is high elsewhere. */
  FE_WORST_LOCATED,
  /* Unlabelled ones with a high score. */
  FE_WORST_SUSPECTS,
  FE_N_WORST,
} FeWorstKind;

typedef struct {
  /* The edge of the network's image in pixels. */
  guint size;
  gboolean exact;
  /* Whether PRO's false positive rate leaves good images out. */
  gboolean pro_defective;
  /* How many images of each kind to keep for showing. */
  guint n_worst;
  /* What decides where there is nothing to choose a threshold by. */
  double threshold;
  double pixel_threshold;
} FeEvaluationOptions;

/* One image's score. */
typedef struct {
  const FeCase *item;
  const FeCategory *category;
  double score;
  /* The AUROC of the pixels of this image alone, or NaN. */
  double located;
} FeScore;

/* A line of the table. */
typedef struct {
  char *name;
  /* Images that were scored. */
  guint n_good;
  guint n_defective;
  guint n_unknown;
  /* Of defects, whose masks were read. */
  guint n_regions;
  FeMeasures image;
  FeMeasures pixel;
  /* NaN where not defined. */
  double threshold;
  double pixel_threshold;
  /* FeCurvePoint entries, or NULL. */
  GArray *image_curve;
  GArray *pixel_curve;
} FeOutcome;

typedef struct _FeEvaluation FeEvaluation;

FeEvaluation *fe_evaluation_new (const FeEvaluationOptions *options);

/* NULL is allowed. */
void fe_evaluation_free (FeEvaluation *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeEvaluation, fe_evaluation_free)

/*
 * Adds an image of @category; all of one category come one after the other.
 * @mask is NULL where there is none. Both have to stay as long as this.
 */
void fe_evaluation_add (FeEvaluation *self, const FeCategory *category,
                        const FeCase *item, const FeMask *mask,
                        FeclipResult *result);

/* After the last image. */
void fe_evaluation_finish (FeEvaluation *self);

/* FeOutcome entries, one per category. */
GPtrArray *fe_evaluation_get_outcomes (FeEvaluation *self);

/* The mean over the categories of what each has. */
const FeOutcome *fe_evaluation_get_mean (FeEvaluation *self);

/* All images as if they were one category. */
const FeOutcome *fe_evaluation_get_pooled (FeEvaluation *self);

/* FeScore entries in the order they were added. */
GArray *fe_evaluation_get_scores (FeEvaluation *self);

/* FeShown entries, the worst one first. */
GArray *fe_evaluation_get_worst (FeEvaluation *self, FeWorstKind kind);

/* No number is further off than this. */
double fe_evaluation_get_error (FeEvaluation *self);

G_END_DECLS
