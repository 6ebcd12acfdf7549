/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/gst/meta.h>
#include <gst/base/gstbasetransform.h>

#include "feclip/events/calibrator.h"
#include "feclip/events/event_detector.h"

G_BEGIN_DECLS

/* Exponential moving averages of a stream's results over running time: a result
 * that comes dt after the previous one has the weight 1 − exp (−dt / T), where
 * T is the time constant. Zeroed: no result yet. */
typedef struct {
  FeclipResult *latest; /* smoothed */
  GstClockTime time;
} GstFeclipSmoothing;

/* Forgets the previous results: the next one has the full weight. */
void gst_feclip_smoothing_clear (GstFeclipSmoothing *self);

/* Both constants are T in ns; 0: no smoothing. A result is not smoothed either
 * if its running time or that of the previous result is unknown, or if time
 * goes backwards.
 * Returns: (transfer full): @result smoothed, or @result itself */
FeclipResult *gst_feclip_smoothing_apply (GstFeclipSmoothing *self,
                                          FeclipResult *result,
                                          GstClockTime running_time,
                                          GstClockTime score_constant,
                                          GstClockTime map_constant);

/* Postprocessing of a stream's results: smoothing over time, calibration of the
 * thresholds, and events. The element owns it and calls it; it knows no more of
 * the element than that it is a GstBaseTransform. */
typedef struct {
  /* Under the element's object lock. */
  GstClockTime score_smoothing;
  GstClockTime map_time_smoothing;
  double release_threshold;
  GstClockTime min_event_duration;
  GstClockTime min_clear_duration;
  gboolean post_events;
  GstFeclipCalibrator calibrator;

  /* Of the thread that pushes frames downstream. */
  GstFeclipSmoothing smoothing;
  GstFeclipEventDetector detector;
  double raw_score; /* of the latest result */
  gboolean normal;  /* a calibration took the latest result */
} GstFeclipPostprocess;

/* Installs the properties with the ids @first_id, @first_id + 1 and so on. */
void gst_feclip_postprocess_install (GObjectClass *klass, guint first_id);

/* @settings: (transfer none): those of the element, which hold its thresholds;
 * used under the object lock, valid as long as @self */
void gst_feclip_postprocess_init (GstFeclipPostprocess *self,
                                  FeclipSettings *settings);
void gst_feclip_postprocess_clear (GstFeclipPostprocess *self);

/* @id: 0 for the first property. Both take the object lock. */
void gst_feclip_postprocess_set_property (GstFeclipPostprocess *self,
                                          GstElement *element, guint id,
                                          const GValue *value);
void gst_feclip_postprocess_get_property (GstFeclipPostprocess *self,
                                          GstElement *element, guint id,
                                          GValue *value);

/* The other functions belong to the thread that pushes frames downstream. They
 * take the object lock. */

/* Replaces the result of a frame by the smoothed one, and passes it to a
 * running calibration.
 * @result (inout) (transfer full) */
void gst_feclip_postprocess_smooth (GstFeclipPostprocess *self,
                                    GstElement *element,
                                    const GstFeclipTimes *times,
                                    FeclipResult **result);

/* Completes @verdict with the raw score and the event that the frame belongs
 * to. If @found, the result is new and comes from the frame at @times: starts
 * or ends an event, which is posted. Else the frame carries an earlier result
 * and belongs to that result's event.
 * @defects: (element-type FeclipDefect): the strongest first */
void gst_feclip_postprocess_decide (GstFeclipPostprocess *self,
                                    GstBaseTransform *element,
                                    const GstFeclipTimes *times, gboolean found,
                                    FeclipVerdict *verdict,
                                    const GArray *defects);

/* Separates the next frames from the previous ones: ends an event for @reason,
 * a constant, and restarts smoothing. */
void gst_feclip_postprocess_reset (GstFeclipPostprocess *self,
                                   GstBaseTransform *element,
                                   const char *reason);

/* Like gst_feclip_postprocess_reset() at the end of the stream; cancels a
 * calibration too. */
void gst_feclip_postprocess_stop (GstFeclipPostprocess *self,
                                  GstBaseTransform *element,
                                  const char *reason);

G_END_DECLS
