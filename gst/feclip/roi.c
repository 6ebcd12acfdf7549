/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/roi.h"

#include <feclip/gst/meta.h>

/* The type of the regions that are our own defects. */
#define OWN_TYPE "anomaly"

/* Finds the next region to analyse; @area is the part of it inside the frame.
 * Returns: (transfer none) (nullable): NULL after the last one */
static GstVideoRegionOfInterestMeta *
next_region (GstBuffer *buffer, gpointer *state, guint frame_width,
             guint frame_height, GstVideoRectangle *area)
{
  GstMeta *meta = NULL;

  while ((meta = gst_buffer_iterate_meta_filtered (
              buffer, state, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE))) {
    GstVideoRegionOfInterestMeta *region = (GstVideoRegionOfInterestMeta *)meta;

    if (region->roi_type == g_quark_from_static_string (OWN_TYPE)
        || region->x >= frame_width || region->y >= frame_height
        || region->w == 0 || region->h == 0)
      continue;
    *area = (GstVideoRectangle){
        .x = (int)region->x,
        .y = (int)region->y,
        .w = (int)MIN (region->w, frame_width - region->x),
        .h = (int)MIN (region->h, frame_height - region->y),
    };
    return region;
  }
  return NULL;
}

GPtrArray *
gst_feclip_roi_list_analyse (GstBuffer *buffer, FeclipDetector *detector,
                             const FeclipFrame *frame, GError **error)
{
  g_autoptr (GPtrArray) results =
      g_ptr_array_new_with_free_func ((GDestroyNotify)feclip_result_unref);
  GstVideoRectangle area = {0};
  gpointer state = NULL;

  while (next_region (buffer, &state, frame->width, frame->height, &area)) {
    FeclipResult *result = feclip_detector_analyse_part (
        detector, frame, area.x, area.y, area.w, area.h, error);

    if (result == NULL)
      return NULL;
    g_ptr_array_add (results, result);
  }
  return g_steal_pointer (&results);
}

void
gst_feclip_roi_list_write (GstBuffer *buffer, const GPtrArray *results,
                           guint frame_width, guint frame_height,
                           double threshold)
{
  GstVideoRectangle area = {0};
  gpointer state = NULL;

  for (guint i = 0; i < results->len; i++) {
    const FeclipResult *result = g_ptr_array_index (results, i);
    GstVideoRegionOfInterestMeta *region =
        next_region (buffer, &state, frame_width, frame_height, &area);

    if (region == NULL)
      return;
    gst_video_region_of_interest_meta_add_param (
        region,
        gst_structure_new (OWN_TYPE, "score", G_TYPE_DOUBLE, result->score,
                           "threshold", G_TYPE_DOUBLE, threshold, "anomalous",
                           G_TYPE_BOOLEAN, result->score >= threshold, NULL));
  }
}
