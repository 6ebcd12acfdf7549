/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/gst/meta.h>
#include <gst/video/video.h>

#include "feclip/frame_job.h"

G_BEGIN_DECLS

/* The latest result among a stream's frames. Zeroed: none. Used by whichever
 * thread the frames leave in. */
typedef struct {
  FeclipResult *latest; /* NULL: none yet, or forgotten */
  gboolean fresh;       /* no frame has carried it */
  guint64 number;       /* of its frame's ticket */
  GstClockTime timestamp;
  guint width; /* of its frame, in pixels */
  guint height;
  GArray *defects; /* of the latest result, NULL when not known */
  double defects_threshold;
  double defects_min_area;
} GstFeclipLastResult;

/* Makes the next frame one without a result, until one is analysed. */
void gst_feclip_last_result_forget (GstFeclipLastResult *self);

/* Makes what was found the latest result, unless that of a later frame is
 * known. */
void gst_feclip_last_result_update (GstFeclipLastResult *self,
                                    const GstFeclipAnalysis *outcome);

/* Returns: how far the frame of the latest result is from one at @timestamp, or
 * GST_CLOCK_TIME_NONE where a timestamp is missing */
GstClockTime gst_feclip_last_result_get_age (const GstFeclipLastResult *self,
                                             GstClockTime timestamp);

/* Returns: (transfer none): the latest result's defects of at least @min_area,
 * largest confidence first; searched for only when a limit has moved */
const GArray *gst_feclip_last_result_get_defects (GstFeclipLastResult *self,
                                                  double pixel_threshold,
                                                  double min_area);

G_END_DECLS
