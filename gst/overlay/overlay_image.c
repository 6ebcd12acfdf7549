/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "overlay/overlay_image.h"

#include <string.h>

#include "overlay/blend.h"
#include "overlay/overlay_region.h"

struct _GstFeclipOverlayImage {
  FeclipVerdict *verdict;
  gboolean empty;
  GPtrArray *patches; /* until they become the blend */

  /* Made when a frame first needs one of them. */
  GstVideoOverlayComposition *composition;
  GstFeclipBlend *blend;
};

GstFeclipOverlayImage *
gst_feclip_overlay_image_new (const FeclipVerdict *verdict, guint frame_width,
                              guint frame_height,
                              const FeclipDrawOptions *style)
{
  GstFeclipOverlayImage *self = g_new0 (GstFeclipOverlayImage, 1);
  FeclipDrawOptions options = *style;

  options.threshold = verdict->threshold;
  options.pixel_threshold = verdict->pixel_threshold;
  options.min_area = verdict->min_area;
  self->verdict = feclip_verdict_copy (verdict);
  self->patches = gst_feclip_overlay_regions_new (verdict->result, frame_width,
                                                  frame_height, &options);
  self->empty = self->patches->len == 0;
  return self;
}

void
gst_feclip_overlay_image_free (GstFeclipOverlayImage *self)
{
  if (self == NULL)
    return;
  if (self->composition != NULL)
    gst_video_overlay_composition_unref (self->composition);
  gst_feclip_blend_free (self->blend);
  g_clear_pointer (&self->patches, g_ptr_array_unref);
  feclip_verdict_free (self->verdict);
  g_free (self);
}

/* What the metadata of two frames says is read into different results even if
 * it is the same. */
static gboolean
is_same_result (const FeclipResult *a, const FeclipResult *b)
{
  const gsize size = sizeof (float) * a->map_width * a->map_height;

  if (a->score != b->score || a->x != b->x || a->y != b->y
      || a->width != b->width || a->height != b->height
      || a->map_type != b->map_type || a->map_width != b->map_width
      || a->map_height != b->map_height)
    return FALSE;
  return size == 0 || memcmp (a->map, b->map, size) == 0;
}

gboolean
gst_feclip_overlay_image_shows (const GstFeclipOverlayImage *self,
                                const FeclipVerdict *verdict)
{
  return self->verdict->threshold == verdict->threshold
         && self->verdict->pixel_threshold == verdict->pixel_threshold
         && self->verdict->min_area == verdict->min_area
         && is_same_result (self->verdict->result, verdict->result);
}

gboolean
gst_feclip_overlay_image_is_empty (const GstFeclipOverlayImage *self)
{
  return self->empty;
}

void
gst_feclip_overlay_image_attach (GstFeclipOverlayImage *self, GstBuffer *buffer)
{
  GstVideoOverlayCompositionMeta *meta =
      gst_buffer_get_video_overlay_composition_meta (buffer);

  g_return_if_fail (self->patches != NULL);

  if (meta != NULL) {
    GstVideoOverlayComposition *both =
        gst_video_overlay_composition_copy (meta->overlay);

    gst_feclip_overlay_regions_compose (self->patches, both);
    gst_video_overlay_composition_unref (meta->overlay);
    meta->overlay = both;
    return;
  }

  if (self->composition == NULL) {
    self->composition = gst_video_overlay_composition_new (NULL);
    gst_feclip_overlay_regions_compose (self->patches, self->composition);
  }
  gst_buffer_add_video_overlay_composition_meta (buffer, self->composition);
}

gboolean
gst_feclip_overlay_image_blend (GstFeclipOverlayImage *self,
                                const GstVideoInfo *info, GstBuffer *buffer)
{
  const GstVideoCropMeta *crop = gst_buffer_get_video_crop_meta (buffer);
  GstVideoFrame frame;

  if (!gst_video_frame_map (&frame, info, buffer, GST_MAP_READWRITE))
    return FALSE;
  if (self->blend == NULL)
    self->blend = gst_feclip_blend_new (g_steal_pointer (&self->patches), info);
  gst_feclip_blend_apply (self->blend, &frame, crop ? (gint)crop->x : 0,
                          crop ? (gint)crop->y : 0);
  gst_video_frame_unmap (&frame);
  return TRUE;
}
