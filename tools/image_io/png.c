/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image_io/png.h"

#include <feclip/error.h>
#include <string.h>

#include "image_io/output_folder.h"

cairo_surface_t *
fe_png_surface_from_rgb (const guint8 *pixels, int width, int height)
{
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  guint8 *data = cairo_image_surface_get_data (surface);
  int stride = cairo_image_surface_get_stride (surface);

  for (int row = 0; data && row < height; row++) {
    guint32 *line = (guint32 *)(data + (gsize)row * (gsize)stride);
    const guint8 *from = pixels + (gsize)row * (gsize)width * 3;

    for (int i = 0; i < width; i++, from += 3)
      line[i] = (guint32)(from[0] << 16 | from[1] << 8 | from[2]);
  }
  cairo_surface_mark_dirty (surface);
  return surface;
}

cairo_surface_t *
fe_png_surface_from_gray (const guint8 *pixels, int width, int height)
{
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_A8, width, height);
  guint8 *data = cairo_image_surface_get_data (surface);
  int stride = cairo_image_surface_get_stride (surface);

  for (int row = 0; data && row < height; row++)
    memcpy (data + (gsize)row * (gsize)stride,
            pixels + (gsize)row * (gsize)width, (gsize)width);
  cairo_surface_mark_dirty (surface);
  return surface;
}

static cairo_status_t
append_bytes (void *closure, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

GByteArray *
fe_png_encode (cairo_surface_t *surface, const char *name, GError **error)
{
  g_autoptr (GByteArray) png = g_byte_array_new ();
  cairo_status_t status =
      cairo_surface_write_to_png_stream (surface, append_bytes, png);

  if (status == CAIRO_STATUS_SUCCESS)
    return g_steal_pointer (&png);
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
               "%s: the PNG image could not be encoded: %s", name,
               cairo_status_to_string (status));
  return NULL;
}

gboolean
fe_png_write (const char *path, cairo_surface_t *surface, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_filename_display_name (path);
  g_autoptr (GByteArray) png = fe_png_encode (surface, name, error);

  cairo_surface_destroy (surface);
  return png && fe_output_folder_make (folder, error)
         && g_file_set_contents (path, (const char *)png->data, png->len,
                                 error);
}
