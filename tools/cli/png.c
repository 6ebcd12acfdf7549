/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/png.h"

#include <feclip/error.h>

static cairo_status_t
append_bytes (void *closure, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

GByteArray *
fe_png_encode (cairo_surface_t *surface, const char *path, GError **error)
{
  g_autoptr (GByteArray) png = g_byte_array_new ();
  cairo_status_t status =
      cairo_surface_write_to_png_stream (surface, append_bytes, png);

  if (status == CAIRO_STATUS_SUCCESS)
    return g_steal_pointer (&png);
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE, "%s: %s", path,
               cairo_status_to_string (status));
  return NULL;
}
