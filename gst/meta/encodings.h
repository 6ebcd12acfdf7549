/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/gst/meta.h>

G_BEGIN_DECLS

/* The encodings of a verdict besides the custom meta, one file each. All carry
 * the same values. Encodings that the GStreamer version does not have are not
 * built: FE_HAVE_ANALYTICS (1.24) and FE_HAVE_TENSORS (1.26) are 0 or 1. */

/* Label of a defect in every encoding, and its index in the list of labels. */
#define FE_DEFECT_LABEL "anomaly"
#define FE_DEFECT_LABEL_ID 0

/* A rectangle of whole pixels. */
typedef struct {
  guint x;
  guint y;
  guint width;
  guint height;
} FeBox;

/* Adds a region of interest for each defect. @boxes and @ids [defects->len]:
 * their rectangles and the ids of the regions. */
void fe_regions_write (GstBuffer *buffer, const GArray *defects,
                       const FeBox *boxes, const int *ids);

/* Removes the regions of an earlier verdict. */
void fe_regions_remove (GstBuffer *buffer);

/* Adds the classification of the frame, an object detection for each defect and
 * a segmentation mask over @region, the analysed rectangle.
 * @ids (out) [defects->len]: the ids of the detections
 * Nothing can be removed from a relation meta: what an earlier verdict has
 * added stays. */
void fe_analytics_write (GstBuffer *buffer, const FeclipVerdict *verdict,
                         FeBox region, const GArray *defects,
                         const FeBox *boxes, int *ids);

/* Adds the map as a tensor. */
void fe_tensors_write (GstBuffer *buffer, const FeclipVerdict *verdict);

/* Removes the tensor of an earlier verdict. */
void fe_tensors_remove (GstBuffer *buffer);

G_END_DECLS
