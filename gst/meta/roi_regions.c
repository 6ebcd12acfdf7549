/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gst/video/video.h>

#include "meta/encodings.h"

void
fe_regions_write (GstBuffer *buffer, const GArray *defects, const FeBox *boxes,
                  const int *ids)
{
  for (guint i = 0; i < defects->len; i++) {
    const FeclipDefect *d = &g_array_index (defects, FeclipDefect, i);
    GstVideoRegionOfInterestMeta *region =
        gst_buffer_add_video_region_of_interest_meta (
            buffer, FE_DEFECT_LABEL, boxes[i].x, boxes[i].y, boxes[i].width,
            boxes[i].height);

    region->id = ids[i];
    region->parent_id = -1;
    gst_video_region_of_interest_meta_add_param (
        region,
        gst_structure_new ("detection", "x_min", G_TYPE_DOUBLE, d->x_min,
                           "y_min", G_TYPE_DOUBLE, d->y_min, "x_max",
                           G_TYPE_DOUBLE, d->x_max, "y_max", G_TYPE_DOUBLE,
                           d->y_max, "confidence", G_TYPE_DOUBLE, d->confidence,
                           "label", G_TYPE_STRING, FE_DEFECT_LABEL, "label_id",
                           G_TYPE_INT, FE_DEFECT_LABEL_ID, NULL));
  }
}

static gboolean
drop_region (GstBuffer *buffer, GstMeta **meta, gpointer type)
{
  if ((*meta)->info->api == GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE
      && ((GstVideoRegionOfInterestMeta *)*meta)->roi_type
             == GPOINTER_TO_UINT (type))
    *meta = NULL;
  return TRUE;
}

void
fe_regions_remove (GstBuffer *buffer)
{
  GQuark type = g_quark_from_static_string (FE_DEFECT_LABEL);

  gst_buffer_foreach_meta (buffer, drop_region, GUINT_TO_POINTER (type));
}
