/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "durations.h"

#include <stdlib.h>
#include <string.h>

void
gst_feclip_durations_add (GstFeclipDurations *self, GstClockTime duration)
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

GstClockTime
gst_feclip_durations_get_percentile (const GstFeclipDurations *self,
                                     guint percent)
{
  GstClockTime sorted[GST_FECLIP_N_DURATIONS];
  guint n = (guint)MIN (self->n, GST_FECLIP_N_DURATIONS);

  if (n == 0)
    return 0;
  memcpy (sorted, self->values, n * sizeof *sorted);
  qsort (sorted, n, sizeof *sorted, compare);
  /* The nearest rank. */
  return sorted[MAX ((n * percent + 99) / 100, 1) - 1];
}
