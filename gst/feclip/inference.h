/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/detector.h>
#include <gst/video/video.h>

#include "feclip/batcher.h"
#include "feclip/references.h"
#include "feclip/frame_job.h"

G_BEGIN_DECLS

/* What one analysis at a time needs: a detector, and a reader for the frames.
 * Used by one thread at a time. */
typedef struct {
  FeclipModel *model;
  FeclipDetector *detector;
  GstFeclipBatchClient *member;         /* NULL: frames go by themselves */
  struct _GstFeclipFrameReader *reader; /* NULL before the first frame */
  GstVideoInfo info;                    /* that the reader was made for */
} GstFeclipInference;

/* Takes a while: the detector runs the network once. Frames go through it with
 * those of others by @member (nullable). Fails with FECLIP_ERROR. */
gboolean gst_feclip_inference_init (GstFeclipInference *self,
                                    FeclipModel *model,
                                    FeclipSettings *settings,
                                    GstFeclipBatchClient *member,
                                    GError **error);

void gst_feclip_inference_clear (GstFeclipInference *self);

/* Goes on with another @detector and the @member it was made by, and with the
 * prompts of @settings, which have been prepared. NULL: as it was. While it
 * analyses nothing. */
void gst_feclip_inference_change (GstFeclipInference *self,
                                  FeclipDetector *detector,
                                  GstFeclipBatchClient *member,
                                  FeclipSettings *settings);

/* A frame and how to look at it. */
typedef struct {
  GstBuffer *buffer;
  GstVideoInfo info;
  FeclipOrientation orientation;
  GstFeclipInferenceRegion region;
  GstClockTime batch_timeout; /* it waits for others no longer */
} GstFeclipFrameInput;

/* Takes from the frame what must not wait until it is analysed, which follows:
 * it may leave before that, and be used by whoever has it then. */
void gst_feclip_inference_take (GstFeclipInference *self,
                                const GstFeclipFrameInput *view);

/* Fills result, rois, error, width, height, company and the times of @outcome.
 * Its error is GST_STREAM_ERROR if the buffer holds no frame, FECLIP_ERROR if
 * the network failed. */
void gst_feclip_inference_analyse (GstFeclipInference *self,
                                   const GstFeclipFrameInput *view,
                                   GstFeclipAnalysis *outcome);

/* Has the frame learnt as normal instead. Fails with the same errors. */
gboolean gst_feclip_inference_learn (GstFeclipInference *self,
                                     GstFeclipReferences *references,
                                     const GstFeclipFrameInput *view,
                                     GError **error);

G_END_DECLS
