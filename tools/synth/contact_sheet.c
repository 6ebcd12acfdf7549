/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/contact_sheet.h"

#include "synth/png_file.h"

/* A thumbnail's longer edge is at most this many pixels. */
#define MAX_EDGE 128
#define GAP 4
/* Good in training and good in the test. */
#define GOOD_COLUMNS 2

struct _FeContactSheet {
  cairo_surface_t *surface;
  GMutex lock;
  double scale;
  int cell_width;
  int cell_height;
};

static int
count_columns (const FePlan *plan)
{
  int most = 0;

  for (guint i = 0; i < plan->kinds->len; i++) {
    const FeSurfaceKind *kind = g_ptr_array_index (plan->kinds, i);
    int n = 0;

    for (guint bits = kind->defects & plan->defects; bits; bits &= bits - 1)
      n++;
    most = MAX (most, n);
  }
  return GOOD_COLUMNS + most;
}

FeContactSheet *
fe_contact_sheet_new (const FePlan *plan)
{
  FeContactSheet *self = g_new0 (FeContactSheet, 1);
  cairo_t *cr;

  g_mutex_init (&self->lock);
  self->scale = MIN (1, (double)MAX_EDGE / MAX (plan->width, plan->height));
  self->cell_width = MAX ((int)(plan->width * self->scale), 1) + GAP;
  self->cell_height = MAX ((int)(plan->height * self->scale), 1) + GAP;
  self->surface = cairo_image_surface_create (
      CAIRO_FORMAT_RGB24, count_columns (plan) * self->cell_width + GAP,
      2 * (int)plan->kinds->len * self->cell_height + GAP);
  cr = cairo_create (self->surface);
  cairo_set_source_rgb (cr, 0.12, 0.12, 0.12);
  cairo_paint (cr);
  cairo_destroy (cr);
  return self;
}

void
fe_contact_sheet_free (FeContactSheet *self)
{
  if (!self)
    return;
  cairo_surface_destroy (self->surface);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static gboolean
is_marked (const FeSample *sample, int column, int row)
{
  return column >= 0 && row >= 0 && column < sample->request.width
         && row < sample->request.height
         && sample->mask.pixels[(gsize)row * (gsize)sample->request.width
                                + (gsize)column];
}

/* The image with the pixels just outside its mask in red. */
static guint8 *
outline (const FeSample *sample)
{
  int width = sample->request.width;
  int height = sample->request.height;
  guint8 *pixels = g_memdup2 (sample->pixels, (gsize)width * height * 3);

  for (int row = 0; row < height; row++) {
    for (int column = 0; column < width; column++) {
      guint8 *pixel = pixels + 3 * ((gsize)row * width + column);

      if (is_marked (sample, column, row)
          || !(is_marked (sample, column - 1, row)
               || is_marked (sample, column + 1, row)
               || is_marked (sample, column, row - 1)
               || is_marked (sample, column, row + 1)))
        continue;
      pixel[0] = 255;
      pixel[1] = pixel[2] = 32;
    }
  }
  return pixels;
}

static void
draw (FeContactSheet *self, int row, int column, const FeSample *sample,
      const guint8 *pixels)
{
  cairo_surface_t *image =
      fe_png_file_rgb (pixels, sample->request.width, sample->request.height);
  cairo_t *cr = cairo_create (self->surface);

  cairo_translate (cr, GAP + column * self->cell_width,
                   GAP + row * self->cell_height);
  cairo_scale (cr, self->scale, self->scale);
  cairo_set_source_surface (cr, image, 0, 0);
  cairo_paint (cr);
  cairo_destroy (cr);
  cairo_surface_destroy (image);
}

void
fe_contact_sheet_add (FeContactSheet *self, int row, int column,
                      const FeSample *sample)
{
  g_autofree guint8 *outlined = outline (sample);

  g_mutex_lock (&self->lock);
  draw (self, 2 * row, column, sample, sample->pixels);
  if (column >= GOOD_COLUMNS)
    draw (self, 2 * row + 1, column, sample, outlined);
  g_mutex_unlock (&self->lock);
}

cairo_surface_t *
fe_contact_sheet_finish (FeContactSheet *self)
{
  return cairo_surface_reference (self->surface);
}
