/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cairo.h>
#include <feclip/result.h>

G_BEGIN_DECLS

/**
 * FeclipColormap:
 * @FECLIP_COLORMAP_TURBO: Google's Turbo
 * @FECLIP_COLORMAP_INFERNO: Matplotlib's inferno
 * @FECLIP_COLORMAP_JET: the classic rainbow
 * @FECLIP_COLORMAP_GRAY: black to white
 *
 * Colours of a heatmap.
 */
typedef enum {
  FECLIP_COLORMAP_TURBO,
  FECLIP_COLORMAP_INFERNO,
  FECLIP_COLORMAP_JET,
  FECLIP_COLORMAP_GRAY,
} FeclipColormap;

/**
 * FeclipDrawOptions:
 * @alpha: opacity of the heatmap, 0…1
 * @colormap: the heatmap's colours
 * @heatmap: whether to draw the heatmap
 * @contours: whether to outline the region at or above @pixel_threshold
 * @boxes: whether to draw a box round each defect
 * @labels: whether to write the score and each defect's confidence
 * @threshold: the score from which a frame is anomalous
 * @pixel_threshold: the map value from which a pixel is defective; nothing is
 *   tinted below it
 *
 * What feclip_draw_result() draws. Colours lie on a fixed scale (probability
 * 0…1, margin −5…5), never stretched to a frame's own range.
 */
typedef struct {
  double alpha;
  FeclipColormap colormap;
  gboolean heatmap;
  gboolean contours;
  gboolean boxes;
  gboolean labels;
  double threshold;
  double pixel_threshold;
} FeclipDrawOptions;

/**
 * FECLIP_DRAW_OPTIONS_INIT: (skip)
 *
 * Everything drawn, half transparent, in Turbo.
 */
#define FECLIP_DRAW_OPTIONS_INIT \
  { \
    .alpha = 0.5, .colormap = FECLIP_COLORMAP_TURBO, .heatmap = TRUE, \
    .contours = TRUE, .boxes = TRUE, .labels = TRUE, .threshold = 0.5, \
    .pixel_threshold = 0.5 \
  }

/**
 * feclip_draw_result:
 * @cr: draws here; one unit is one pixel of the frame, origin at its top left
 * @result: what to show
 * @frame_width: the frame's width in pixels
 * @frame_height: the frame's height in pixels
 * @options: what to draw
 *
 * Draws a result over a frame, or onto a transparent surface of the frame's
 * size that is composed with it later.
 */
FECLIP_API
void feclip_draw_result (cairo_t *cr, const FeclipResult *result,
                         guint frame_width, guint frame_height,
                         const FeclipDrawOptions *options);

G_END_DECLS
