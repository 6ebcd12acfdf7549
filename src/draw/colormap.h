/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Colours of the heatmap, on a fixed scale. */
#pragma once

#include <feclip/draw.h>

G_BEGIN_DECLS

#define FE_COLORMAP_SIZE 256

/* Fills @pixels with the colours from the lowest to the highest value of the
 * scale, as premultiplied ARGB in native byte order, as cairo and GStreamer
 * overlays use it. */
void fe_colormap_fill (FeclipColormap colormap, double alpha,
                       guint32 pixels[FE_COLORMAP_SIZE]);

/* Index of the colour of a map value; values outside the scale are clamped. */
guint fe_colormap_index (FeclipMapType map_type, float value);

G_END_DECLS
