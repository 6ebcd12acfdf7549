/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "orientation.h"

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

FeTurn
fe_orientation_get_turn (FeclipOrientation orientation, guint width,
                         guint height)
{
  gboolean swap = orientations[orientation].swap;
  gboolean from_right = orientations[orientation].from_right;
  gboolean from_bottom = orientations[orientation].from_bottom;
  gint32 column = from_right ? -1 : 1;
  gint32 row = from_bottom ? -1 : 1;

  return (FeTurn){
      .origin = {from_right ? (gint32)width - 1 : 0,
                 from_bottom ? (gint32)height - 1 : 0},
      .step_x = {swap ? 0 : column, swap ? row : 0},
      .step_y = {swap ? column : 0, swap ? 0 : row},
  };
}
