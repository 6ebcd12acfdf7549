/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/orientation.h"

#include <gst/video/video.h>

static const FeclipOrientation by_method[] = {
    [GST_VIDEO_ORIENTATION_IDENTITY] = FECLIP_ORIENTATION_UPRIGHT,
    [GST_VIDEO_ORIENTATION_90R] = FECLIP_ORIENTATION_ROTATE_90_CW,
    [GST_VIDEO_ORIENTATION_180] = FECLIP_ORIENTATION_ROTATED_180,
    [GST_VIDEO_ORIENTATION_90L] = FECLIP_ORIENTATION_ROTATE_90_CCW,
    [GST_VIDEO_ORIENTATION_HORIZ] = FECLIP_ORIENTATION_MIRRORED,
    [GST_VIDEO_ORIENTATION_VERT] = FECLIP_ORIENTATION_FLIPPED,
    [GST_VIDEO_ORIENTATION_UL_LR] = FECLIP_ORIENTATION_TRANSPOSED,
    [GST_VIDEO_ORIENTATION_UR_LL] = FECLIP_ORIENTATION_TRANSVERSED,
};

void
gst_feclip_orientation_observe (GstFeclipOrientation *self, GstEvent *event)
{
  GstVideoOrientationMethod method;
  GstTagList *tags = NULL;

  if (GST_EVENT_TYPE (event) == GST_EVENT_STREAM_START)
    self->stream = FECLIP_ORIENTATION_UNKNOWN;
  if (GST_EVENT_TYPE (event) != GST_EVENT_TAG)
    return;
  gst_event_parse_tag (event, &tags);
  if (!gst_video_orientation_from_tag (tags, &method)
      || (guint)method >= G_N_ELEMENTS (by_method))
    return;
  if (gst_tag_list_get_scope (tags) == GST_TAG_SCOPE_GLOBAL)
    self->file = by_method[method];
  else
    self->stream = by_method[method];
}

FeclipOrientation
gst_feclip_orientation_get (const GstFeclipOrientation *self)
{
  return self->stream != FECLIP_ORIENTATION_UNKNOWN ? self->stream : self->file;
}
