/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The map resampled to frame pixels: upsampled bilinearly (half-pixel centres,
 * replicated edges) over the analysed rectangle. Defects, heatmap and contours
 * all read it through this file, so that they agree on every pixel. */
#pragma once

#include <feclip/result.h>

G_BEGIN_DECLS

/**
 * FeAxis:
 * @first: first frame pixel whose centre is in the analysed rectangle
 * @n_pixels: number of such pixels
 * @n_cells: number of map cells along this axis
 * @cells: [n_pixels] the lower one of the two cells that a pixel is between
 * @weights: [n_pixels] weight of the upper one, 0…1
 * @starts: [n_cells + 1] first pixel of each cell, relative to @first
 *
 * Resampling along one axis.
 */
typedef struct {
  guint first;
  guint n_pixels;
  guint n_cells;
  guint *cells;
  float *weights;
  guint *starts;
} FeAxis;

/**
 * FeResampledMap:
 * @threshold: a pixel at or above it counts; fp32 like the map
 * @columns: axis from left to right
 * @rows: axis from top to bottom
 * @values: [columns.n_pixels] the row that fe_resampled_map_read_row() read
 *   last
 *
 * Reads an upsampled map row by row and skips areas below a threshold.
 */
typedef struct {
  const float *map;
  float threshold;
  FeAxis columns;
  FeAxis rows;
  float *line;
  float *values;
} FeResampledMap;

/* Initialises @self; @result must outlive it. FALSE if there is no map, or if
 * no pixel's centre is in the rectangle; fe_resampled_map_clear() may be called
 * in either case. */
gboolean fe_resampled_map_init (FeResampledMap *self,
                                const FeclipResult *result, guint frame_width,
                                guint frame_height, double threshold);

void fe_resampled_map_clear (FeResampledMap *self);

/* Reads row @y, relative to rows.first. Pixels at or above the threshold are
 * all in values[*begin…*end); pixels between cells that are all below it may be
 * -INFINITY. FALSE if the row has no pixel at or above the threshold. */
gboolean fe_resampled_map_read_row (FeResampledMap *self, guint y, guint *begin,
                                    guint *end);

/* Value of one pixel, relative to the rectangle's first pixel. */
float fe_resampled_map_get (const FeResampledMap *self, guint x, guint y);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FeResampledMap, fe_resampled_map_clear)

G_END_DECLS
