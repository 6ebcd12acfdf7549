/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The settings of a detector after defaults are resolved: each comes from
 * FeclipSettings, else from the files' metadata, else from the method. */
#pragma once

#include "network/network.h"
#include "base/settings.h"
#include "image/tiling.h"

G_BEGIN_DECLS

typedef struct {
  guint n_taps;
  guint taps[FE_MAX_TAPS]; /* blocks, ascending */
  FeAdapterConfig adapter;
  FeclipActivation activation;
  double temperature;
  FeclipMapType map_type;
  double map_smoothing;
  FeclipFit fit;
  FeTiling tiling;
  FeclipReferenceScore reference_score;
} FeConfig;

gboolean fe_config_resolve (FeConfig *self, const FeclipSettings *settings,
                            const FeNetwork *network, GError **error);

G_END_DECLS
