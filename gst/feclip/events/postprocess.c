/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/events/postprocess.h"

#include <math.h>

#include "feclip/events/event_structure.h"

#define DEFAULT_POST_EVENTS TRUE
/* The largest value: the threshold applies instead. */
#define DEFAULT_RELEASE_THRESHOLD 1000.0

enum {
  PROP_CALIBRATION_FILE,
  PROP_SCORE_SMOOTHING,
  PROP_MAP_TIME_SMOOTHING,
  PROP_RELEASE_THRESHOLD,
  PROP_MIN_EVENT_DURATION,
  PROP_MIN_CLEAR_DURATION,
  PROP_POST_EVENTS,
};

/* Smoothing */

void
gst_feclip_smoothing_clear (GstFeclipSmoothing *self)
{
  g_clear_pointer (&self->latest, feclip_result_unref);
}

static double
get_weight (GstClockTime elapsed, GstClockTime constant)
{
  return constant > 0 ? -expm1 (-(double)elapsed / (double)constant) : 1;
}

FeclipResult *
gst_feclip_smoothing_apply (GstFeclipSmoothing *self, FeclipResult *result,
                            GstClockTime running_time,
                            GstClockTime score_constant,
                            GstClockTime map_constant)
{
  FeclipResult *smoothed = NULL;

  if (self->latest != NULL && GST_CLOCK_TIME_IS_VALID (running_time)
      && GST_CLOCK_TIME_IS_VALID (self->time) && running_time >= self->time) {
    const GstClockTime elapsed = running_time - self->time;

    smoothed = feclip_result_mix (result, self->latest,
                                  get_weight (elapsed, score_constant),
                                  get_weight (elapsed, map_constant));
  } else {
    smoothed = feclip_result_ref (result);
  }
  gst_feclip_smoothing_clear (self);
  self->latest = feclip_result_ref (smoothed);
  self->time = running_time;
  return smoothed;
}

/* Properties */

static GParamSpec *
make_time (const char *name, const char *nick, const char *blurb)
{
  return g_param_spec_uint64 (name, nick, blurb, 0, G_MAXUINT64, 0,
                              G_PARAM_STATIC_STRINGS | G_PARAM_READWRITE
                                  | GST_PARAM_MUTABLE_PLAYING);
}

void
gst_feclip_postprocess_install (GObjectClass *klass, guint first_id)
{
  const GParamFlags live =
      G_PARAM_STATIC_STRINGS | G_PARAM_READWRITE | GST_PARAM_MUTABLE_PLAYING;

  g_object_class_install_property (
      klass, first_id + PROP_CALIBRATION_FILE,
      g_param_spec_string ("calibration-file", "Calibration file",
                           "File of `feclip calibrate` that sets threshold and "
                           "pixel-threshold; a value set later stays",
                           NULL, live));
  g_object_class_install_property (
      klass, first_id + PROP_SCORE_SMOOTHING,
      make_time ("score-smoothing", "Score smoothing",
                 "Time constant of a moving average of the score, in "
                 "nanoseconds; 0: none"));
  g_object_class_install_property (
      klass, first_id + PROP_MAP_TIME_SMOOTHING,
      make_time ("map-time-smoothing", "Map smoothing over time",
                 "Time constant of a moving average of the map, in "
                 "nanoseconds; 0: none"));
  g_object_class_install_property (
      klass, first_id + PROP_RELEASE_THRESHOLD,
      g_param_spec_double ("release-threshold", "Release threshold",
                           "An event lasts until the score falls below this; a "
                           "value above threshold counts as threshold",
                           -1000, 1000, DEFAULT_RELEASE_THRESHOLD, live));
  g_object_class_install_property (
      klass, first_id + PROP_MIN_EVENT_DURATION,
      make_time ("min-event-duration", "Minimum event duration",
                 "An event starts once the score has been high for this "
                 "long, in nanoseconds"));
  g_object_class_install_property (
      klass, first_id + PROP_MIN_CLEAR_DURATION,
      make_time ("min-clear-duration", "Minimum clear duration",
                 "An event ends once the score has been low for this long, in "
                 "nanoseconds"));
  g_object_class_install_property (
      klass, first_id + PROP_POST_EVENTS,
      g_param_spec_boolean ("post-events", "Post events",
                            "Post an element message when an event starts and "
                            "when it ends",
                            DEFAULT_POST_EVENTS, live));
}

void
gst_feclip_postprocess_init (GstFeclipPostprocess *self,
                             FeclipSettings *settings)
{
  self->calibrator.settings = settings;
  self->release_threshold = DEFAULT_RELEASE_THRESHOLD;
  self->post_events = DEFAULT_POST_EVENTS;
}

void
gst_feclip_postprocess_clear (GstFeclipPostprocess *self)
{
  gst_feclip_smoothing_clear (&self->smoothing);
  gst_feclip_calibrator_clear (&self->calibrator);
}

static guint64 *
find_time (GstFeclipPostprocess *self, guint id)
{
  switch (id) {
  case PROP_SCORE_SMOOTHING:
    return &self->score_smoothing;
  case PROP_MAP_TIME_SMOOTHING:
    return &self->map_time_smoothing;
  case PROP_MIN_EVENT_DURATION:
    return &self->min_event_duration;
  default:
    return &self->min_clear_duration;
  }
}

