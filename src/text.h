/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CLIP's text encoder: a prompt's ids to its features. */
#pragma once

#include "tokenizer.h"
#include "weights.h"
#include "vk_device.h"

#include <feclip/settings.h>

G_BEGIN_DECLS

/* Whether a file holds a text tower. */
gboolean fe_text_is_in (const FeWeights *weights);

/* Encodes one prompt: loads the tower, runs it over the ids, frees it, since
 * prompts are encoded once. ids ends with the end-of-text token. `features`
 * [embedding] is normalised; fails where the tower has another embedding. */
gboolean fe_text_encode (FeDevice *device, const FeWeights *weights,
                         FeclipActivation activation, const guint32 *ids,
                         guint n_ids, guint embedding, float *features,
                         GError **error);

/* Scales features to length 1; FALSE where they have none. */
gboolean fe_text_normalize (float *features, guint n);

G_END_DECLS
