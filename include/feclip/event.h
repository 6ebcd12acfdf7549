/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/result.h>

G_BEGIN_DECLS

/**
 * FeclipEvent:
 * @ended: whether this tells of its end, else of its start
 * @id: its number, from 1 on, larger than that of any event before
 * @timestamp: presentation time of the frame that decided, in ns
 * @stream_time: the same frame's stream time
 * @running_time: the same frame's running time
 * @start_time: presentation time of the first frame that belongs to it
 * @end_time: presentation time from which on frames do not belong to it, if
 *   @ended
 * @duration: from start to end in running time, if @ended
 * @n_frames: analysed frames that belong to it, so far
 * @peak_score: the largest score in it, so far
 * @peak_time: presentation time of the frame with that score
 * @x: left edge of that frame's strongest defect, as a share of its width
 * @y: top edge, as a share of its height
 * @width: its width; 0 where the frame had no defect
 * @height: its height
 * @reason: (nullable): why it ended: "cleared", or what cut it short
 *
 * A stretch of anomalous frames, told of once when it starts and once when it
 * ends. Times that are not known are %G_MAXUINT64.
 */
typedef struct {
  gboolean ended;
  guint64 id;
  guint64 timestamp;
  guint64 stream_time;
  guint64 running_time;
  guint64 start_time;
  guint64 end_time;
  guint64 duration;
  guint64 n_frames;
  double peak_score;
  guint64 peak_time;
  double x;
  double y;
  double width;
  double height;
  const char *reason;
} FeclipEvent;

/**
 * feclip_event_to_json:
 * @self: an event
 * @report: what the line says beside it: source, width and height
 *
 * Writes the start or end of an event as one line of JSON without a line break:
 * the keys of a frame's line, with no objects, and "event".
 *
 * Returns: (transfer full): the line
 */
FECLIP_API
char *feclip_event_to_json (const FeclipEvent *self,
                            const FeclipReport *report);

G_END_DECLS
