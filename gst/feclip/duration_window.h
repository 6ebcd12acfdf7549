/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Durations that are remembered. */
#define GST_FECLIP_N_DURATIONS 128

/* The last so many durations of something. Zeroed: none yet. */
typedef struct {
  GstClockTime values[GST_FECLIP_N_DURATIONS];
  guint64 n; /* ever added */
} GstFeclipDurationWindow;

void gst_feclip_duration_window_add (GstFeclipDurationWindow *self,
                                     GstClockTime duration);

/* Returns: what @percent of the durations do not exceed, 0 without any */
GstClockTime
gst_feclip_duration_window_get_percentile (const GstFeclipDurationWindow *self,
                                           guint percent);

/* Fills @durations with as many such numbers, for each of @percents. */
void gst_feclip_duration_window_get_percentiles (
    const GstFeclipDurationWindow *self, const guint *percents,
    guint n_percents, GstClockTime *durations);

G_END_DECLS
