/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/detector.h>
#include <gst/video/video.h>

G_BEGIN_DECLS

/* Which part of a frame is analysed; registered as GstFeclipInferenceRegion. */
typedef enum {
  GST_FECLIP_INFERENCE_REGION_FULL_FRAME,
  GST_FECLIP_INFERENCE_REGION_ROI_LIST,
} GstFeclipInferenceRegion;

/* Returns: (transfer floating): the property "inference-region" */
GParamSpec *gst_feclip_inference_region_param_spec (GParamFlags flags);

/* Analyses each region of interest on @buffer that is not one of our own and
 * lies in @frame at least in part, as an image of its own.
 * Returns: (transfer full) (element-type FeclipResult): one result per region,
 * or NULL if the network failed */
GPtrArray *gst_feclip_roi_list_analyse (GstBuffer *buffer,
                                        FeclipDetector *detector,
                                        const FeclipFrame *frame,
                                        GError **error);

/* Adds to each of these regions a parameter structure "anomaly" with its
 * result. @buffer is the one analysed, or a copy of it that is writable. */
void gst_feclip_roi_list_write (GstBuffer *buffer, const GPtrArray *results,
                                guint frame_width, guint frame_height,
                                double threshold);

G_END_DECLS
