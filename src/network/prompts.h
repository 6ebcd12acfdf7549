/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the prompts of a setting to text features: several for one side are
 * averaged, as CLIP's ensembles are. */
#pragma once

#include "network/network.h"

G_BEGIN_DECLS

/* The features of prompts that were encoded before. Thread-safe. */
typedef struct _FePromptCache FePromptCache;

FePromptCache *fe_prompt_cache_new (void);

void fe_prompt_cache_free (FePromptCache *self);

/* How to encode them. */
typedef struct {
  const FeNetwork *network;   /* of a file */
  const char *tokenizer_file; /* NULL: looked for beside the model file */
  FeclipActivation activation;
  gboolean whole; /* one that the encoder does not read to its end is refused,
                   * else it is cut and a warning says so */
} FePromptEncoding;

/* Fills `features` [2][E] with those of the normal and the anomalous side, each
 * one or more prompts with "|" or line ends between them. A single prompt's are
 * its own, normalised; of several, the normalised mean of those. NULL: the
 * method's. Loads the text tower once at most, where not all prompts have been
 * encoded before; another thread that encodes meanwhile is waited for. */
gboolean fe_prompts_encode (const FePromptEncoding *how, const char *normal,
                            const char *anomaly, float *features,
                            GError **error);

G_END_DECLS
