/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "draw/stroke.h"

#include <math.h>

#include "base/rectangle.h"

/* Opacity of a halo under an opaque line. */
#define HALO_ALPHA 0.55

FeStroke
fe_stroke_for_frame (guint width, guint height)
{
  const guint side = MIN (width, height);

  /* Lines narrower than two pixels lose their colour in 4:2:0 video. */
  if (side < 96)
    return (FeStroke){1, 0};
  return (FeStroke){
      .line = MAX (2, (int)lrint (side / 360.0)),
      .halo = MAX (1, (int)lrint (side / 720.0)),
  };
}

static double
channel (guint32 color, int shift)
{
  return (color >> shift & 0xff) / 255.0;
}

void
fe_stroke_set_color (cairo_t *cr, guint32 color)
{
  cairo_set_source_rgba (cr, channel (color, 16), channel (color, 8),
                         channel (color, 0), channel (color, 24));
}

guint32
fe_stroke_contrast (guint32 color, double alpha)
{
  const double luma = 0.2126 * channel (color, 16) + 0.7152 * channel (color, 8)
                      + 0.0722 * channel (color, 0);

  return (guint32)lrint (alpha * (color >> 24)) << 24
         | (luma > 0.35 ? 0x000000 : 0xffffff);
}

void
fe_stroke_draw (const FeStroke *self, cairo_t *cr, guint32 color)
{
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  if (self->halo > 0) {
    fe_stroke_set_color (cr, fe_stroke_contrast (color, HALO_ALPHA));
    cairo_set_line_width (cr, self->line + 2 * self->halo);
    cairo_stroke_preserve (cr);
  }
  fe_stroke_set_color (cr, color);
  cairo_set_line_width (cr, self->line);
  cairo_stroke (cr);
}

cairo_rectangle_int_t
fe_stroke_around (const FeStroke *self, const cairo_rectangle_int_t *box,
                  const cairo_rectangle_int_t *frame)
{
  const cairo_rectangle_int_t outer =
      fe_rectangle_grow (box, self->line + self->halo);

  return fe_rectangle_intersect (&outer, frame);
}

static void
append_rectangle (cairo_t *cr, const cairo_rectangle_int_t *rectangle)
{
  if (!fe_rectangle_is_empty (rectangle))
    cairo_rectangle (cr, rectangle->x, rectangle->y, rectangle->width,
                     rectangle->height);
}

/* Fills the border of a rectangle, @width pixels wide. */
static cairo_rectangle_int_t
fill_ring (cairo_t *cr, const cairo_rectangle_int_t *outer, int width,
           guint32 color)
{
  const cairo_rectangle_int_t inner = fe_rectangle_grow (outer, -width);

  cairo_set_fill_rule (cr, CAIRO_FILL_RULE_EVEN_ODD);
  append_rectangle (cr, outer);
  append_rectangle (cr, &inner);
  fe_stroke_set_color (cr, color);
  cairo_fill (cr);
  return inner;
}

void
fe_stroke_draw_frame (const FeStroke *self, cairo_t *cr,
                      const cairo_rectangle_int_t *outer, guint32 color)
{
  const guint32 halo = fe_stroke_contrast (color, HALO_ALPHA);
  cairo_rectangle_int_t rest = *outer;

  cairo_save (cr);
  cairo_new_path (cr);
  if (self->halo > 0)
    rest = fill_ring (cr, &rest, self->halo, halo);
  rest = fill_ring (cr, &rest, self->line, color);
  if (self->halo > 0)
    fill_ring (cr, &rest, self->halo, halo);
  cairo_restore (cr);
}
