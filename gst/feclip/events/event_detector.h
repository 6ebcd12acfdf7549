/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/event.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/* Turns the scores of a stream into events. It knows neither elements nor
 * buffers, and locks nothing.
 *
 * A trigger with two thresholds (hysteresis) comes first: the score is high
 * from @threshold on and stays high until it falls below @release_threshold. An
 * event starts once the score has been high for @min_event_duration; its start
 * time is where the score became high. It ends once the score has been low for
 * @min_clear_duration; its end time is where the score became low. */

/* Both durations are running time in ns. */
typedef struct {
  double threshold;
  double release_threshold; /* at most @threshold, larger values count as it */
  GstClockTime min_event_duration;
  GstClockTime min_clear_duration;
} GstFeclipEventParams;

/* A frame's place in time in ns, GST_CLOCK_TIME_NONE where it is unknown. */
typedef struct {
  guint64 timestamp;
  guint64 duration;
  guint64 stream_time;
  guint64 running_time;
} GstFeclipTimes;

/* An analysed frame. Without a running time no time passes between frames. */
typedef struct {
  GstFeclipTimes times;
  double score;
  const FeclipDefect *strongest; /* NULL: the frame has no defect */
} GstFeclipScoredFrame;

typedef enum {
  GST_FECLIP_EVENT_PHASE_CLEAR,
  GST_FECLIP_EVENT_PHASE_RISING,  /* high, not for long enough */
  GST_FECLIP_EVENT_PHASE_ACTIVE,  /* in an event, high */
  GST_FECLIP_EVENT_PHASE_FALLING, /* in an event, low, not for long enough */
} GstFeclipEventPhase;

/* Zeroed: no frame yet. */
typedef struct {
  GstFeclipEventPhase phase;
  FeclipEvent event;          /* unless clear */
  GstClockTime start_running; /* running time of its start */
  guint64 n_frames;           /* since its start, while falling too */
  GstClockTime fall;          /* timestamp of the first frame while falling */
  GstClockTime fall_running;
  GstClockTime end; /* end of the last frame, as timestamp and running time */
  GstClockTime end_running;
  guint64 last_id;
} GstFeclipEventDetector;

/* Takes the next frame.
 * @event (out): the start or the end of an event
 * Returns: whether an event starts or ends with this frame */
gboolean gst_feclip_event_detector_feed (GstFeclipEventDetector *self,
                                         const GstFeclipEventParams *params,
                                         const GstFeclipScoredFrame *frame,
                                         FeclipEvent *event);

/* Ends an event because the stream is interrupted. @reason is a constant.
 * @event (out): the end of the event
 * Returns: whether there was an event to end */
gboolean gst_feclip_event_detector_finish (GstFeclipEventDetector *self,
                                           const char *reason,
                                           FeclipEvent *event);

/* Returns: the id of the event that the last frame belongs to, 0 for none */
guint64
gst_feclip_event_detector_get_event_id (const GstFeclipEventDetector *self);

G_END_DECLS
