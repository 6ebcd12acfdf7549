/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/result.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/* Exponential moving averages of a stream's results over running time: a result
 * that comes dt after the one before counts for 1 − exp (−dt / T), T being the
 * time constant. Zeroed: no result yet. */
typedef struct {
  FeclipResult *latest; /* smoothed */
  GstClockTime time;
} GstFeclipSmoothing;

/* Forgets what was, so that the next result counts in full. */
void gst_feclip_smoothing_clear (GstFeclipSmoothing *self);

/* A time constant of 0 does not smooth. Neither is there smoothing from or to a
 * result without a running time, nor backwards in time.
 * Returns: (transfer full): @result smoothed, or itself */
FeclipResult *gst_feclip_smoothing_apply (GstFeclipSmoothing *self,
                                          FeclipResult *result,
                                          GstClockTime running_time,
                                          GstClockTime score_constant,
                                          GstClockTime map_constant);

G_END_DECLS
