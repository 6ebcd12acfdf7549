/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tint over what is at or above the pixel threshold. */
#pragma once

#include <feclip/draw.h>

#include "enlarged.h"

G_BEGIN_DECLS

/* A picture of the frame's pixels in @bounds, which lie inside the analysed
 * rectangle: tinted at or above the map's threshold, else transparent. */
cairo_surface_t *fe_heatmap_new (FeEnlarged *map, FeclipMapType map_type,
                                 const cairo_rectangle_int_t *bounds,
                                 FeclipColormap colormap, double alpha);

G_END_DECLS
