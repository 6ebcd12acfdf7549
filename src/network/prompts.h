/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text features of the prompts in the settings. Several prompts of one side are
 * averaged, as CLIP averages ensembles of prompts. */
#pragma once

#include "network/network.h"

G_BEGIN_DECLS

/* How to encode them. */
typedef struct {
  const FeNetwork *network;   /* loaded from a file */
  const char *tokenizer_file; /* NULL: looked for beside the model file */
  FeclipActivation activation;
  gboolean whole; /* TRUE: a prompt that is too long for the encoder is an
                   * error; FALSE: it is cut, with a warning */
} FePromptEncoding;

/* Fills `features` [2][E] with the features of the normal and the anomalous
 * side. A side is one or more prompts, separated by "|" or line ends; NULL: the
 * method's prompt. One prompt: its normalised features. Several: the normalised
 * mean of their normalised features.
 *
 * Where a prompt was not encoded before, loads the text tower, once for all
 * prompts, and waits for another thread that is encoding. Prompts that were
 * encoded before wait for nobody. Thread-safe. */
gboolean fe_prompts_encode (const FePromptEncoding *how, const char *normal,
                            const char *anomaly, float *features,
                            GError **error);

G_END_DECLS
