/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What detectors need of a FeclipModel beyond its public face. */
#pragma once

#include <feclip/model.h>

#include "network.h"

G_BEGIN_DECLS

const FeNetwork *fe_model_get_network (FeclipModel *self);

/* Fills `features` [2][E] with the normalised features of a normal and an
 * anomalous prompt; NULL, NULL: the files' ready ones, else the method's two.
 * Encodes each prompt once in the model's life. Thread-safe; blocks. */
gboolean fe_model_encode_prompts (FeclipModel *self, const char *normal,
                                  const char *anomaly,
                                  FeclipActivation activation, float *features,
                                  GError **error);

G_END_DECLS
