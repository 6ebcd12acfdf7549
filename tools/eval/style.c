/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/style.h"

static const guint32 colors[] = {
    0x0969da, 0xd1571b, 0x1a7f37, 0xcf222e, 0x8250df, 0x9a6700,
    0x0f9a9a, 0xbf3989, 0x57606a, 0x6a9a0f, 0x4a5fd0, 0xe08a00,
};

void
fe_style_set_color (cairo_t *cr, guint32 rgb)
{
  cairo_set_source_rgb (cr, (rgb >> 16 & 0xff) / 255.0,
                        (rgb >> 8 & 0xff) / 255.0, (rgb & 0xff) / 255.0);
}

cairo_surface_t *
fe_style_new_surface (int width, int height, cairo_t **cr)
{
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);

  *cr = cairo_create (surface);
  fe_style_set_color (*cr, FE_STYLE_PAPER);
  cairo_paint (*cr);
  return surface;
}

static double
get_width (cairo_t *cr, const char *text)
{
  cairo_text_extents_t extents;

  cairo_text_extents (cr, text, &extents);
  return extents.x_advance;
}

/* The longest prefix of @text that fits into @width with an ellipsis. */
static char *
shorten (cairo_t *cr, const char *text, double width)
{
  g_autofree char *shown = g_strdup (text);

  for (glong n = g_utf8_strlen (text, -1);
       n > 0 && get_width (cr, shown) > width; n--) {
    g_autofree char *beginning = g_utf8_substring (text, 0, n - 1);

    g_free (shown);
    shown = g_strconcat (beginning, "…", NULL);
  }
  return g_steal_pointer (&shown);
}

void
fe_style_draw_text (cairo_t *cr, double x, double y, double size,
                    FeStyleAlign align, double width, const char *text)
{
  g_autofree char *shown = NULL;

  cairo_select_font_face (cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                          CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size (cr, size);
  shown = width > 0 ? shorten (cr, text, width) : g_strdup (text);
  if (align != FE_STYLE_LEFT)
    x -= get_width (cr, shown) * (align == FE_STYLE_CENTER ? 0.5 : 1);
  cairo_move_to (cr, x, y);
  cairo_show_text (cr, shown);
}

guint32
fe_style_get_color (guint number)
{
  return colors[number % G_N_ELEMENTS (colors)];
}
