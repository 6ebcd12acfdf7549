/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cairo.h>

#include "still/image_file.h"

G_BEGIN_DECLS

/* A copy of the image in CAIRO_FORMAT_RGB24 to draw on. */
cairo_surface_t *fe_cairo_image_new (FeStillImage *image, GError **error);

G_END_DECLS
