/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/events/event_detector.h"

static gboolean
is_raised (const GstFeclipEventDetector *self,
           const GstFeclipEventParams *terms, double score)
{
  const gboolean was_raised = self->phase == GST_FECLIP_PHASE_RISING
                              || self->phase == GST_FECLIP_PHASE_EVENT;
  const double release = MIN (terms->release_threshold, terms->threshold);

  return score >= (was_raised ? release : terms->threshold);
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
note_peak (GstFeclipEventDetector *self, const GstFeclipMoment *moment)
{
  const FeclipDefect *defect = moment->strongest;
  FeclipEvent *event = &self->event;

  if (event->n_frames > 0 && !(moment->score > event->peak_score))
    return;
  event->peak_score = moment->score;
  event->peak_time = moment->timestamp;
  event->x = defect ? defect->x_min : 0;
  event->y = defect ? defect->y_min : 0;
  event->width = defect ? defect->x_max - defect->x_min : 0;
  event->height = defect ? defect->y_max - defect->y_min : 0;
}

static void
begin (GstFeclipEventDetector *self, const GstFeclipMoment *moment)
{
  self->event = (FeclipEvent){
      .id = self->last_id + 1,
      .start_time = moment->timestamp,
      .end_time = GST_CLOCK_TIME_NONE,
      .duration = GST_CLOCK_TIME_NONE,
  };
  self->start_running = moment->running_time;
  self->n_frames = 0;
}

/* Counts the frame, which lies in the event unless it is lowered for good. */
static void
include (GstFeclipEventDetector *self, const GstFeclipMoment *moment,
         gboolean raised)
{
  const gboolean times_known = GST_CLOCK_TIME_IS_VALID (moment->duration);

  if (raised)
    note_peak (self, moment);
  self->n_frames++;
  if (raised)
    self->event.n_frames = self->n_frames;
  self->event.timestamp = moment->timestamp;
  self->event.stream_time = moment->stream_time;
  self->event.running_time = moment->running_time;
  self->end = moment->timestamp;
  self->end_running = moment->running_time;
  if (times_known && GST_CLOCK_TIME_IS_VALID (self->end))
    self->end += moment->duration;
  if (times_known && GST_CLOCK_TIME_IS_VALID (self->end_running))
    self->end_running += moment->duration;
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
  self->phase = GST_FECLIP_PHASE_CLEAR;
}

/* Returns: whether an event starts */
static gboolean
rise (GstFeclipEventDetector *self, const GstFeclipEventParams *terms,
      const GstFeclipMoment *moment, FeclipEvent *event)
{
  if (self->phase == GST_FECLIP_PHASE_CLEAR) {
    begin (self, moment);
    self->phase = GST_FECLIP_PHASE_RISING;
  }
  include (self, moment, TRUE);
  if (self->phase != GST_FECLIP_PHASE_RISING) {
    self->phase = GST_FECLIP_PHASE_EVENT;
    return FALSE;
  }
  if (elapsed (self->start_running, moment->running_time)
      < terms->min_event_duration)
    return FALSE;
  self->phase = GST_FECLIP_PHASE_EVENT;
  self->last_id = self->event.id;
  *event = self->event;
  return TRUE;
}

/* Returns: whether an event ends */
static gboolean
fall (GstFeclipEventDetector *self, const GstFeclipEventParams *terms,
      const GstFeclipMoment *moment, FeclipEvent *event)
{
  if (self->phase == GST_FECLIP_PHASE_RISING)
    self->phase = GST_FECLIP_PHASE_CLEAR;
  if (self->phase == GST_FECLIP_PHASE_CLEAR)
    return FALSE;
  include (self, moment, FALSE);
  if (self->phase == GST_FECLIP_PHASE_EVENT) {
    self->phase = GST_FECLIP_PHASE_FALLING;
    self->fall = moment->timestamp;
    self->fall_running = moment->running_time;
  }
  if (elapsed (self->fall_running, moment->running_time)
      < terms->min_clear_duration)
    return FALSE;
  end (self, self->fall, self->fall_running, "cleared", event);
  return TRUE;
}

gboolean
gst_feclip_event_detector_feed (GstFeclipEventDetector *self,
                                const GstFeclipEventParams *terms,
                                const GstFeclipMoment *moment,
                                FeclipEvent *event)
{
  if (is_raised (self, terms, moment->score))
    return rise (self, terms, moment, event);
  return fall (self, terms, moment, event);
}

gboolean
gst_feclip_event_detector_finish (GstFeclipEventDetector *self,
                                  const char *reason, FeclipEvent *event)
{
  const GstFeclipPhase phase = self->phase;

  self->phase = GST_FECLIP_PHASE_CLEAR;
  if (phase == GST_FECLIP_PHASE_EVENT)
    end (self, self->end, self->end_running, reason, event);
  else if (phase == GST_FECLIP_PHASE_FALLING)
    end (self, self->fall, self->fall_running, reason, event);
  return phase == GST_FECLIP_PHASE_EVENT || phase == GST_FECLIP_PHASE_FALLING;
}

guint64
gst_feclip_event_detector_get_event_id (const GstFeclipEventDetector *self)
{
  return self->phase == GST_FECLIP_PHASE_EVENT
                 || self->phase == GST_FECLIP_PHASE_FALLING
             ? self->event.id
             : 0;
}
