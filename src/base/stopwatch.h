/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long the stages of something take that follow each other. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  gint64 last; /* when the stage before ended, as g_get_monotonic_time() */
} FeStopwatch;

void fe_stopwatch_start (FeStopwatch *self);

/* Ends a stage: adds the seconds that it took to *sum. */
void fe_stopwatch_lap (FeStopwatch *self, double *sum);

G_END_DECLS
