/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Contours: closed lines around the areas at or above the pixel threshold. */
#pragma once

#include <cairo.h>

#include "result/map_resample.h"

G_BEGIN_DECLS

/* A vertex in frame pixels. @starts begins a new line and closes the previous
 * one. */
typedef struct {
  float x;
  float y;
  gboolean starts;
} FeContourPoint;

/* Traces the contours between pixel centres. Diagonal neighbours are inside one
 * contour, since they belong to one defect. At the border of the analysed
 * rectangle the contour follows the border. Returns FeContourPoints; an empty
 * array if there would be more than @max_points. */
GArray *fe_contour_trace (FeResampledMap *map, guint max_points);

/* Adds the contours to the current path. */
void fe_contour_append (const GArray *points, cairo_t *cr);

G_END_DECLS
