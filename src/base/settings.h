/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private part of FeclipSettings; the library reads the fields directly. */
#pragma once

#include <feclip/settings.h>

G_BEGIN_DECLS

struct _FeclipSettings {
  GObject parent;

  /* Read by feclip_model_new() */
  char *model_file;
  char *adapter_file;
  char *tokenizer_file;
  char *device;
  FeclipWeightsStorage weights_storage;
  FeclipPrecision precision;

  /* Read by feclip_detector_new(). Values for "auto": a negative lambda, a
   * temperature or window of 0, NULL as tap_blocks. */
  char *normal_prompt;
  char *anomaly_prompt;
  char *tap_blocks;
  double lambda;
  double temperature;
  gboolean use_logit_scale;
  FeclipLfsStatistic lfs_statistic;
  guint ffe_window;
  guint lfs_window;
  FeclipActivation activation;
  FeclipMapType map_type;
  double map_smoothing;
  FeclipFit fit;
  char *tiles;
  double tile_overlap;
  FeclipReferenceScore reference_score;

  /* Read by feclip_detector_new() and feclip_detector_update_regions(). */
  char *include_regions;
  char *ignore_regions;
  char *regions_file;

  /* Read by callers of feclip_references_reduce(). */
  guint reference_limit;

  /* Read by callers that classify or draw results. */
  double threshold;
  double pixel_threshold;
  double min_area;
};

G_END_DECLS
