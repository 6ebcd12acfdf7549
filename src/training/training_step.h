/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One step of training: the network from the first tap on, forward and
 * backward, for a number of images at a time, and Adam with the sum of their
 * gradients. */
#pragma once

#include "network/config.h"
#include "training/parameters.h"

G_BEGIN_DECLS

typedef struct {
  guint images; /* at a time; the gradients of a larger batch are summed */
  double alpha; /* of the focal loss */
  double gamma;
  double weights[3]; /* of cross-entropy, focal and Dice loss */
  double rates[2];   /* learning rates, by FeRate */
  gboolean train_fc_patch;
} FeTrainingOptions;

/* One image to learn from. */
typedef struct {
  /* [T][D] output of the first tapped block, class token last */
  const float *tokens;
  const float *mask; /* [S][S] of zeros and ones */
  gboolean defective;
} FeTrainingImage;

/* The means over taps of the three losses. */
typedef struct {
  double score; /* cross-entropy */
  double focal;
  double dice;
} FeTrainingLosses;

typedef struct _FeTrainingStep FeTrainingStep;

/* Weights must be stored in fp32. `text` [2][E]. */
FeTrainingStep *fe_training_step_new (FeNetwork *network,
                                      const FeConfig *config,
                                      const FeTrainingOptions *options,
                                      const float *text, GError **error);

void fe_training_step_free (FeTrainingStep *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeTrainingStep, fe_training_step_free)

/* The parameters that are trained: zero at first. After changing them call
 * fe_training_step_refresh(). */
FeParameters *fe_training_step_get_parameters (FeTrainingStep *self);

gboolean fe_training_step_refresh (FeTrainingStep *self, GError **error);

/* Adds the gradients of n images, at most options.images, and adds their losses
 * to `losses`. */
gboolean fe_training_step_add (FeTrainingStep *self,
                               const FeTrainingImage *images, guint n,
                               FeTrainingLosses *losses, GError **error);

/* Runs Adam with the sum of the gradients of `batch` images; `step` counts from
 * 1. */
gboolean fe_training_step_update (FeTrainingStep *self, guint64 step,
                                  guint batch, GError **error);

/* Bytes of device memory, without the network's weights. */
guint64 fe_training_step_get_size (const FeTrainingStep *self);

G_END_DECLS
