/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/stopwatch.h"

void
fe_stopwatch_start (FeStopwatch *self)
{
  self->last = g_get_monotonic_time ();
}

void
fe_stopwatch_lap (FeStopwatch *self, double *sum)
{
  gint64 now = g_get_monotonic_time ();

  *sum += (double)(now - self->last) / G_USEC_PER_SEC;
  self->last = now;
}
