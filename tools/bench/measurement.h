/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/feclip.h>

G_BEGIN_DECLS

/* The time of one frame in batches of `batch` frames. */
typedef struct {
  guint batch;
  double best_seconds;
  double median_seconds;
} FeBatchTime;

/* What to measure, and the measured numbers. */
typedef struct {
  /* A size of feclip_model_new_random(), or NULL for the settings' files. */
  const char *size;
  char *model_file; /* NULL: random weights, or no file */
  guint frame_width;
  guint frame_height;
  guint warm_up;
  guint rounds;

  FeclipModel *model;
  FeclipDetector *detector;
  double model_seconds;
  double detector_seconds;
  /* Resident memory other than mapped files, in bytes, after opening. */
  guint64 memory;
  /* Peak resident memory, mapped files included. */
  guint64 peak_memory;
  /* Device memory in use after all frames, and its peak. */
  guint64 device_memory;
  guint64 peak_device_memory;
  /* FeBatchTime entries, at least one; `batch` is set, the times are measured.
   */
  GArray *batches;
  /* FeclipKernelTime entries, or NULL without a profile. */
  GPtrArray *kernels;
  FeclipDevicePeaks *peaks;
} FeMeasurement;

void fe_measurement_clear (FeMeasurement *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FeMeasurement, fe_measurement_clear)

/* Loads the model and creates the detector; blocks. */
gboolean fe_measurement_open (FeMeasurement *self, FeclipSettings *settings,
                              GError **error);

/* Measures every batch size; blocks. With @profile, also measures each kernel
 * and the peak of the device. */
gboolean fe_measurement_run (FeMeasurement *self, FeclipSettings *settings,
                             gboolean profile, GError **error);

/* The numbers as text for people, and as one line of JSON. Free the text. */
char *fe_measurement_to_text (const FeMeasurement *self);
char *fe_measurement_to_json (const FeMeasurement *self);

G_END_DECLS
