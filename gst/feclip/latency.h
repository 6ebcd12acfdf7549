/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "feclip/stats.h"

G_BEGIN_DECLS

/* What an element answers to the LATENCY query: an estimate until frames have
 * been measured, and from then on what all but a few of them took. It moves
 * only when that has moved notably, since the whole pipeline follows. Zeroed:
 * none. */
typedef struct {
  GstClockTime reported; /* without */
  GstClockTime hold;     /* how long a frame may be held before its analysis */
  gboolean asked;        /* before, nobody needs to hear of a change */
  gboolean live;         /* as upstream said last */
} GstFeclipLatency;

/* Takes @delays into account, and that a frame may be held for as long as @hold
 * before its analysis, even if those of late were not. Returns: whether who
 * has asked should ask again */
gboolean gst_feclip_latency_update (GstFeclipLatency *self,
                                    const GstFeclipDurationWindow *delays,
                                    const GstFeclipDurationWindow *analyses,
                                    GstClockTime hold);

/* Adds it to what upstream answered to @query. */
void gst_feclip_latency_answer (GstFeclipLatency *self, GstQuery *query);

G_END_DECLS
