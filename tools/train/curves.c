/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "train/curves.h"

#include <cairo.h>
#include <feclip/error.h>
#include <math.h>

#define WIDTH 960
#define HEIGHT 540
#define LEFT 64.0
#define RIGHT 24.0
#define TOP 44.0
#define BOTTOM 48.0
#define N_POINTS 240
#define N_LINES 5 /* of the grid */
#define TEXT_SIZE 14.0

const char *const fe_curve_names[FE_CURVES] = {"score", "focal", "dice"};

/* Distinct for colour-blind people too (Okabe and Ito). */
static const double colors[FE_CURVES][3] = {
    {0.00, 0.45, 0.70}, {0.84, 0.37, 0.00}, {0.00, 0.62, 0.45}};

typedef struct {
  cairo_t *cr;
  guint n;      /* steps */
  guint points; /* of a curve */
  double largest;
  double (*values)[FE_CURVES]; /* [points] */
} Chart;

static double
place_x (double share)
{
  return LEFT + share * (WIDTH - LEFT - RIGHT);
}

static double
place_y (const Chart *self, double value)
{
  return HEIGHT - BOTTOM - value / self->largest * (HEIGHT - TOP - BOTTOM);
}

static void
average (Chart *self, const float *losses)
{
  for (guint i = 0; i < self->points; i++) {
    guint first = (guint)((guint64)i * self->n / self->points);
    guint end = (guint)((guint64)(i + 1) * self->n / self->points);

    for (guint c = 0; c < FE_CURVES; c++) {
      double sum = 0;

      for (guint step = first; step < end; step++)
        sum += losses[step * FE_CURVES + c];
      self->values[i][c] = sum / (end - first);
      self->largest = MAX (self->largest, self->values[i][c]);
    }
  }
}

/* The next of 1, 2, 5, 10… times a power of ten, for N_LINES intervals. */
static void
round_scale (Chart *self)
{
  static const double steps[] = {1, 2, 5, 10};
  double step = MAX (self->largest, 1e-6) / N_LINES;
  double power = pow (10, floor (log10 (step)));

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++) {
    self->largest = steps[i] * power * N_LINES;
    if (steps[i] * power >= step)
      return;
  }
}

static void
draw_text (const Chart *self, double x, double y, const char *text)
{
  cairo_move_to (self->cr, x, y);
  cairo_show_text (self->cr, text);
  cairo_new_path (self->cr); /* it leaves the text's end as a beginning */
}

static void
draw_axes (const Chart *self, guint steps_per_epoch)
{
  guint epochs = (self->n + steps_per_epoch - 1) / steps_per_epoch;
  guint every = MAX (1, (epochs + 9) / 10);

  cairo_set_line_width (self->cr, 1);
  for (guint i = 0; i <= N_LINES; i++) {
    double value = self->largest * i / N_LINES;
    double y = place_y (self, value);
    g_autofree char *text = g_strdup_printf ("%.3g", value);

    cairo_set_source_rgb (self->cr, 0.85, 0.85, 0.85);
    cairo_move_to (self->cr, LEFT, y);
    cairo_line_to (self->cr, WIDTH - RIGHT, y);
    cairo_stroke (self->cr);
    cairo_set_source_rgb (self->cr, 0.25, 0.25, 0.25);
    draw_text (self, 12, y + TEXT_SIZE / 3, text);
  }
  for (guint epoch = 0; epoch <= self->n / steps_per_epoch; epoch += every) {
    g_autofree char *text = g_strdup_printf ("%u", epoch);
    double share = (double)epoch * steps_per_epoch / self->n;

    draw_text (self, place_x (share) - 4, HEIGHT - BOTTOM + 20, text);
  }
  draw_text (self, WIDTH / 2.0 - 20, HEIGHT - 8, "epoch");
}

static void
draw_curves (const Chart *self)
{
  for (guint c = 0; c < FE_CURVES; c++) {
    cairo_set_source_rgb (self->cr, colors[c][0], colors[c][1], colors[c][2]);
    cairo_set_line_width (self->cr, 2);
    for (guint i = 0; i < self->points; i++)
      cairo_line_to (self->cr, place_x ((i + 0.5) / self->points),
                     place_y (self, self->values[i][c]));
    cairo_stroke (self->cr);
    draw_text (self, LEFT + 90 * c, 26, fe_curve_names[c]);
  }
}

gboolean
fe_curves_draw (const float *losses, guint n, guint steps_per_epoch,
                const char *path, GError **error)
{
  double values[N_POINTS][FE_CURVES];
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
  Chart chart = {
      .cr = cairo_create (surface),
      .n = n,
      .points = MIN (n, N_POINTS),
      .values = values,
  };
  cairo_status_t status;

  cairo_set_source_rgb (chart.cr, 1, 1, 1);
  cairo_paint (chart.cr);
  cairo_select_font_face (chart.cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                          CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size (chart.cr, TEXT_SIZE);
  if (n > 0) {
    average (&chart, losses);
    round_scale (&chart);
    draw_axes (&chart, steps_per_epoch);
    draw_curves (&chart);
  }
  cairo_destroy (chart.cr);
  status = cairo_surface_write_to_png (surface, path);
  cairo_surface_destroy (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    return TRUE;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
               "%s: could not be written: %s", path,
               cairo_status_to_string (status));
  return FALSE;
}
