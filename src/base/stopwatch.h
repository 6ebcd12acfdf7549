/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Measures the duration of consecutive stages. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  gint64 last; /* when the previous stage ended, from g_get_monotonic_time() */
} FeStopwatch;

void fe_stopwatch_start (FeStopwatch *self);

/* Ends a stage: adds its duration in seconds to *sum and starts the next stage.
 */
void fe_stopwatch_lap (FeStopwatch *self, double *sum);

G_END_DECLS
