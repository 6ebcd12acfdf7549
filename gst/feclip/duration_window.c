/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/duration_window.h"

#include <stdlib.h>
#include <string.h>

void
gst_feclip_duration_window_add (GstFeclipDurationWindow *self,
                                GstClockTime duration)
{
  self->values[self->n % GST_FECLIP_N_DURATIONS] = duration;
  self->n++;
}

static int
compare (const void *a, const void *b)
{
  GstClockTime one = *(const GstClockTime *)a;
  GstClockTime other = *(const GstClockTime *)b;

  return (one > other) - (one < other);
}

void
gst_feclip_duration_window_get_percentiles (const GstFeclipDurationWindow *self,
                                            const guint *percents,
                                            guint n_percents,
                                            GstClockTime *durations)
{
  GstClockTime sorted[GST_FECLIP_N_DURATIONS] = {0};
  guint n = (guint)MIN (self->n, GST_FECLIP_N_DURATIONS);

  memcpy (sorted, self->values, n * sizeof *sorted);
  qsort (sorted, n, sizeof *sorted, compare);
  /* The nearest rank. */
  for (guint i = 0; i < n_percents; i++)
    durations[i] = sorted[MAX ((n * percents[i] + 99) / 100, 1) - 1];
}

GstClockTime
gst_feclip_duration_window_get_percentile (const GstFeclipDurationWindow *self,
                                           guint percent)
{
  GstClockTime duration = 0;

  gst_feclip_duration_window_get_percentiles (self, &percent, 1, &duration);
  return duration;
}
