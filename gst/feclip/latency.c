/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/latency.h"

#define PERCENT 95

/* Sorting them takes a while: not for each frame. */
#define EVERY 16

/* What is less than this apart is the same. */
#define TOLERANCE (2 * GST_MSECOND)

gboolean
gst_feclip_latency_update (GstFeclipLatency *self,
                           const GstFeclipDurationWindow *delays,
                           const GstFeclipDurationWindow *analyses,
                           GstClockTime hold)
{
  GstClockTime now = 0;
  gboolean more = FALSE, less = FALSE, held = hold != self->hold;

  self->hold = hold;
  /* The first one replaces the estimate if it is above it. A smaller one has to
   * prove itself: what is reported falls once all that is remembered is
   * small. */
  if (delays->n != 1 && delays->n % EVERY != 0)
    return self->asked && held;
  now = gst_feclip_duration_window_get_percentile (delays, PERCENT);
  if (hold > 0)
    now = MAX (now - MIN (now, hold),
               gst_feclip_duration_window_get_percentile (analyses, PERCENT));
  more = now > self->reported + MAX (self->reported / 4, TOLERANCE);
  less = delays->n >= GST_FECLIP_N_DURATIONS
         && now + TOLERANCE < self->reported / 2;
  if (more || less)
    self->reported =
        gst_util_uint64_scale_ceil (now, 1, GST_MSECOND) * GST_MSECOND;
  return self->asked && (more || less || held);
}

void
gst_feclip_latency_answer (GstFeclipLatency *self, GstQuery *query)
{
  GstClockTime min = 0, max = 0, own = self->reported + self->hold;

  self->asked = TRUE;
  gst_query_parse_latency (query, &self->live, &min, &max);
  min += own;
  if (GST_CLOCK_TIME_IS_VALID (max))
    max += own;
  gst_query_set_latency (query, self->live, min, max);
}
