/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/gst/meta.h>

G_BEGIN_DECLS

/* Name of a defect in every encoding, and its place in the list of labels. */
#define FE_DEFECT_LABEL "anomaly"
#define FE_DEFECT_LABEL_ID 0

/* A defect's rectangle in whole pixels. */
typedef struct {
  guint x;
  guint y;
  guint width;
  guint height;
} FeDefectBox;

/* The further encodings of a verdict on a buffer. Each writes what says the
 * same as the custom meta, with the identifiers given by its place in the list
 * unless it hands out its own. */

/* Regions of interest: @ids holds one identifier per defect. */
void fe_regions_write (GstBuffer *buffer, const GArray *defects,
                       const FeDefectBox *boxes, const int *ids);

/* Takes away the regions of an earlier verdict. */
void fe_regions_remove (GstBuffer *buffer);

/* Analytics relation meta and tensors, as far as GStreamer has them; fills @ids
 * with the identifiers of the defects' detections. */
void fe_analytics_write (GstBuffer *buffer, const FeclipVerdict *verdict,
                         const GArray *defects, const FeDefectBox *boxes,
                         int *ids);

/* Takes away the tensors of an earlier verdict. */
void fe_analytics_remove (GstBuffer *buffer);

G_END_DECLS
