/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Images' files, and how to draw on them. */
#pragma once

#include <cairo.h>

#include "still/image_file.h"

G_BEGIN_DECLS

/* A copy in CAIRO_FORMAT_RGB24 to draw on. */
cairo_surface_t *fe_still_image_create_surface (FeStillImage *self,
                                                GError **error);

G_END_DECLS
