/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/last_result.h"

void
gst_feclip_last_result_forget (GstFeclipLastResult *self)
{
  g_clear_pointer (&self->latest, feclip_result_unref);
  g_clear_pointer (&self->defects, g_array_unref);
  *self = (GstFeclipLastResult){0};
}

void
gst_feclip_last_result_update (GstFeclipLastResult *self,
                               const GstFeclipAnalysis *outcome)
{
  if (self->latest != NULL && outcome->number < self->number)
    return;
  gst_feclip_last_result_forget (self);
  self->latest = feclip_result_ref (outcome->result);
  self->fresh = TRUE;
  self->number = outcome->number;
  self->timestamp = outcome->times.timestamp;
  self->width = outcome->width;
  self->height = outcome->height;
}

GstClockTime
gst_feclip_last_result_get_age (const GstFeclipLastResult *self,
                                GstClockTime timestamp)
{
  GstClockTimeDiff age = 0;

  if (!GST_CLOCK_TIME_IS_VALID (timestamp)
      || !GST_CLOCK_TIME_IS_VALID (self->timestamp))
    return GST_CLOCK_TIME_NONE;
  /* Backwards in reverse playback. */
  age = GST_CLOCK_DIFF (self->timestamp, timestamp);
  return (GstClockTime)ABS (age);
}

const GArray *
gst_feclip_last_result_get_defects (GstFeclipLastResult *self,
                                    double pixel_threshold, double min_area)
{
  if (self->defects != NULL && self->defects_threshold == pixel_threshold
      && self->defects_min_area == min_area)
    return self->defects;
  g_clear_pointer (&self->defects, g_array_unref);
  self->defects = feclip_result_find_defects (self->latest, self->width,
                                              self->height, pixel_threshold);
  feclip_defects_drop_small (self->defects, self->width, self->height,
                             min_area);
  self->defects_threshold = pixel_threshold;
  self->defects_min_area = min_area;
  return self->defects;
}
