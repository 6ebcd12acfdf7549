/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/detector.h>
#include <gst/video/video.h>

G_BEGIN_DECLS

/* Analyses each region of interest on @buffer as an image of its own, without
 * our own defects and regions outside of @frame. Blocks. Fails with
 * FECLIP_ERROR.
 * Returns: (transfer full) (element-type FeclipResult) (nullable): one result
 * for each region, NULL if the network failed */
GPtrArray *gst_feclip_roi_list_analyse (GstBuffer *buffer,
                                        FeclipDetector *detector,
                                        const FeclipFrame *frame,
                                        GError **error);

/* Adds a parameter structure "anomaly" with its result to each of these
 * regions. @buffer is the analysed one, or a copy of it, and writable. */
void gst_feclip_roi_list_write (GstBuffer *buffer, const GPtrArray *results,
                                guint frame_width, guint frame_height,
                                double threshold);

G_END_DECLS
