/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What detectors need of a FeclipModel beyond its public face. */
#pragma once

#include <feclip/model.h>

#include "network/network.h"

G_BEGIN_DECLS

const FeNetwork *fe_model_get_network (FeclipModel *self);

/* Fills `features` [2][E] with the normalised features of the normal and the
 * anomalous prompts; with neither set: the files' ready ones, else the method's
 * two. A prompt that is too long is cut unless it has to be read as a whole.
 * Encodes each prompt once. Thread-safe; blocks. */
gboolean fe_model_encode_prompts (FeclipModel *self,
                                  const FeclipSettings *settings,
                                  FeclipActivation activation, gboolean whole,
                                  float *features, GError **error);

G_END_DECLS
