/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

/* A surface as the content of a PNG file; @path is for the error only. */
GByteArray *fe_png_encode (cairo_surface_t *surface, const char *path,
                           GError **error);

G_END_DECLS
