/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Heatmap over the pixels at or above the pixel threshold. */
#pragma once

#include <feclip/draw.h>

#include "result/map_resample.h"

G_BEGIN_DECLS

/* Draws the heatmap on the frame's pixels in @bounds, which is inside the
 * analysed rectangle, where the map is at or above its threshold. Skips what
 * @cr clips. */
void fe_heatmap_draw (FeResampledMap *map, FeclipMapType map_type,
                      const cairo_rectangle_int_t *bounds,
                      FeclipColormap colormap, double alpha, cairo_t *cr);

G_END_DECLS
