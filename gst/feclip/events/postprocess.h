/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/gst/meta.h>
#include <gst/base/gstbasetransform.h>

#include "feclip/events/calibrator.h"
#include "feclip/events/event_detector.h"
#include "feclip/events/smoothing.h"
#include "feclip/frame_job.h"

G_BEGIN_DECLS

/* Makes of a stream's results what an inspection line acts on: smooths them
 * over time, tells of events and learns thresholds. */
typedef struct {
  /* Under the element's object lock. */
  GstClockTime score_smoothing;
  GstClockTime map_time_smoothing;
  double release_threshold;
  GstClockTime min_event_duration;
  GstClockTime min_clear_duration;
  gboolean post_events;
  GstFeclipCalibrator calibrator;

  /* Of the thread that lets frames out. */
  GstFeclipSmoothing smoothing;
  GstFeclipEventDetector decision;
  double raw_score; /* of the latest result */
  gboolean normal;  /* that one was taken for normal */
} GstFeclipPostprocess;

/* Installs the properties as @first_id, @first_id + 1 and so on, and the action
 * signals, which reach the judge through gst_feclip_get_postprocess(). */
void gst_feclip_postprocess_install (GObjectClass *klass, guint first_id);

void gst_feclip_postprocess_init (GstFeclipPostprocess *self);
void gst_feclip_postprocess_clear (GstFeclipPostprocess *self);

/* @id counts from the first property. Both take the object lock. */
void gst_feclip_postprocess_set_property (GstFeclipPostprocess *self,
                                          GstElement *element, guint id,
                                          const GValue *value);
void gst_feclip_postprocess_get_property (GstFeclipPostprocess *self,
                                          GstElement *element, guint id,
                                          GValue *value);

/* The rest is called by whichever thread frames leave in. */

/* Replaces the result of a frame at @times by the smoothed one. */
void gst_feclip_postprocess_smooth (GstFeclipPostprocess *self,
                                    GstElement *element,
                                    const GstFeclipTimes *times,
                                    FeclipResult **result);

/* Completes a verdict, and if its result was only just @found, in the frame at
 * @times, tells of an event that starts or ends with it. Frames that carry an
 * earlier result belong to its event. */
void gst_feclip_postprocess_decide (GstFeclipPostprocess *self,
                                    GstBaseTransform *element,
                                    const GstFeclipTimes *times, gboolean found,
                                    FeclipVerdict *verdict,
                                    const GArray *defects);

/* What comes next does not belong to what was: an event ends for @reason, a
 * constant, and smoothing begins anew. */
void gst_feclip_postprocess_reset (GstFeclipPostprocess *self,
                                   GstBaseTransform *element,
                                   const char *reason);

/* The stream is over, @reason says why. */
void gst_feclip_postprocess_stop (GstFeclipPostprocess *self,
                                  GstBaseTransform *element,
                                  const char *reason);

G_END_DECLS
