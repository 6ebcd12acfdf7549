/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "overlay/last_verdict.h"

void
gst_feclip_last_verdict_clear (GstFeclipLastVerdict *self)
{
  gst_feclip_last_verdict_redraw (self);
  g_clear_pointer (&self->verdict, feclip_verdict_free);
}

void
gst_feclip_last_verdict_redraw (GstFeclipLastVerdict *self)
{
  g_clear_pointer (&self->image, gst_feclip_overlay_image_free);
}

/* Whether too much time has passed since the verdict. Without timestamps nobody
 * knows, so it has. */
static gboolean
is_expired (const GstFeclipLastVerdict *self, GstClockTime time,
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
gst_feclip_last_verdict_update (GstFeclipLastVerdict *self, GstBuffer *buffer,
                                GstClockTime expire_overlay)
{
  g_autoptr (FeclipVerdict) verdict = feclip_verdict_from_buffer (buffer);

  if (verdict == NULL) {
    if (is_expired (self, GST_BUFFER_PTS (buffer), expire_overlay))
      gst_feclip_last_verdict_clear (self);
    return;
  }
  if (self->image != NULL
      && !gst_feclip_overlay_image_shows (self->image, verdict))
    gst_feclip_last_verdict_redraw (self);
  feclip_verdict_free (self->verdict);
  self->verdict = g_steal_pointer (&verdict);
  self->time = GST_BUFFER_PTS (buffer);
}

GstFeclipOverlayImage *
gst_feclip_last_verdict_get_image (GstFeclipLastVerdict *self,
                                   guint frame_width, guint frame_height,
                                   const FeclipDrawOptions *style)
{
  if (self->verdict == NULL)
    return NULL;
  if (self->image == NULL)
    self->image = gst_feclip_overlay_image_new (self->verdict, frame_width,
                                                frame_height, style);
  return gst_feclip_overlay_image_is_empty (self->image) ? NULL : self->image;
}
