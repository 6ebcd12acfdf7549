/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

/* [height][width][3] as a surface to draw or to write. */
cairo_surface_t *fe_png_file_rgb (const guint8 *pixels, int width, int height);

/* [height][width] as a surface that is written as a gray image. */
cairo_surface_t *fe_png_file_gray (const guint8 *pixels, int width, int height);

/* Takes @surface. The folder is made where it is missing. */
gboolean fe_png_file_write (const char *path, cairo_surface_t *surface,
                            GError **error);

/* Makes a folder with all above it. */
gboolean fe_png_file_make_folder (const char *folder, GError **error);

G_END_DECLS
