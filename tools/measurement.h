/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/feclip.h>

G_BEGIN_DECLS

/* What is to be measured, and what came out. */
typedef struct {
  /* A size of feclip_model_new_random(), or NULL for the settings' files. */
  const char *size;
  char *model_file; /* NULL: random weights, or none is there */
  guint frame_width;
  guint frame_height;
  guint warm_up;
  guint rounds;

  FeclipModel *model;
  FeclipDetector *detector;
  double model_seconds;
  double detector_seconds;
  /* Resident memory that is no file's page, in bytes, once all is loaded. */
  guint64 memory;
  /* The most that was ever resident, pages of files included. */
  guint64 peak_memory;
  /* Device memory in use once all was analysed, and the most before that. */
  guint64 device_memory;
  guint64 peak_device_memory;
  double best_seconds;
  double median_seconds;
  /* FeclipKernelTime, or NULL. */
  GPtrArray *kernels;
  FeclipCeilings *ceilings;
} FeMeasurement;

void fe_measurement_clear (FeMeasurement *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FeMeasurement, fe_measurement_clear)

/* Loads the model and prepares the detector. */
gboolean fe_measurement_open (FeMeasurement *self, FeclipSettings *settings,
                              GError **error);

/* Analyses the frames; with @profile as many once more, kernel by kernel, and
 * measures what the device can do. */
gboolean fe_measurement_run (FeMeasurement *self, gboolean profile,
                             GError **error);

/* As text for people, and as one line of JSON. */
char *fe_measurement_to_text (const FeMeasurement *self);
char *fe_measurement_to_json (const FeMeasurement *self);

G_END_DECLS
