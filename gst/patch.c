/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "patch.h"

#include "plugin.h"

#define GST_CAT_DEFAULT gst_feclip_debug

/* Bytes of a pixel of cairo's ARGB32 and of GStreamer's overlays: the same
 * layout in either byte order. */
#define PIXEL_SIZE 4

static void
patch_free (GstFeclipPatch *self)
{
  gst_buffer_unref (self->pixels);
  g_free (self);
}

static GstBuffer *
draw (const FeclipDrawing *drawing, const cairo_rectangle_int_t *area)
{
  const gsize size = (gsize)area->width * area->height * PIXEL_SIZE;
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);
  cairo_surface_t *surface = NULL;
  cairo_t *cr = NULL;
  GstMapInfo map;

  gst_buffer_add_video_meta (buffer, GST_VIDEO_FRAME_FLAG_NONE,
                             GST_VIDEO_OVERLAY_COMPOSITION_FORMAT_RGB,
                             area->width, area->height);
  gst_buffer_memset (buffer, 0, 0, size);
  if (!gst_buffer_map (buffer, &map, GST_MAP_READWRITE))
    return buffer;

  surface = cairo_image_surface_create_for_data (map.data, CAIRO_FORMAT_ARGB32,
                                                 area->width, area->height,
                                                 area->width * PIXEL_SIZE);
  cr = cairo_create (surface);
  cairo_translate (cr, -area->x, -area->y);
  feclip_drawing_draw (drawing, cr);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  gst_buffer_unmap (buffer, &map);
  return buffer;
}

GPtrArray *
gst_feclip_patches_new (const FeclipResult *result, guint width, guint height,
                        const FeclipDrawOptions *options)
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
    GstFeclipPatch *patch = g_new (GstFeclipPatch, 1);

    *patch = (GstFeclipPatch){
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
gst_feclip_patches_compose (const GPtrArray *patches,
                            GstVideoOverlayComposition *composition)
{
  for (guint i = 0; i < patches->len; i++) {
    const GstFeclipPatch *patch = g_ptr_array_index (patches, i);
    GstVideoOverlayRectangle *rectangle = gst_video_overlay_rectangle_new_raw (
        patch->pixels, patch->x, patch->y, patch->width, patch->height,
        GST_VIDEO_OVERLAY_FORMAT_FLAG_PREMULTIPLIED_ALPHA);

    gst_video_overlay_composition_add_rectangle (composition, rectangle);
    gst_video_overlay_rectangle_unref (rectangle);
  }
}
