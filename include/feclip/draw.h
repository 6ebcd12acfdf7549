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
 * @min_area: defects below it get no box and no label, see
 *   feclip_defects_drop_small()
 * @contour_color: colour of the contours, 0xAARRGGBB
 * @box_color: colour of the boxes, 0xAARRGGBB
 * @label_color: colour of the text, 0xAARRGGBB
 *
 * What feclip_draw_result() draws. A heatmap's colours lie on a fixed scale
 * (probability 0…1, margin −5…5), never stretched to a frame's own range.
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
 * Everything drawn, half transparent, in Turbo.
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
 * The largest width and height of a frame that can be drawn on, in pixels.
 */
#define FECLIP_DRAW_MAX_SIZE 32767

/**
 * feclip_draw_result:
 * @cr: draws here; one unit is one pixel of the frame, origin at its top left
 * @result: what to show
 * @frame_width: the frame's width in pixels
 * @frame_height: the frame's height in pixels
 * @options: what to draw
 *
 * Draws a result over a frame, or onto a transparent surface of the frame's
 * size that is composed with it later. Line widths and text follow the frame's
 * size; text that would not be readable, or not fit, is left out. The
 * most confident defects come first where there are too many for boxes (256) or
 * labels (32), and where a map is so noisy that its contours would cover the
 * image, they are left out.
 */
FECLIP_API
void feclip_draw_result (cairo_t *cr, const FeclipResult *result,
                         guint frame_width, guint frame_height,
                         const FeclipDrawOptions *options);

/**
 * FeclipDrawing: (skip)
 *
 * A result ready to be drawn, for who needs to know beforehand which parts of
 * the frame are touched. One thread at a time may use it.
 */
typedef struct _FeclipDrawing FeclipDrawing;

/**
 * feclip_drawing_new: (skip)
 * @result: what to show; a reference is kept
 * @frame_width: the frame's width in pixels
 * @frame_height: the frame's height in pixels
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
 *   the frame, in pixels, outside of which nothing is drawn
 */
FECLIP_API
const cairo_rectangle_int_t *
feclip_drawing_get_areas (const FeclipDrawing *self, guint *n_areas);

/**
 * feclip_drawing_draw: (skip)
 * @self: a drawing
 * @cr: draws here; one unit is one pixel of the frame, origin at its top left
 */
FECLIP_API
void feclip_drawing_draw (const FeclipDrawing *self, cairo_t *cr);

G_END_DECLS
