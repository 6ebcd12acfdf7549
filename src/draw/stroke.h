/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines and boxes that stand out from any image. */
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

/* A pen in proportion to the frame. */
FeStroke fe_stroke_for_frame (guint width, guint height);

/* 0xAARRGGBB as cairo's source. */
void fe_stroke_set_color (cairo_t *cr, guint32 color);

/* Black or white, whichever stands out from @color, as opaque as @alpha times
 * @color itself. */
guint32 fe_stroke_contrast (guint32 color, double alpha);

/* Strokes the current path. */
void fe_stroke_draw (const FeStroke *self, cairo_t *cr, guint32 color);

/* The outer edge of a frame drawn round @box, moved inwards where it would
 * leave
 * @frame. */
cairo_rectangle_int_t fe_stroke_around (const FeStroke *self,
                                        const cairo_rectangle_int_t *box,
                                        const cairo_rectangle_int_t *frame);

/* Draws the frame whose outer edge is @outer, on whole pixels. */
void fe_stroke_draw_frame (const FeStroke *self, cairo_t *cr,
                           const cairo_rectangle_int_t *outer, guint32 color);

G_END_DECLS
