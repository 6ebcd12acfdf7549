/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/events/smoothing.h"

#include <math.h>

void
gst_feclip_smoothing_clear (GstFeclipSmoothing *self)
{
  g_clear_pointer (&self->latest, feclip_result_unref);
}

static double
share_after (GstClockTime elapsed, GstClockTime constant)
{
  return constant > 0 ? -expm1 (-(double)elapsed / (double)constant) : 1;
}

FeclipResult *
gst_feclip_smoothing_apply (GstFeclipSmoothing *self, FeclipResult *result,
                            GstClockTime running_time,
                            GstClockTime score_constant,
                            GstClockTime map_constant)
{
  FeclipResult *smoothed = NULL;

  if (self->latest != NULL && GST_CLOCK_TIME_IS_VALID (running_time)
      && GST_CLOCK_TIME_IS_VALID (self->time) && running_time >= self->time) {
    const GstClockTime elapsed = running_time - self->time;

    smoothed = feclip_result_mix (result, self->latest,
                                  share_after (elapsed, score_constant),
                                  share_after (elapsed, map_constant));
  } else {
    smoothed = feclip_result_ref (result);
  }
  gst_feclip_smoothing_clear (self);
  self->latest = feclip_result_ref (smoothed);
  self->time = running_time;
  return smoothed;
}
