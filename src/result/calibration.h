/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What lies inside FeclipCalibration, and its file. */
#pragma once

#include <feclip/calibration.h>

G_BEGIN_DECLS

/* Quantiles that the file tells about, from the minimum to the maximum. */
#define FE_CALIBRATION_N_QUANTILES 8

extern const char *const fe_calibration_quantiles[FE_CALIBRATION_N_QUANTILES];

/* The public struct first, so that one pointer serves both. */
typedef struct {
  FeclipCalibration public;
  GArray *scores; /* double; NULL in a loaded one */
  GArray *maxima; /* double; as many as scores, or none */
  double score_quantiles[FE_CALIBRATION_N_QUANTILES];
  double map_quantiles[FE_CALIBRATION_N_QUANTILES];
} FeCalibration;

/* Returns: (transfer full): the file's text */
char *fe_calibration_to_json (const FeCalibration *self);

/* Fills in @self from an untrusted text of @length bytes; fails with a sentence
 * that begins with @name. */
gboolean fe_calibration_from_json (FeCalibration *self, const char *text,
                                   gsize length, const char *name,
                                   GError **error);

G_END_DECLS
