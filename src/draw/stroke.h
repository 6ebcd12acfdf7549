/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines and boxes with a contrasting halo, visible on any image. */
#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

/**
 * FeStroke:
 * @line: width of the coloured line in pixels
 * @halo: width of the contrasting line on either side of it
 */
typedef struct {
  int line;
  int halo;
} FeStroke;

/* Line widths proportional to the frame's size. */
FeStroke fe_stroke_for_frame (guint width, guint height);

/* Sets the source of @cr to a colour 0xAARRGGBB. */
void fe_stroke_set_color (cairo_t *cr, guint32 color);

/* Black or white, whichever contrasts more with @color, with the opacity of
 * @color times @alpha. */
guint32 fe_stroke_contrast (guint32 color, double alpha);

/* Strokes the current path with line and halo. */
void fe_stroke_draw (const FeStroke *self, cairo_t *cr, guint32 color);

/* Outer edge of an outline around @box, moved inwards where it would leave
 * @frame. */
cairo_rectangle_int_t fe_stroke_around (const FeStroke *self,
                                        const cairo_rectangle_int_t *box,
                                        const cairo_rectangle_int_t *frame);

/* Draws the outline whose outer edge is @outer, aligned to whole pixels. */
void fe_stroke_draw_frame (const FeStroke *self, cairo_t *cr,
                           const cairo_rectangle_int_t *outer, guint32 color);

G_END_DECLS
