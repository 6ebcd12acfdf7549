/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/result.h>

#include "eval/dataset.h"
#include "eval/mask.h"
#include "eval/measures.h"

G_BEGIN_DECLS

/* Why an image is among the worst. */
typedef enum {
  /* A good image with a high score. */
  FE_WORST_ALARMS,
  /* A defective image with a low score. */
  FE_WORST_MISSED,
  /* A defective image whose map is high outside of the defect. */
  FE_WORST_LOCATED,
  /* An unlabelled image with a high score. */
  FE_WORST_SUSPECTS,
  FE_N_WORST,
} FeWorstKind;

/* One of the worst images. */
typedef struct {
  const FeCase *item;
  const FeCategory *category;
  FeclipResult *result;
  /* The lower, the worse. */
  double value;
  /* The thresholds of its category. */
  double threshold;
  double pixel_threshold;
} FeWorstImage;

typedef struct {
  /* The edge of the network's input image in pixels. */
  guint size;
  gboolean exact;
  /* Whether the false positive rate of PRO ignores good images. */
  gboolean pro_defective;
  /* How many of the worst images of each kind to keep. */
  guint n_worst;
  /* Used where a category has no threshold of its own. */
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

/* The numbers of one category, or of all. */
typedef struct {
  char *name;
  /* Images that were scored. */
  guint n_good;
  guint n_defective;
  guint n_unknown;
  /* Connected regions of the masks. */
  guint n_regions;
  FeMeasures image;
  FeMeasures pixel;
  /* NaN where undefined. */
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
 * Adds an image of @category; the images of one category come one after the
 * other. @mask is NULL where there is none. @category and @item must live as
 * long as the evaluation; a reference to @result may be kept.
 */
void fe_evaluation_add (FeEvaluation *self, const FeCategory *category,
                        const FeCase *item, const FeMask *mask,
                        FeclipResult *result);

/* Computes the numbers; call it once, after the last image. */
void fe_evaluation_finish (FeEvaluation *self);

/* FeOutcome entries, one per category. */
GPtrArray *fe_evaluation_get_outcomes (FeEvaluation *self);

/* The mean over the categories. */
const FeOutcome *fe_evaluation_get_mean (FeEvaluation *self);

/* All images as if they were one category. */
const FeOutcome *fe_evaluation_get_pooled (FeEvaluation *self);

/* FeScore entries in the order they were added. */
GArray *fe_evaluation_get_scores (FeEvaluation *self);

/* FeWorstImage entries, the worst one first. */
GArray *fe_evaluation_get_worst (FeEvaluation *self, FeWorstKind kind);

/* An upper bound of the error of every number. */
double fe_evaluation_get_error (FeEvaluation *self);

G_END_DECLS
