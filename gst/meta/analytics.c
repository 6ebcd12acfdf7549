/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gst/analytics/analytics.h>
#include <gst/video/video.h>

#include "meta/encodings.h"

/* The classes are also the region numbers of a segmentation mask. */
enum {
  CLASS_NORMAL,
  CLASS_ANOMALY,
  N_CLASSES,
};

static guint
add_classification (GstAnalyticsRelationMeta *relations,
                    const FeclipVerdict *verdict)
{
  float levels[N_CLASSES] = {
      [CLASS_NORMAL] = 1 - verdict->result->score,
      [CLASS_ANOMALY] = verdict->result->score,
  };
  GQuark classes[N_CLASSES] = {
      [CLASS_NORMAL] = g_quark_from_static_string ("normal"),
      [CLASS_ANOMALY] = g_quark_from_static_string (FE_DEFECT_LABEL),
  };
  GstAnalyticsClsMtd classification = {0};

  gst_analytics_relation_meta_add_cls_mtd (relations, N_CLASSES, levels,
                                           classes, &classification);
  return classification.id;
}

#if FE_HAVE_TENSORS
/* Returns: (transfer full): one byte per cell of the map, its class */
static GstBuffer *
make_mask (const FeclipVerdict *verdict)
{
  const FeclipResult *result = verdict->result;
  gsize size = (gsize)result->map_width * result->map_height;
  guint8 *cells = g_malloc (size);
  GstBuffer *mask = NULL;
  gsize offsets[GST_VIDEO_MAX_PLANES] = {0};
  int strides[GST_VIDEO_MAX_PLANES] = {result->map_width};

  for (gsize i = 0; i < size; i++)
    cells[i] = result->map[i] >= verdict->pixel_threshold ? CLASS_ANOMALY
                                                          : CLASS_NORMAL;
  mask = gst_buffer_new_wrapped (cells, size);
  gst_buffer_add_video_meta_full (mask, GST_VIDEO_FRAME_FLAG_NONE,
                                  GST_VIDEO_FORMAT_GRAY8, result->map_width,
                                  result->map_height, 1, offsets, strides);
  return mask;
}

static void
add_segmentation (GstAnalyticsRelationMeta *relations,
                  const FeclipVerdict *verdict, FeBox region,
                  guint classification)
{
  guint regions[N_CLASSES] = {CLASS_NORMAL, CLASS_ANOMALY};
  GstAnalyticsSegmentationMtd segmentation = {0};

  if (gst_analytics_relation_meta_add_segmentation_mtd (
          relations, make_mask (verdict), GST_SEGMENTATION_TYPE_SEMANTIC,
          N_CLASSES, regions, region.x, region.y, region.width, region.height,
          &segmentation))
    gst_analytics_relation_meta_set_relation (relations,
                                              GST_ANALYTICS_REL_TYPE_N_TO_N,
                                              segmentation.id, classification);
}
#endif

void
fe_analytics_write (GstBuffer *buffer, const FeclipVerdict *verdict,
                    FeBox region, const GArray *defects, const FeBox *boxes,
                    int *ids)
{
  GstAnalyticsRelationMeta *relations =
      gst_buffer_get_analytics_relation_meta (buffer);
  GQuark label = g_quark_from_static_string (FE_DEFECT_LABEL);
  guint classification = 0;

  /* A buffer has one relation meta, for all elements. */
  if (relations == NULL)
    relations = gst_buffer_add_analytics_relation_meta (buffer);
  classification = add_classification (relations, verdict);
  for (guint i = 0; i < defects->len; i++) {
    GstAnalyticsODMtd detection = {0};

    if (gst_analytics_relation_meta_add_od_mtd (
            relations, label, boxes[i].x, boxes[i].y, boxes[i].width,
            boxes[i].height,
            g_array_index (defects, FeclipDefect, i).confidence, &detection))
      ids[i] = detection.id;
  }
#if FE_HAVE_TENSORS
  if (verdict->result->map_width > 0)
    add_segmentation (relations, verdict, region, classification);
#else
  (void)classification;
#endif
}
