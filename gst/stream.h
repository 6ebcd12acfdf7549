/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/detector.h>
#include <feclip/gst/meta.h>
#include <gst/video/video.h>

#include "orientation.h"
#include "roi_list.h"

G_BEGIN_DECLS

/* The frames of one stream and the latest result among them. Zeroed: before
 * caps. Used by the streaming thread. */
typedef struct {
  struct _GstFeclipReader *reader; /* NULL before caps */
  GstFeclipOrientation orientation;
  FeclipResult *latest; /* NULL: none yet, or forgotten */
  GPtrArray *rois;      /* results of its regions, NULL: of the whole frame */
  guint age;            /* frames since it was found */
  guint width;          /* of its frame, in pixels */
  guint height;
  GArray *defects; /* of the latest result, NULL when not known */
  double defects_threshold;
} GstFeclipStream;

void gst_feclip_stream_clear (GstFeclipStream *self);

/* From now on frames are as @info says. */
void gst_feclip_stream_set_info (GstFeclipStream *self,
                                 const GstVideoInfo *info);

/* Makes the next frame one without a result, until it is analysed. */
void gst_feclip_stream_forget (GstFeclipStream *self);

/* Returns: whether there can be a frame in @buffer */
gboolean gst_feclip_stream_can_analyse (GstBuffer *buffer);

/* Makes the result of @buffer, or of the regions on it, the latest one; there
 * is none after a failure, nor where there are no regions.
 * Fails with GST_STREAM_ERROR if the buffer holds no frame, with FECLIP_ERROR
 * if the network failed. */
gboolean gst_feclip_stream_analyse (GstFeclipStream *self,
                                    FeclipDetector *detector, GstBuffer *buffer,
                                    GstFeclipInferenceRegion region,
                                    GError **error);

/* Returns: (transfer none): the latest result's defects, largest confidence
 * first; searched for only when @pixel_threshold has moved */
const GArray *gst_feclip_stream_get_defects (GstFeclipStream *self,
                                             double pixel_threshold);

G_END_DECLS
