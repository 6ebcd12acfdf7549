/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Colors and text of the images in a report. */
#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

#define FE_STYLE_TEXT 0x1f2328u
#define FE_STYLE_FAINT 0x6e7781u
#define FE_STYLE_LINE 0xd0d7deu
#define FE_STYLE_WRONG 0xcf222eu
#define FE_STYLE_PAPER 0xffffffu

/* The alignment of a text to its position. */
typedef enum {
  FE_STYLE_LEFT,
  FE_STYLE_CENTER,
  FE_STYLE_RIGHT,
} FeStyleAlign;

/* A white surface and a context that draws on it; free both. */
cairo_surface_t *fe_style_new_surface (int width, int height, cairo_t **cr);

void fe_style_set_color (cairo_t *cr, guint32 rgb);

/* A line of text on the base line at (@x, @y), cut at @width with an ellipsis
 * where it is above 0. */
void fe_style_draw_text (cairo_t *cr, double x, double y, double size,
                         FeStyleAlign align, double width, const char *text);

/* One of twelve distinct colors; any number selects one. */
guint32 fe_style_get_color (guint number);

G_END_DECLS
