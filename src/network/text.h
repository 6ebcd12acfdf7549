/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CLIP's text encoder: from the token ids of a prompt to its features. */
#pragma once

#include "files/tokenizer.h"
#include "files/weights.h"
#include "compute/vulkan/device.h"

#include <feclip/settings.h>

G_BEGIN_DECLS

/* Whether a file holds a text tower. */
gboolean fe_text_is_in (const FeWeights *weights);

/* A text tower on the device. It is loaded to encode prompts and freed after
 * that. One thread at a time. */
typedef struct _FeTextEncoder FeTextEncoder;

/* Loads the tower of `weights`, which must outlive the encoder. Fails where it
 * has another embedding. */
FeTextEncoder *fe_text_encoder_new (FeDevice *device, const FeWeights *weights,
                                    FeclipActivation activation,
                                    guint embedding, GError **error);

void fe_text_encoder_free (FeTextEncoder *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeTextEncoder, fe_text_encoder_free)

/* Encodes one prompt. ids ends with the end-of-text token. `features`
 * [embedding] is normalised. */
gboolean fe_text_encoder_run (FeTextEncoder *self, const guint32 *ids,
                              guint n_ids, float *features, GError **error);

/* Scales features to length 1; FALSE where their length is 0. */
gboolean fe_text_normalize (float *features, guint n);

G_END_DECLS
