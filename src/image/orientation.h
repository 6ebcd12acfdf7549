/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Between an image as it is stored and as it is seen upright. */
#pragma once

#include <feclip/frame.h>

G_BEGIN_DECLS

/* The stored place of the upright pixel (x, y) is
 * origin + x · step_x + y · step_y, each [column, row]. */
typedef struct {
  gint32 origin[2];
  gint32 step_x[2];
  gint32 step_y[2];
} FeOrientationTransform;

/* Whether the upright image's rows are stored as columns. */
gboolean fe_orientation_swaps (FeclipOrientation orientation);

/* The turn of an image of this stored size. */
FeOrientationTransform
fe_orientation_get_transform (FeclipOrientation orientation, guint width,
                              guint height);

/* Turns a square map of the upright image back to one of the image as it is
 * stored, to other memory. */
void fe_orientation_map_to_stored (FeclipOrientation orientation,
                                   const float *upright, guint edge,
                                   float *dst);

G_END_DECLS
