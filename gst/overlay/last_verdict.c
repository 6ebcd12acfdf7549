/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "overlay/last_verdict.h"

void
gst_feclip_latest_clear (GstFeclipLatest *self)
{
  gst_feclip_latest_redraw (self);
  g_clear_pointer (&self->verdict, feclip_verdict_free);
}

void
gst_feclip_latest_redraw (GstFeclipLatest *self)
{
  g_clear_pointer (&self->picture, gst_feclip_picture_free);
}

/* Whether too much time has passed since the verdict. Without timestamps nobody
 * knows, so it has. */
static gboolean
is_expired (const GstFeclipLatest *self, GstClockTime time,
            GstClockTime expire_overlay)
{
  GstClockTimeDiff age = 0;

  if (!GST_CLOCK_TIME_IS_VALID (expire_overlay))
    return FALSE;
  if (!GST_CLOCK_TIME_IS_VALID (time) || !GST_CLOCK_TIME_IS_VALID (self->time))
    return TRUE;
  age = GST_CLOCK_DIFF (self->time, time);
  return (GstClockTime)ABS (age) > expire_overlay;
}

void
gst_feclip_latest_update (GstFeclipLatest *self, GstBuffer *buffer,
                          GstClockTime expire_overlay)
{
  g_autoptr (FeclipVerdict) verdict = feclip_verdict_from_buffer (buffer);

  if (verdict == NULL) {
    if (is_expired (self, GST_BUFFER_PTS (buffer), expire_overlay))
      gst_feclip_latest_clear (self);
    return;
  }
  if (self->picture != NULL
      && !gst_feclip_picture_shows (self->picture, verdict))
    gst_feclip_latest_redraw (self);
  feclip_verdict_free (self->verdict);
  self->verdict = g_steal_pointer (&verdict);
  self->time = GST_BUFFER_PTS (buffer);
}

GstFeclipPicture *
gst_feclip_latest_get_picture (GstFeclipLatest *self, guint frame_width,
                               guint frame_height,
                               const FeclipDrawOptions *style)
{
  if (self->verdict == NULL)
    return NULL;
  if (self->picture == NULL)
    self->picture = gst_feclip_picture_new (self->verdict, frame_width,
                                            frame_height, style);
  return gst_feclip_picture_is_empty (self->picture) ? NULL : self->picture;
}