void
gst_feclip_postprocess_set_property (GstFeclipPostprocess *self,
                                     GstElement *element, guint id,
                                     const GValue *value)
{
  if (id == PROP_CALIBRATION_FILE) {
    gst_feclip_calibrator_set_file (&self->calibrator, element,
                                    g_value_get_string (value));
    return;
  }
  GST_OBJECT_LOCK (element);
  if (id == PROP_RELEASE_THRESHOLD)
    self->release_threshold = g_value_get_double (value);
  else if (id == PROP_POST_EVENTS)
    self->post_events = g_value_get_boolean (value);
  else
    *find_time (self, id) = g_value_get_uint64 (value);
  GST_OBJECT_UNLOCK (element);
}

void
gst_feclip_postprocess_get_property (GstFeclipPostprocess *self,
                                     GstElement *element, guint id,
                                     GValue *value)
{
  GST_OBJECT_LOCK (element);
  if (id == PROP_CALIBRATION_FILE)
    g_value_set_string (value, self->calibrator.file);
  else if (id == PROP_RELEASE_THRESHOLD)
    g_value_set_double (value, self->release_threshold);
  else if (id == PROP_POST_EVENTS)
    g_value_set_boolean (value, self->post_events);
  else
    g_value_set_uint64 (value, *find_time (self, id));
  GST_OBJECT_UNLOCK (element);
}

/* Frames */

void
gst_feclip_postprocess_smooth (GstFeclipPostprocess *self, GstElement *element,
                               const GstFeclipTimes *times,
                               FeclipResult **result)
{
  FeclipResult *smoothed = NULL;
  GstClockTime score_constant = 0, map_constant = 0;
  gboolean calibrating = FALSE;

  GST_OBJECT_LOCK (element);
  score_constant = self->score_smoothing;
  map_constant = self->map_time_smoothing;
  calibrating = self->calibrator.collected != NULL;
  GST_OBJECT_UNLOCK (element);

  self->raw_score = (*result)->score;
  smoothed = gst_feclip_smoothing_apply (&self->smoothing, *result,
                                         times->running_time, score_constant,
                                         map_constant);
  feclip_result_unref (*result);
  *result = smoothed;
  self->normal =
      calibrating
      && gst_feclip_calibrator_add (&self->calibrator, element, smoothed);
}

/* Posts an event to the application, and sends it downstream in order with the
 * buffers, to elements that write events to a file. */
static void
announce (GstFeclipPostprocess *self, GstBaseTransform *element,
          const FeclipEvent *event)
{
  GstStructure *fields = NULL;
  gboolean post = FALSE;

  GST_OBJECT_LOCK (element);
  post = self->post_events;
  GST_OBJECT_UNLOCK (element);
  if (!post)
    return;
  fields = gst_feclip_event_to_structure (event);
  gst_pad_push_event (GST_BASE_TRANSFORM_SRC_PAD (element),
                      gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM,
                                            gst_structure_copy (fields)));
  gst_element_post_message (
      GST_ELEMENT (element),
      gst_message_new_element (GST_OBJECT (element), fields));
}

static void
finish_event (GstFeclipPostprocess *self, GstBaseTransform *element,
              const char *reason)
{
  FeclipEvent event;

  if (gst_feclip_event_detector_finish (&self->detector, reason, &event))
    announce (self, element, &event);
}

void
gst_feclip_postprocess_decide (GstFeclipPostprocess *self,
                               GstBaseTransform *element,
                               const GstFeclipTimes *times, gboolean found,
                               FeclipVerdict *verdict, const GArray *defects)
{
  GstFeclipScoredFrame frame = {
      .times = *times,
      .score = verdict->result->score,
  };
  GstFeclipEventParams params = {.threshold = verdict->threshold};
  FeclipEvent event;

  verdict->raw_score = self->raw_score;
  if (defects->len > 0)
    frame.strongest = &g_array_index (defects, FeclipDefect, 0);
  GST_OBJECT_LOCK (element);
  params.release_threshold = self->release_threshold;
  params.min_event_duration = self->min_event_duration;
  params.min_clear_duration = self->min_clear_duration;
  GST_OBJECT_UNLOCK (element);

  if (found && self->normal)
    finish_event (self, element, "calibration");
  else if (found
           && gst_feclip_event_detector_feed (&self->detector, &params, &frame,
                                              &event))
    announce (self, element, &event);
  verdict->event_id = gst_feclip_event_detector_get_event_id (&self->detector);
}

void
gst_feclip_postprocess_reset (GstFeclipPostprocess *self,
                              GstBaseTransform *element, const char *reason)
{
  finish_event (self, element, reason);
  gst_feclip_smoothing_clear (&self->smoothing);
}

void
gst_feclip_postprocess_stop (GstFeclipPostprocess *self,
                             GstBaseTransform *element, const char *reason)
{
  gst_feclip_postprocess_reset (self, element, reason);
  gst_feclip_calibrator_stop (&self->calibrator, GST_ELEMENT (element));
}
