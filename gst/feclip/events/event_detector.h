/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/event.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/* Turns the scores of a stream into events, which is all that it knows of: no
 * element, no buffer.
 *
 * The score first goes through a trigger with two thresholds: it is raised from
 * @threshold on and stays so until the score falls below @release_threshold. An
 * event starts once the trigger has been raised for @min_event_duration, and
 * then counts from where it was raised; it ends once the trigger has been
 * lowered for @min_clear_duration, and then counts up to where it was
 * lowered. */

/* What decides. Both durations are running time in ns. */
typedef struct {
  double threshold;
  double release_threshold; /* one above @threshold counts as that one */
  GstClockTime min_event_duration;
  GstClockTime min_clear_duration;
} GstFeclipEventParams;

/* An analysed frame. Without a running time no time passes between frames. */
typedef struct {
  GstClockTime timestamp;
  GstClockTime stream_time;
  GstClockTime running_time;
  GstClockTime duration;
  double score;
  const FeclipDefect *strongest; /* NULL: the frame has no defect */
} GstFeclipMoment;

typedef enum {
  GST_FECLIP_PHASE_CLEAR,
  GST_FECLIP_PHASE_RISING,  /* raised, not for long enough */
  GST_FECLIP_PHASE_EVENT,   /* raised */
  GST_FECLIP_PHASE_FALLING, /* lowered, not for long enough */
} GstFeclipPhase;

/* Zeroed: no frame yet. */
typedef struct {
  GstFeclipPhase phase;
  FeclipEvent event;          /* unless clear */
  GstClockTime start_running; /* running time of its start */
  guint64 n_frames;           /* since its start, those while falling too */
  GstClockTime fall;          /* timestamp of the first frame while falling */
  GstClockTime fall_running;
  GstClockTime end; /* where the last frame ends, in both times */
  GstClockTime end_running;
  guint64 last_id;
} GstFeclipEventDetector;

/* Takes the next frame.
 * Returns: whether an event starts or ends with it; @event then tells of it */
gboolean gst_feclip_event_detector_feed (GstFeclipEventDetector *self,
                                         const GstFeclipEventParams *terms,
                                         const GstFeclipMoment *moment,
                                         FeclipEvent *event);

/* Takes the end of what belongs together; @reason is a constant.
 * Returns: whether an event was cut short; @event then tells of its end */
gboolean gst_feclip_event_detector_finish (GstFeclipEventDetector *self,
                                           const char *reason,
                                           FeclipEvent *event);

/* Returns: the event that the last frame belongs to, 0 for none */
guint64
gst_feclip_event_detector_get_event_id (const GstFeclipEventDetector *self);

G_END_DECLS
