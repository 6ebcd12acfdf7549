/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The map as it lies on the frame: enlarged bilinearly (half-pixel centres,
 * edges clamped) over the analysed rectangle. Defects, heatmap and contours all
 * read it here, so that they agree to the pixel. */
#pragma once

#include <feclip/result.h>

G_BEGIN_DECLS

/**
 * FeAxis:
 * @first: first frame pixel whose centre lies in the analysed rectangle
 * @n_pixels: how many pixels do
 * @n_cells: the map's cells along this axis
 * @cells: [n_pixels] the lower of the two cells that a pixel lies between
 * @weights: [n_pixels] the share of the upper one, 0…1
 * @starts: [n_cells + 1] the first pixel of each cell, counted from @first
 *
 * One direction of the enlargement.
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
 * @threshold: the value from which a pixel counts, at the map's own precision
 * @columns: from left to right
 * @rows: from top to bottom
 * @values: [columns.n_pixels] what fe_resampled_map_read_row() read last
 *
 * Reads an enlarged map row by row and passes over what is below a threshold.
 */
typedef struct {
  const float *map;
  float threshold;
  FeAxis columns;
  FeAxis rows;
  float *line;
  float *values;
} FeResampledMap;

/* Borrows @result. FALSE if there is nothing to read: no map, or no pixel's
 * centre in the rectangle. fe_resampled_map_clear() is right in either case. */
gboolean fe_resampled_map_init (FeResampledMap *self,
                                const FeclipResult *result, guint frame_width,
                                guint frame_height, double threshold);

void fe_resampled_map_clear (FeResampledMap *self);

/* Reads row @y, counted from rows.first: every pixel at or above the threshold
 * lies in values[*begin…*end), where -INFINITY stands for a pixel between cells
 * that are all below it. FALSE if the row has no such pixel. */
gboolean fe_resampled_map_read_row (FeResampledMap *self, guint y, guint *begin,
                                    guint *end);

/* One pixel's value, counted from the rectangle's first pixel. */
float fe_resampled_map_get (const FeResampledMap *self, guint x, guint y);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FeResampledMap, fe_resampled_map_clear)

G_END_DECLS
