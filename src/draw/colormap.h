/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The heatmap's colours on their fixed scale. */
#pragma once

#include <feclip/draw.h>

G_BEGIN_DECLS

#define FE_COLORMAP_SIZE 256

/* Fills @pixels with the colours from the scale's low to its high end as
 * premultiplied ARGB, cairo's and GStreamer's native order. */
void fe_colormap_fill (FeclipColormap colormap, double alpha,
                       guint32 pixels[FE_COLORMAP_SIZE]);

/* A map value's place in those colours. */
guint fe_colormap_index (FeclipMapType map_type, float value);

G_END_DECLS
