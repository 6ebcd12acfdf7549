/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/result.h>
#include <gst/gst.h>

#include "feclip/batcher.h"
#include "feclip/events/event_detector.h"
#include "feclip/overload.h"
#include "feclip/roi.h"

G_BEGIN_DECLS

/* What a frame is treated and judged by, read once, when it arrives. */
typedef struct {
  double threshold;
  double pixel_threshold;
  double min_area;
  guint interval;
  GstFeclipInferenceRegion region;
  gboolean active;
  gboolean post_messages;
  GstFeclipOverload on_overload;
  GstClockTime max_delay; /* a result is waited for, unless they block */
  GstClockTime batch_timeout;
} GstFeclipFrameParams;

void gst_feclip_times_init (GstFeclipTimes *self, GstBuffer *buffer,
                            const GstSegment *segment);

/* What came of an analysis. */
typedef struct {
  FeclipResult *result; /* NULL: it failed, or there was no region */
  GPtrArray *rois;      /* results of regions, NULL: of the whole frame */
  GError *error;        /* as from gst_feclip_inference_analyse() */
  guint width;          /* of the frame, in pixels */
  guint height;
  GstFeclipBatchStats company;
  /* Without the time it waited for others; the sum of those that follow. */
  GstClockTime analysis_time;
  GstClockTime upload_time; /* to map or convert and to copy the frame */
  GstClockTime network_time;
  GstClockTime result_time; /* to read and join what was found */
  guint64 number;           /* of the frame's ticket */
  GstFeclipTimes times;
} GstFeclipAnalysis;

void gst_feclip_analysis_clear (GstFeclipAnalysis *self);

void gst_feclip_analysis_free (GstFeclipAnalysis *self);

typedef enum {
  GST_FECLIP_FRAME_JOB_PASS,     /* carries nothing */
  GST_FECLIP_FRAME_JOB_INACTIVE, /* likewise; earlier results are forgotten */
  GST_FECLIP_FRAME_JOB_REUSE,    /* carries the latest result */
  GST_FECLIP_FRAME_JOB_ANALYSE,  /* carries its own */
  GST_FECLIP_FRAME_JOB_OVERLOAD, /* would have been analysed: as terms say */
} GstFeclipFrameJobKind;

/* A frame between its arrival and its leaving, with all that is to be known
 * about it then. */
typedef struct {
  GstBuffer *buffer;
  GstFeclipFrameJobKind kind;
  GstFeclipFrameParams terms;
  GstFeclipTimes times;
  guint64 number;            /* larger for later frames */
  GstClockTime arrival;      /* as gst_util_get_timestamp() */
  GstClockTime ready;        /* when it could leave, but for downstream */
  GstFeclipAnalysis outcome; /* once it has been analysed */
  gpointer request;          /* of the lane: who analyses it, NULL: nobody */
} GstFeclipFrameJob;

void gst_feclip_frame_job_free (GstFeclipFrameJob *self);

/* Returns: when a frame that is being analysed leaves at the latest, in the
 * unit of g_get_monotonic_time(); G_MAXINT64: whenever it takes */
gint64 gst_feclip_frame_job_get_deadline (const GstFeclipFrameJob *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstFeclipFrameJob, gst_feclip_frame_job_free)

G_END_DECLS
