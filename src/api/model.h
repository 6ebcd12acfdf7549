/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What other files of api/ need of a FeclipModel beyond its public functions.
 */
#pragma once

#include <feclip/model.h>

#include "network/network.h"

G_BEGIN_DECLS

/* Owned by the model. */
FeNetwork *fe_model_get_network (FeclipModel *self);

/* Fills `features` [2][E] with the normalised features of the normal and the
 * anomalous prompts. With neither set: the features in the files, else those of
 * the method's two prompts. `whole`: a prompt that is too long is an error
 * instead of being cut. Encodes each prompt once. Thread-safe; blocks while the
 * text encoder runs. */
gboolean fe_model_encode_prompts (FeclipModel *self,
                                  const FeclipSettings *settings,
                                  FeclipActivation activation, gboolean whole,
                                  float *features, GError **error);

G_END_DECLS
