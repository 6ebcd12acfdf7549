/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/result.h>

G_BEGIN_DECLS

/**
 * FeclipEvent:
 * @ended: %TRUE for the end of the event, %FALSE for its start
 * @id: number of the event; the first one is 1, later ones are larger
 * @timestamp: timestamp in ns of the frame with which the start or the end was
 *   detected
 * @stream_time: stream time of the same frame
 * @running_time: running time of the same frame
 * @start_time: timestamp of the first frame of the event
 * @end_time: timestamp from which on frames do not belong to the event, if
 *   @ended
 * @duration: running time from start to end, if @ended
 * @n_frames: analysed frames of the event so far
 * @peak_score: the largest score so far
 * @peak_time: timestamp of the frame with that score
 * @x: left edge of the strongest defect of that frame, as a fraction of the
 *   frame's width
 * @y: top edge, as a fraction of the frame's height
 * @width: width of the defect; 0 if the frame has none
 * @height: height of the defect
 * @reason: (nullable): why it ended: "cleared", or the cause of an interruption
 *
 * The start or the end of an event, which is a sequence of anomalous frames.
 * Unknown times are %G_MAXUINT64.
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
 * @report: the other values of the line: source, width and height
 *
 * Writes the start or the end of an event as one line of JSON without a line
 * break. It has the keys of a frame's line, with an empty list of objects, and
 * "event".
 *
 * Returns: (transfer full): the line
 */
FECLIP_API
char *feclip_event_to_json (const FeclipEvent *self,
                            const FeclipReport *report);

G_END_DECLS
