/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "draw/label.h"

#include <math.h>

#include "draw/stroke.h"
#include "base/rectangle.h"

PangoContext *
fe_label_new_context (void)
{
  PangoContext *context =
      pango_font_map_create_context (pango_cairo_font_map_get_default ());
  cairo_font_options_t *options = cairo_font_options_create ();

  cairo_font_options_set_antialias (options, CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_SLIGHT);
  pango_cairo_context_set_font_options (context, options);
  cairo_font_options_destroy (options);
  return context;
}

FeLabel *
fe_label_new (PangoContext *context, const char *text, double size)
{
  FeLabel *self = g_new0 (FeLabel, 1);
  PangoFontDescription *font = pango_font_description_new ();
  int width, height;

  pango_font_description_set_family_static (font, "Sans");
  pango_font_description_set_weight (font, PANGO_WEIGHT_BOLD);
  pango_font_description_set_absolute_size (font, size * PANGO_SCALE);
  self->layout = pango_layout_new (context);
  pango_layout_set_font_description (self->layout, font);
  pango_layout_set_single_paragraph_mode (self->layout, TRUE);
  pango_layout_set_text (self->layout, text, -1);
  pango_layout_get_pixel_size (self->layout, &width, &height);
  pango_font_description_free (font);

  self->padding = MAX (1, (int)lrint (size * 0.3));
  self->area.width = width + 2 * self->padding;
  self->area.height = height + 2 * (self->padding / 4);
  return self;
}

void
fe_label_free (FeLabel *self)
{
  if (!self)
    return;
  g_object_unref (self->layout);
  g_free (self);
}

static gboolean
is_free (const FeLabel *self, const GPtrArray *others)
{
  guint i;

  for (i = 0; i < others->len; i++) {
    const FeLabel *other = g_ptr_array_index (others, i);

    if (fe_rectangle_overlaps (&self->area, &other->area))
      return FALSE;
  }
  return TRUE;
}

gboolean
fe_label_place (FeLabel *self, const cairo_rectangle_int_t *box,
                const cairo_rectangle_int_t *frame, const GPtrArray *others)
{
  const int height = self->area.height;
  const int bottom = box->y + box->height;
  const int rows[] = {box->y - height, bottom, box->y, bottom - height};
  /* Aligned with the box's left edge, but not beyond the frame's right edge. */
  const int x = MIN (box->x, frame->x + frame->width - self->area.width);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    self->area.x = x;
    self->area.y = rows[i];
    if (fe_rectangle_contains (frame, &self->area) && is_free (self, others))
      return TRUE;
  }
  return FALSE;
}

/* A rectangle with round corners. */
static void
append_plate (cairo_t *cr, const cairo_rectangle_int_t *area)
{
  const double radius = MIN (area->height / 6.0, area->width / 2.0);
  const double left = area->x + radius;
  const double top = area->y + radius;
  const double right = area->x + area->width - radius;
  const double bottom = area->y + area->height - radius;

  cairo_new_path (cr);
  cairo_arc (cr, right, top, radius, -G_PI_2, 0);
  cairo_arc (cr, right, bottom, radius, 0, G_PI_2);
  cairo_arc (cr, left, bottom, radius, G_PI_2, G_PI);
  cairo_arc (cr, left, top, radius, G_PI, 3 * G_PI_2);
  cairo_close_path (cr);
}

void
fe_label_draw (const FeLabel *self, cairo_t *cr)
{
  append_plate (cr, &self->area);
  fe_stroke_set_color (cr, self->plate_color);
  cairo_fill (cr);
  cairo_move_to (cr, self->area.x + self->padding,
                 self->area.y + self->padding / 4);
  fe_stroke_set_color (cr, self->text_color);
  pango_cairo_show_layout (cr, self->layout);
}
