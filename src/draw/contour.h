/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Closed lines round what is at or above the pixel threshold. */
#pragma once

#include <cairo.h>

#include "result/map_resample.h"

G_BEGIN_DECLS

/* A corner of a line in frame pixels; @starts a new line, which closes the one
 * before. */
typedef struct {
  float x;
  float y;
  gboolean starts;
} FeContourPoint;

/* Traces the lines between the centres of the pixels. Diagonal neighbours lie
 * inside one line, as they belong to one defect, and at the analysed
 * rectangle's border the line runs along it. Returns FeContourPoints, none if
 * there would be more than @max_points. */
GArray *fe_contour_trace (FeResampledMap *map, guint max_points);

/* Adds the lines to the current path. */
void fe_contour_append (const GArray *points, cairo_t *cr);

G_END_DECLS
