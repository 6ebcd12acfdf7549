/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/feclip.h>

#include "eval/results.h"

G_BEGIN_DECLS

/*
 * One model evaluated on one data set. Set the members of `options` other than
 * the image size and the thresholds, and `subject.n_references`; all else is
 * zero before fe_session_open().
 */
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

/* Whether every category has @n_references normal training images. */
gboolean fe_session_check_references (const FeDataset *dataset,
                                      guint n_references, GError **error);

/* Loads the model; blocks. Clear the session also after a failure. */
gboolean fe_session_open (FeSession *self, FeclipSettings *settings,
                          GError **error);

/*
 * Evaluates all images; a message names each one that fails. Blocks; files are
 * decoded in threads of its own. Returns FALSE where the device failed,
 * references could not be read or an interrupt is pending; a message was
 * printed for the first two. @dataset must live as long as the session.
 */
gboolean fe_session_run (FeSession *self, const FeDataset *dataset);

void fe_session_clear (FeSession *self);

G_END_DECLS
