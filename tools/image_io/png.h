/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

/* Pixels [height][width][3] as a surface to draw or to write. */
cairo_surface_t *fe_png_surface_from_rgb (const guint8 *pixels, int width,
                                          int height);

/* Pixels [height][width] as a surface that is written as a gray image. */
cairo_surface_t *fe_png_surface_from_gray (const guint8 *pixels, int width,
                                           int height);

/* The content of a PNG file; @name names it in errors. Unref the array. */
GByteArray *fe_png_encode (cairo_surface_t *surface, const char *name,
                           GError **error);

/*
 * Writes a PNG file and creates its folder if necessary. The file is replaced
 * as a whole, so that a full disk leaves no incomplete file. Takes @surface.
 */
gboolean fe_png_write (const char *path, cairo_surface_t *surface,
                       GError **error);

G_END_DECLS
