/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "overlay/overlay_region.h"

#include "plugin.h"

#define GST_CAT_DEFAULT gst_feclip_debug

/* Bytes of a pixel of cairo's ARGB32 and of GStreamer's overlays: the same
 * layout in either byte order. */
#define PIXEL_SIZE 4

static void
patch_free (GstFeclipOverlayRegion *self)
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

GPtrArray *
gst_feclip_overlay_regions_new (const FeclipResult *result, guint width,
                                guint height, const FeclipDrawOptions *options)
{
  GPtrArray *patches =
      g_ptr_array_new_with_free_func ((GDestroyNotify)patch_free);
  g_autoptr (FeclipDrawing) drawing = NULL;
  const cairo_rectangle_int_t *areas = NULL;
  guint n_areas = 0;

  if (width > FECLIP_DRAW_MAX_SIZE || height > FECLIP_DRAW_MAX_SIZE) {
    GST_WARNING ("frames of %ux%u pixels are too large to draw on", width,
                 height);
    return patches;
  }
  drawing = feclip_drawing_new (result, width, height, options);
  areas = feclip_drawing_get_areas (drawing, &n_areas);
  for (guint i = 0; i < n_areas; i++) {
    GstFeclipOverlayRegion *patch = g_new (GstFeclipOverlayRegion, 1);

    *patch = (GstFeclipOverlayRegion){
        .x = areas[i].x,
        .y = areas[i].y,
        .width = areas[i].width,
        .height = areas[i].height,
        .pixels = draw (drawing, &areas[i]),
    };
    g_ptr_array_add (patches, patch);
  }
  return patches;
}

void
gst_feclip_overlay_regions_compose (const GPtrArray *patches,
                                    GstVideoOverlayComposition *composition)
{
  for (guint i = 0; i < patches->len; i++) {
    const GstFeclipOverlayRegion *patch = g_ptr_array_index (patches, i);
    GstBuffer *buffer = gst_buffer_new_wrapped_bytes (patch->pixels);
    GstVideoOverlayRectangle *rectangle = NULL;

    gst_buffer_add_video_meta (buffer, GST_VIDEO_FRAME_FLAG_NONE,
                               GST_VIDEO_OVERLAY_COMPOSITION_FORMAT_RGB,
                               patch->width, patch->height);
    rectangle = gst_video_overlay_rectangle_new_raw (
        buffer, patch->x, patch->y, patch->width, patch->height,
        GST_VIDEO_OVERLAY_FORMAT_FLAG_PREMULTIPLIED_ALPHA);
    gst_video_overlay_composition_add_rectangle (composition, rectangle);
    gst_video_overlay_rectangle_unref (rectangle);
    gst_buffer_unref (buffer);
  }
}
