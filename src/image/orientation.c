/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/orientation.h"

/* From upright to stored: exchange x and y, then count columns from the right,
 * rows from the bottom. */
static const struct {
  gboolean swap;
  gboolean from_right;
  gboolean from_bottom;
} orientations[] = {
    [FECLIP_ORIENTATION_UNKNOWN] = {FALSE, FALSE, FALSE},
    [FECLIP_ORIENTATION_UPRIGHT] = {FALSE, FALSE, FALSE},
    [FECLIP_ORIENTATION_MIRRORED] = {FALSE, TRUE, FALSE},
    [FECLIP_ORIENTATION_ROTATED_180] = {FALSE, TRUE, TRUE},
    [FECLIP_ORIENTATION_FLIPPED] = {FALSE, FALSE, TRUE},
    [FECLIP_ORIENTATION_TRANSPOSED] = {TRUE, FALSE, FALSE},
    [FECLIP_ORIENTATION_ROTATE_90_CW] = {TRUE, FALSE, TRUE},
    [FECLIP_ORIENTATION_TRANSVERSED] = {TRUE, TRUE, TRUE},
    [FECLIP_ORIENTATION_ROTATE_90_CCW] = {TRUE, TRUE, FALSE},
};

gboolean
fe_orientation_swaps (FeclipOrientation orientation)
{
  return orientations[orientation].swap;
}

FeOrientationTransform
fe_orientation_get_transform (FeclipOrientation orientation, guint width,
                              guint height)
{
  gboolean swap = orientations[orientation].swap;
  gboolean from_right = orientations[orientation].from_right;
  gboolean from_bottom = orientations[orientation].from_bottom;
  gint32 column = from_right ? -1 : 1;
  gint32 row = from_bottom ? -1 : 1;

  return (FeOrientationTransform){
      .origin = {from_right ? (gint32)width - 1 : 0,
                 from_bottom ? (gint32)height - 1 : 0},
      .step_x = {swap ? 0 : column, swap ? row : 0},
      .step_y = {swap ? column : 0, swap ? 0 : row},
  };
}

void
fe_orientation_map_to_stored (FeclipOrientation orientation,
                              const float *upright, guint edge, float *dst)
{
  FeOrientationTransform transform =
      fe_orientation_get_transform (orientation, edge, edge);

  for (gint32 y = 0; y < (gint32)edge; y++) {
    for (gint32 x = 0; x < (gint32)edge; x++) {
      gint32 column = transform.origin[0] + x * transform.step_x[0]
                      + y * transform.step_y[0];
      gint32 row = transform.origin[1] + x * transform.step_x[1]
                   + y * transform.step_y[1];

      dst[(gsize)row * edge + (gsize)column] =
          upright[(gsize)y * edge + (gsize)x];
    }
  }
}
