/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/feclip.h>

#include "eval/results.h"

G_BEGIN_DECLS

/* A model that judges one data set. Set the options but for the image's size
 * and the thresholds, and the subject's n_references; all else is zero. */
typedef struct {
  FeEvaluationOptions options;
  FeclipDetector *detector;
  FeclipReferences *references; /* NULL: zero-shot */
  guint reference_limit;
  FeEvaluation *evaluation;
  FeSubject subject;
  char *model_file;
  char *adapter_file;
} FeSession;

/* Loads the model. Clear the session whether or not that succeeds. */
gboolean fe_session_open (FeSession *self, FeclipSettings *settings,
                          GError **error);

/*
 * Evaluates all images and names those that fail. Returns FALSE where the
 * device failed or somebody lost patience.
 */
gboolean fe_session_run (FeSession *self, const FeDataset *dataset);

void fe_session_clear (FeSession *self);

G_END_DECLS
