/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "overlay/overlay_image.h"

#include <string.h>

#include "overlay/blend.h"
#include "plugin.h"

#define GST_CAT_DEFAULT gst_feclip_debug

/* Bytes of a pixel of cairo's ARGB32 and of GStreamer's overlays: the same
 * layout in either byte order. */
#define PIXEL_SIZE 4

struct _GstFeclipOverlayImage {
  FeclipVerdict *verdict;
  gboolean empty;
  GPtrArray *regions; /* NULL once they are part of the blend */

  /* Each is made when a frame needs it first. */
  GstVideoOverlayComposition *composition;
  GstFeclipBlend *blend;
};

/* Regions */

static void
region_free (GstFeclipOverlayRegion *self)
{
  g_clear_pointer (&self->pixels, g_bytes_unref);
  g_free (self);
}

static GBytes *
draw (const FeclipDrawing *drawing, const cairo_rectangle_int_t *area)
{
  const gint stride = area->width * PIXEL_SIZE;
  const gsize size = (gsize)area->height * stride;
  guint8 *pixels = g_malloc0 (size);
  cairo_surface_t *surface = cairo_image_surface_create_for_data (
      pixels, CAIRO_FORMAT_ARGB32, area->width, area->height, stride);
  cairo_t *cr = cairo_create (surface);

  cairo_translate (cr, -area->x, -area->y);
  feclip_drawing_draw (drawing, cr);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  return g_bytes_new_take (pixels, size);
}

/* Returns: (element-type GstFeclipOverlayRegion) (transfer full): one for each
 * area that is drawn on, none if nothing is drawn */
static GPtrArray *
make_regions (const FeclipResult *result, guint width, guint height,
              const FeclipDrawOptions *options)
{
  GPtrArray *regions =
      g_ptr_array_new_with_free_func ((GDestroyNotify)region_free);
  g_autoptr (FeclipDrawing) drawing = NULL;
  const cairo_rectangle_int_t *areas = NULL;
  guint n_areas = 0;

  if (width > FECLIP_DRAW_MAX_SIZE || height > FECLIP_DRAW_MAX_SIZE) {
    GST_WARNING ("frames of %ux%u pixels are too large to draw on", width,
                 height);
    return regions;
  }
  drawing = feclip_drawing_new (result, width, height, options);
  areas = feclip_drawing_get_areas (drawing, &n_areas);
  for (guint i = 0; i < n_areas; i++) {
    GstFeclipOverlayRegion *region = g_new (GstFeclipOverlayRegion, 1);

    *region = (GstFeclipOverlayRegion){
        .x = areas[i].x,
        .y = areas[i].y,
        .width = areas[i].width,
        .height = areas[i].height,
        .pixels = draw (drawing, &areas[i]),
    };
    g_ptr_array_add (regions, region);
  }
  return regions;
}

/* Adds the regions to @composition, which must be writable. */
static void
compose (const GPtrArray *regions, GstVideoOverlayComposition *composition)
{
  for (guint i = 0; i < regions->len; i++) {
    const GstFeclipOverlayRegion *region = g_ptr_array_index (regions, i);
    GstBuffer *buffer = gst_buffer_new_wrapped_bytes (region->pixels);
    GstVideoOverlayRectangle *rectangle = NULL;

    gst_buffer_add_video_meta (buffer, GST_VIDEO_FRAME_FLAG_NONE,
                               GST_VIDEO_OVERLAY_COMPOSITION_FORMAT_RGB,
                               region->width, region->height);
    rectangle = gst_video_overlay_rectangle_new_raw (
        buffer, region->x, region->y, region->width, region->height,
        GST_VIDEO_OVERLAY_FORMAT_FLAG_PREMULTIPLIED_ALPHA);
    gst_video_overlay_composition_add_rectangle (composition, rectangle);
    gst_video_overlay_rectangle_unref (rectangle);
    gst_buffer_unref (buffer);
  }
}

/* The image */

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
  self->regions =
      make_regions (verdict->result, frame_width, frame_height, &options);
  self->empty = self->regions->len == 0;
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
  g_clear_pointer (&self->regions, g_ptr_array_unref);
  feclip_verdict_free (self->verdict);
  g_free (self);
}

/* Two frames with equal metadata have different result objects: compares the
 * values. */
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

  g_return_if_fail (self->regions != NULL);

  if (meta != NULL) {
    GstVideoOverlayComposition *both =
        gst_video_overlay_composition_copy (meta->overlay);

    compose (self->regions, both);
    gst_video_overlay_composition_unref (meta->overlay);
    meta->overlay = both;
    return;
  }

  if (self->composition == NULL) {
    self->composition = gst_video_overlay_composition_new (NULL);
    compose (self->regions, self->composition);
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
    self->blend = gst_feclip_blend_new (g_steal_pointer (&self->regions), info);
  gst_feclip_blend_apply (self->blend, &frame, crop ? (gint)crop->x : 0,
                          crop ? (gint)crop->y : 0);
  gst_video_frame_unmap (&frame);
  return TRUE;
}
