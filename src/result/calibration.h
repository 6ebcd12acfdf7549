/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private part of FeclipCalibration, and its JSON file. */
#pragma once

#include <feclip/calibration.h>

G_BEGIN_DECLS

/* Number of quantiles in the file, from the minimum to the maximum. */
#define FE_CALIBRATION_N_QUANTILES 8

extern const char *const fe_calibration_quantiles[FE_CALIBRATION_N_QUANTILES];

/* The public struct comes first, so that a pointer to either can be cast. */
typedef struct {
  FeclipCalibration public;
  GArray *scores; /* double; NULL if loaded from a file */
  GArray *maxima; /* double; as many as scores, or empty */
  double score_quantiles[FE_CALIBRATION_N_QUANTILES];
  double map_quantiles[FE_CALIBRATION_N_QUANTILES];
} FeCalibration;

/* Returns: (transfer full): the contents of the file */
char *fe_calibration_to_json (const FeCalibration *self);

/* Fills @self from untrusted text of @length bytes. Error messages begin with
 * @name. */
gboolean fe_calibration_from_json (FeCalibration *self, const char *text,
                                   gsize length, const char *name,
                                   GError **error);

G_END_DECLS
