/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cairo.h>
#include <feclip/result.h>

G_BEGIN_DECLS

/**
 * FeclipColormap:
 * @FECLIP_COLORMAP_TURBO: Google's Turbo
 * @FECLIP_COLORMAP_INFERNO: Matplotlib's inferno
 * @FECLIP_COLORMAP_JET: the rainbow of MATLAB's jet
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
 * @colormap: colours of the heatmap
 * @heatmap: whether to draw the heatmap
 * @contours: whether to outline the areas at or above @pixel_threshold
 * @boxes: whether to draw a box around each defect
 * @labels: whether to write the score and the confidence of each defect
 * @threshold: a frame whose score is at or above it is anomalous
 * @pixel_threshold: a pixel whose map value is at or above it is defective; the
 *   heatmap covers only such pixels
 * @min_area: defects with a smaller area get no box and no label, see
 *   feclip_defects_drop_small()
 * @contour_color: colour of the contours, 0xAARRGGBB
 * @box_color: colour of the boxes, 0xAARRGGBB
 * @label_color: colour of the text, 0xAARRGGBB
 *
 * What feclip_draw_result() draws. The colours of a heatmap have a fixed scale
 * (probability 0…1, margin −5…5) that does not depend on the values in the
 * frame.
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
  double min_area;
  guint32 contour_color;
  guint32 box_color;
  guint32 label_color;
} FeclipDrawOptions;

/**
 * FECLIP_DRAW_OPTIONS_INIT: (skip)
 *
 * Default options: everything is drawn, the heatmap in Turbo at opacity 0.5.
 */
#define FECLIP_DRAW_OPTIONS_INIT \
  { \
    .alpha = 0.5, .colormap = FECLIP_COLORMAP_TURBO, .heatmap = TRUE, \
    .contours = TRUE, .boxes = TRUE, .labels = TRUE, .threshold = 0.5, \
    .pixel_threshold = 0.5, .contour_color = 0xffffffff, \
    .box_color = 0xffffd60a, .label_color = 0xffffffff \
  }

/**
 * FECLIP_DRAW_MAX_SIZE:
 *
 * Largest width and height in pixels of a frame that can be drawn on.
 */
#define FECLIP_DRAW_MAX_SIZE 32767

/**
 * feclip_draw_result:
 * @cr: the cairo context to draw with; one unit is one pixel of the frame, the
 *   origin is its top left corner
 * @result: the result to show
 * @frame_width: width of the frame in pixels
 * @frame_height: height of the frame in pixels
 * @options: what to draw
 *
 * Draws a result over a frame, or onto a transparent surface of the frame's
 * size that is composed with it later. Line widths and text size are
 * proportional to the frame's size. Text that would be too small to read, or
 * has no place in the frame, is omitted. At most 256 boxes and 32 labels are
 * drawn, for the defects with the highest confidence. Contours are omitted if
 * the map is so noisy that they would cover the frame.
 */
FECLIP_API
void feclip_draw_result (cairo_t *cr, const FeclipResult *result,
                         guint frame_width, guint frame_height,
                         const FeclipDrawOptions *options);

/**
 * FeclipDrawing: (skip)
 *
 * A result prepared for drawing, for callers that need to know in advance which
 * areas of the frame will be drawn on. Not thread-safe.
 */
typedef struct _FeclipDrawing FeclipDrawing;

/**
 * feclip_drawing_new: (skip)
 * @result: the result to show; the drawing keeps a reference
 * @frame_width: width of the frame in pixels
 * @frame_height: height of the frame in pixels
 * @options: what to draw
 *
 * Prepares what feclip_draw_result() draws.
 *
 * Returns: (transfer full): the drawing
 */
FECLIP_API
FeclipDrawing *feclip_drawing_new (const FeclipResult *result,
                                   guint frame_width, guint frame_height,
                                   const FeclipDrawOptions *options);

/**
 * feclip_drawing_free: (skip)
 * @self: (nullable): a drawing
 */
FECLIP_API
void feclip_drawing_free (FeclipDrawing *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeclipDrawing, feclip_drawing_free)

/**
 * feclip_drawing_get_areas: (skip)
 * @self: a drawing
 * @n_areas: (out): number of areas, 0 if there is nothing to draw
 *
 * Returns: (transfer none) (array length=n_areas): disjoint rectangles inside
 *   the frame, in pixels, that contain everything that feclip_drawing_draw()
 *   draws
 */
FECLIP_API
const cairo_rectangle_int_t *
feclip_drawing_get_areas (const FeclipDrawing *self, guint *n_areas);

/**
 * feclip_drawing_draw: (skip)
 * @self: a drawing
 * @cr: the cairo context to draw with; one unit is one pixel of the frame, the
 *   origin is its top left corner
 *
 * Draws the result.
 */
FECLIP_API
void feclip_drawing_draw (const FeclipDrawing *self, cairo_t *cr);

G_END_DECLS
