/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Coordinate transforms between an upright image and the image as stored. */
#pragma once

#include <feclip/frame.h>

G_BEGIN_DECLS

/* Maps the upright pixel (x, y) to origin + x · step_x + y · step_y in the
 * stored image; each vector is [column, row]. */
typedef struct {
  gint32 origin[2];
  gint32 step_x[2];
  gint32 step_y[2];
} FeOrientationTransform;

/* Whether rows of the upright image are columns of the stored one. */
gboolean fe_orientation_swaps (FeclipOrientation orientation);

/* The transform of an image of this size as stored. */
FeOrientationTransform
fe_orientation_get_transform (FeclipOrientation orientation, guint width,
                              guint height);

/* Converts a square map of the upright image to the orientation of the stored
 * image. dst must not overlap the source. */
void fe_orientation_map_to_stored (FeclipOrientation orientation,
                                   const float *upright, guint edge,
                                   float *dst);

G_END_DECLS
