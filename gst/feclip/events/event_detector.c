/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/events/event_detector.h"

static gboolean
is_high (const GstFeclipEventDetector *self, const GstFeclipEventParams *params,
         double score)
{
  const gboolean was_high = self->phase == GST_FECLIP_EVENT_PHASE_RISING
                            || self->phase == GST_FECLIP_EVENT_PHASE_ACTIVE;
  const double release = MIN (params->release_threshold, params->threshold);

  return score >= (was_high ? release : params->threshold);
}

static GstClockTime
elapsed (GstClockTime from, GstClockTime to)
{
  if (!GST_CLOCK_TIME_IS_VALID (from) || !GST_CLOCK_TIME_IS_VALID (to)
      || to < from)
    return 0;
  return to - from;
}

static void
note_peak (GstFeclipEventDetector *self, const GstFeclipScoredFrame *frame)
{
  const FeclipDefect *defect = frame->strongest;
  FeclipEvent *event = &self->event;

  if (event->n_frames > 0 && !(frame->score > event->peak_score))
    return;
  event->peak_score = frame->score;
  event->peak_time = frame->times.timestamp;
  event->x = defect ? defect->x_min : 0;
  event->y = defect ? defect->y_min : 0;
  event->width = defect ? defect->x_max - defect->x_min : 0;
  event->height = defect ? defect->y_max - defect->y_min : 0;
}

static void
begin (GstFeclipEventDetector *self, const GstFeclipScoredFrame *frame)
{
  self->event = (FeclipEvent){
      .id = self->last_id + 1,
      .start_time = frame->times.timestamp,
      .end_time = GST_CLOCK_TIME_NONE,
      .duration = GST_CLOCK_TIME_NONE,
  };
  self->start_running = frame->times.running_time;
  self->n_frames = 0;
}

/* Counts the frame. One with a low score belongs to the event only if a high
 * one follows before the event ends. */
static void
include (GstFeclipEventDetector *self, const GstFeclipScoredFrame *frame,
         gboolean high)
{
  const gboolean times_known = GST_CLOCK_TIME_IS_VALID (frame->times.duration);

  if (high)
    note_peak (self, frame);
  self->n_frames++;
  if (high)
    self->event.n_frames = self->n_frames;
  self->event.timestamp = frame->times.timestamp;
  self->event.stream_time = frame->times.stream_time;
  self->event.running_time = frame->times.running_time;
  self->end = frame->times.timestamp;
  self->end_running = frame->times.running_time;
  if (times_known && GST_CLOCK_TIME_IS_VALID (self->end))
    self->end += frame->times.duration;
  if (times_known && GST_CLOCK_TIME_IS_VALID (self->end_running))
    self->end_running += frame->times.duration;
}

static void
end (GstFeclipEventDetector *self, GstClockTime time, GstClockTime running_time,
     const char *reason, FeclipEvent *event)
{
  self->event.ended = TRUE;
  self->event.end_time = time;
  self->event.reason = reason;
  if (GST_CLOCK_TIME_IS_VALID (self->start_running)
      && GST_CLOCK_TIME_IS_VALID (running_time))
    self->event.duration = elapsed (self->start_running, running_time);
  *event = self->event;
  self->phase = GST_FECLIP_EVENT_PHASE_CLEAR;
}

/* Returns: whether an event starts */
static gboolean
rise (GstFeclipEventDetector *self, const GstFeclipEventParams *params,
      const GstFeclipScoredFrame *frame, FeclipEvent *event)
{
  if (self->phase == GST_FECLIP_EVENT_PHASE_CLEAR) {
    begin (self, frame);
    self->phase = GST_FECLIP_EVENT_PHASE_RISING;
  }
  include (self, frame, TRUE);
  if (self->phase != GST_FECLIP_EVENT_PHASE_RISING) {
    self->phase = GST_FECLIP_EVENT_PHASE_ACTIVE;
    return FALSE;
  }
  if (elapsed (self->start_running, frame->times.running_time)
      < params->min_event_duration)
    return FALSE;
  self->phase = GST_FECLIP_EVENT_PHASE_ACTIVE;
  self->last_id = self->event.id;
  *event = self->event;
  return TRUE;
}

/* Returns: whether an event ends */
static gboolean
fall (GstFeclipEventDetector *self, const GstFeclipEventParams *params,
      const GstFeclipScoredFrame *frame, FeclipEvent *event)
{
  if (self->phase == GST_FECLIP_EVENT_PHASE_RISING)
    self->phase = GST_FECLIP_EVENT_PHASE_CLEAR;
  if (self->phase == GST_FECLIP_EVENT_PHASE_CLEAR)
    return FALSE;
  include (self, frame, FALSE);
  if (self->phase == GST_FECLIP_EVENT_PHASE_ACTIVE) {
    self->phase = GST_FECLIP_EVENT_PHASE_FALLING;
    self->fall = frame->times.timestamp;
    self->fall_running = frame->times.running_time;
  }
  if (elapsed (self->fall_running, frame->times.running_time)
      < params->min_clear_duration)
    return FALSE;
  end (self, self->fall, self->fall_running, "cleared", event);
  return TRUE;
}

gboolean
gst_feclip_event_detector_feed (GstFeclipEventDetector *self,
                                const GstFeclipEventParams *params,
                                const GstFeclipScoredFrame *frame,
                                FeclipEvent *event)
{
  if (is_high (self, params, frame->score))
    return rise (self, params, frame, event);
  return fall (self, params, frame, event);
}

gboolean
gst_feclip_event_detector_finish (GstFeclipEventDetector *self,
                                  const char *reason, FeclipEvent *event)
{
  const GstFeclipEventPhase phase = self->phase;

  self->phase = GST_FECLIP_EVENT_PHASE_CLEAR;
  if (phase == GST_FECLIP_EVENT_PHASE_ACTIVE)
    end (self, self->end, self->end_running, reason, event);
  else if (phase == GST_FECLIP_EVENT_PHASE_FALLING)
    end (self, self->fall, self->fall_running, reason, event);
  return phase == GST_FECLIP_EVENT_PHASE_ACTIVE
         || phase == GST_FECLIP_EVENT_PHASE_FALLING;
}

guint64
gst_feclip_event_detector_get_event_id (const GstFeclipEventDetector *self)
{
  return self->phase == GST_FECLIP_EVENT_PHASE_ACTIVE
                 || self->phase == GST_FECLIP_EVENT_PHASE_FALLING
             ? self->event.id
             : 0;
}
