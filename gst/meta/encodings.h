/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/gst/meta.h>

G_BEGIN_DECLS

/* The further encodings of a verdict on a buffer, one file each. All say the
 * same as the custom meta. Those that GStreamer does not have are not built:
 * FE_HAVE_ANALYTICS (1.24) and FE_HAVE_TENSORS (1.26) are 0 or 1. */

/* Name of a defect in every encoding, and its place in the list of labels. */
#define FE_DEFECT_LABEL "anomaly"
#define FE_DEFECT_LABEL_ID 0

/* A rectangle of whole pixels. */
typedef struct {
  guint x;
  guint y;
  guint width;
  guint height;
} FeBox;

/* A region of interest per defect, with the identifiers @ids. */
void fe_regions_write (GstBuffer *buffer, const GArray *defects,
                       const FeBox *boxes, const int *ids);

/* Takes away the regions of an earlier verdict. */
void fe_regions_remove (GstBuffer *buffer);

/* The frame's classification, a detection per defect, whose identifiers go to
 * @ids, and a mask over @region, the analysed rectangle. Nothing can be taken
 * out of the relation meta again: an earlier verdict's findings stay. */
void fe_analytics_write (GstBuffer *buffer, const FeclipVerdict *verdict,
                         FeBox region, const GArray *defects,
                         const FeBox *boxes, int *ids);

/* The map as a tensor. */
void fe_tensors_write (GstBuffer *buffer, const FeclipVerdict *verdict);

/* Takes away the tensor of an earlier verdict. */
void fe_tensors_remove (GstBuffer *buffer);

G_END_DECLS
