/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/feclip.h>

G_BEGIN_DECLS

/* What a frame takes where `batch` of them go through the network together. */
typedef struct {
  guint batch;
  double best_seconds;
  double median_seconds;
} FeBatchTime;

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
  /* FeBatchTime, one for each number of frames at a time; at least one, whose
   * times are measured. */
  GArray *batches;
  /* FeclipKernelTime, or NULL. */
  GPtrArray *kernels;
  FeclipDevicePeaks *peaks;
} FeMeasurement;

void fe_measurement_clear (FeMeasurement *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FeMeasurement, fe_measurement_clear)

/* Loads the model and prepares the detector. */
gboolean fe_measurement_open (FeMeasurement *self, FeclipSettings *settings,
                              GError **error);

/* Analyses the frames, in each of the batches; with @profile as many once more,
 * kernel by kernel, and measures what the device can do. */
gboolean fe_measurement_run (FeMeasurement *self, FeclipSettings *settings,
                             gboolean profile, GError **error);

/* As text for people, and as one line of JSON. */
char *fe_measurement_to_text (const FeMeasurement *self);
char *fe_measurement_to_json (const FeMeasurement *self);

G_END_DECLS
