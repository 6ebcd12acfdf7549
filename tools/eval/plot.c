/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/plot.h"

#include "eval/results.h"
#include "eval/roc.h"
#include "eval/style.h"

/* All sizes are in units of two pixels, for screens of high resolution. */
#define SCALE 2
#define SIDE 300
#define LEFT 56
#define TOP 46
#define BOTTOM 52
#define GAP 24
#define LEGEND_WIDTH 220
#define LEGEND_LINE 19

/* One panel. */
typedef struct {
  const char *title;
  const char *across;
  const char *up;
  gboolean pixel;
  gboolean precision;
} Panel;

static const Panel panels[] = {
    {"Images: ROC", "false positive rate", "recall", FALSE, FALSE},
    {"Images: precision and recall", "recall", "precision", FALSE, TRUE},
    {"Pixels: ROC", "false positive rate", "recall", TRUE, FALSE},
    {"Pixels: precision and recall", "recall", "precision", TRUE, TRUE},
};

static const GArray *
get_curve (const FeOutcome *outcome, gboolean pixel)
{
  const GArray *curve = pixel ? outcome->pixel_curve : outcome->image_curve;

  return curve && curve->len > 0 ? curve : NULL;
}

static gboolean
has_curves (GPtrArray *outcomes, gboolean pixel)
{
  for (guint i = 0; i < outcomes->len; i++)
    if (get_curve (g_ptr_array_index (outcomes, i), pixel))
      return TRUE;
  return FALSE;
}

static void
draw_grid (cairo_t *cr, const Panel *panel)
{
  for (int i = 0; i <= 5; i++) {
    double at = SIDE * i / 5.0;
    char text[8];

    fe_style_set_color (cr, FE_STYLE_LINE);
    cairo_set_line_width (cr, i == 0 || i == 5 ? 1 : 0.5);
    cairo_move_to (cr, at, 0);
    cairo_line_to (cr, at, SIDE);
    cairo_move_to (cr, 0, at);
    cairo_line_to (cr, SIDE, at);
    cairo_stroke (cr);
    g_snprintf (text, sizeof text, "%.1f", i / 5.0);
    fe_style_set_color (cr, FE_STYLE_FAINT);
    fe_style_draw_text (cr, at, SIDE + 16, 11, FE_STYLE_CENTER, 0, text);
    fe_style_draw_text (cr, -7, SIDE - at + 4, 11, FE_STYLE_RIGHT, 0, text);
  }
  fe_style_set_color (cr, FE_STYLE_TEXT);
  fe_style_draw_text (cr, 0, -12, 14, FE_STYLE_LEFT, 0, panel->title);
  fe_style_draw_text (cr, SIDE / 2.0, SIDE + 35, 12, FE_STYLE_CENTER, 0,
                      panel->across);
  cairo_save (cr);
  cairo_translate (cr, -36, SIDE / 2.0);
  cairo_rotate (cr, -G_PI_2);
  fe_style_draw_text (cr, 0, 0, 12, FE_STYLE_CENTER, 0, panel->up);
  cairo_restore (cr);
}

static void
go_to (cairo_t *cr, double x, double y)
{
  cairo_line_to (cr, x * SIDE, (1 - y) * SIDE);
}

/* A ROC's points are joined by lines; precision holds until recall grows. */
static void
draw_curve (cairo_t *cr, const Panel *panel, const GArray *curve)
{
  const FeCurvePoint *points = (const FeCurvePoint *)(gpointer)curve->data;

  cairo_new_path (cr);
  if (!panel->precision)
    go_to (cr, 0, 0);
  else
    go_to (cr, 0, points[0].precision);
  for (guint i = 0; i < curve->len; i++) {
    double x =
        panel->precision ? points[i].recall : points[i].false_positive_rate;

    if (panel->precision && i > 0)
      go_to (cr, points[i - 1].recall, points[i].precision);
    go_to (cr, x, panel->precision ? points[i].precision : points[i].recall);
  }
  cairo_stroke (cr);
}

/* Lines beyond the number of distinct colors are dashed. */
static void
set_line (cairo_t *cr, GPtrArray *outcomes, guint n_categories, guint number)
{
  const double dashes[] = {5, 3};
  gboolean whole = number >= n_categories;
  gboolean dashed = !whole && number >= 12;

  fe_style_set_color (cr, whole ? FE_STYLE_TEXT : fe_style_get_color (number));
  cairo_set_line_width (cr, whole ? 2.4 : 1.6);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_dash (cr, dashes, dashed ? 2 : 0, 0);
}

static void
draw_panel (cairo_t *cr, const Panel *panel, GPtrArray *outcomes,
            guint n_categories)
{
  draw_grid (cr, panel);
  cairo_save (cr);
  cairo_rectangle (cr, -2, -2, SIDE + 4, SIDE + 4);
  cairo_clip (cr);
  for (guint i = 0; i < outcomes->len; i++) {
    const GArray *curve =
        get_curve (g_ptr_array_index (outcomes, i), panel->pixel);

    set_line (cr, outcomes, n_categories, i);
    if (curve)
      draw_curve (cr, panel, curve);
  }
  cairo_restore (cr);
}

static void
draw_legend (cairo_t *cr, GPtrArray *outcomes, guint n_categories)
{
  double y = 8;

  for (guint i = 0; i < outcomes->len; i++) {
    const FeOutcome *outcome = g_ptr_array_index (outcomes, i);

    if (!get_curve (outcome, FALSE) && !get_curve (outcome, TRUE))
      continue;
    cairo_save (cr);
    set_line (cr, outcomes, n_categories, i);
    cairo_move_to (cr, 0, y - 4);
    cairo_line_to (cr, 24, y - 4);
    cairo_stroke (cr);
    cairo_restore (cr);
    fe_style_set_color (cr, FE_STYLE_TEXT);
    fe_style_draw_text (cr, 32, y, 12, FE_STYLE_LEFT, LEGEND_WIDTH - 44,
                        outcome->name);
    y += LEGEND_LINE;
  }
}

cairo_surface_t *
fe_plot_draw (FeEvaluation *evaluation)
{
  g_autoptr (GPtrArray) outcomes = fe_result_list_outcomes (evaluation);
  guint n_categories = fe_evaluation_get_outcomes (evaluation)->len;
  const gboolean shown[2] = {has_curves (outcomes, FALSE),
                             has_curves (outcomes, TRUE)};
  int n_rows = shown[FALSE] + shown[TRUE];
  int width = 2 * (LEFT + SIDE + GAP) + LEGEND_WIDTH;
  int height = MAX (n_rows * (TOP + SIDE + BOTTOM),
                    TOP + (int)outcomes->len * LEGEND_LINE);
  cairo_surface_t *surface;
  cairo_t *cr;
  int row = 0;

  if (n_rows == 0)
    return NULL;
  surface = fe_style_new_surface (width * SCALE, height * SCALE, &cr);
  cairo_scale (cr, SCALE, SCALE);
  for (gsize i = 0; i < G_N_ELEMENTS (panels); i++) {
    if (!shown[panels[i].pixel])
      continue;
    cairo_save (cr);
    cairo_translate (cr, LEFT + (i % 2) * (LEFT + SIDE + GAP),
                     TOP + row * (TOP + SIDE + BOTTOM));
    draw_panel (cr, &panels[i], outcomes, n_categories);
    cairo_restore (cr);
    row += i % 2 == 1;
  }
  cairo_translate (cr, 2 * (LEFT + SIDE + GAP), TOP);
  draw_legend (cr, outcomes, n_categories);
  cairo_destroy (cr);
  return surface;
}
