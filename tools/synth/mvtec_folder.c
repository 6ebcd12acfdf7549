/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/mvtec_folder.h"

#include <cairo.h>

#include "image_io/output_folder.h"
#include "image_io/png.h"
#include "synth/caption.h"
#include "synth/plan.h"

/*
 * An overview: a row per kind with one image of each of its defects, and below
 * each the same image with its mask outlined.
 */
typedef struct _ContactSheet ContactSheet;

/* A thumbnail's longer edge is at most this many pixels. */
#define SHEET_MAX_EDGE 128
#define GAP 4
/* One for normal training images, one for normal test images. */
#define GOOD_COLUMNS 2

struct _ContactSheet {
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

static ContactSheet *
contact_sheet_new (const FePlan *plan)
{
  ContactSheet *self = g_new0 (ContactSheet, 1);
  cairo_t *cr;

  g_mutex_init (&self->lock);
  self->scale =
      MIN (1, (double)SHEET_MAX_EDGE / MAX (plan->width, plan->height));
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

/* NULL is allowed. */
static void
contact_sheet_free (ContactSheet *self)
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

/* A copy of the image with the pixels just outside of its mask in red. */
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
draw (ContactSheet *self, int row, int column, const FeSample *sample,
      const guint8 *pixels)
{
  cairo_surface_t *image = fe_png_surface_from_rgb (
      pixels, sample->request.width, sample->request.height);
  cairo_t *cr = cairo_create (self->surface);

  cairo_translate (cr, GAP + column * self->cell_width,
                   GAP + row * self->cell_height);
  cairo_scale (cr, self->scale, self->scale);
  cairo_set_source_surface (cr, image, 0, 0);
  cairo_paint (cr);
  cairo_destroy (cr);
  cairo_surface_destroy (image);
}

/* Thread-safe for different cells. */
static void
contact_sheet_add (ContactSheet *self, int row, int column,
                   const FeSample *sample)
{
  g_autofree guint8 *outlined = outline (sample);

  g_mutex_lock (&self->lock);
  draw (self, 2 * row, column, sample, sample->pixels);
  if (column >= GOOD_COLUMNS)
    draw (self, 2 * row + 1, column, sample, outlined);
  g_mutex_unlock (&self->lock);
}

/* A reference to the finished sheet. */
static cairo_surface_t *
contact_sheet_finish (ContactSheet *self)
{
  return cairo_surface_reference (self->surface);
}

/* One image to generate. */
typedef struct {
  FeSampleRequest request;
  /* Below the folder. */
  char *path;
  char *mask_path;
  /* Its cell of the contact sheet, or -1. */
  int sheet_row;
  int sheet_column;
} Image;

typedef struct {
  const FePlan *plan;
  const char *path;
  GArray *images;
  /* One line of captions.jsonl per image. */
  char **lines;
  ContactSheet *sheet;
} Folder;

static void
clear_image (gpointer data)
{
  Image *image = data;

  g_free (image->path);
  g_free (image->mask_path);
}

/* @n images of @kind in the folder @split/NAME. */
static void
add_images (Folder *self, guint row, int defect, const char *split, guint n,
            int sheet_column)
{
  const FeSurfaceKind *kind = g_ptr_array_index (self->plan->kinds, row);
  const char *name = defect < 0 ? "good" : fe_defect_kind (defect)->name;
  g_autofree char *use = g_strconcat (split, "/", name, NULL);

  for (guint i = 0; i < n; i++) {
    const Image image = {
        .request = fe_plan_request (self->plan, kind, defect, use, i),
        .path = g_strdup_printf ("%s/%s/%03u.png", kind->name, use, i),
        .mask_path = defect < 0
                         ? NULL
                         : g_strdup_printf ("%s/ground_truth/%s/%03u_mask.png",
                                            kind->name, name, i),
        .sheet_row = i == 0 ? (int)row : -1,
        .sheet_column = sheet_column,
    };

    g_array_append_val (self->images, image);
  }
}

static void
list_images (Folder *self, const FeFolderCounts *counts)
{
  for (guint row = 0; row < self->plan->kinds->len; row++) {
    const FeSurfaceKind *kind = g_ptr_array_index (self->plan->kinds, row);
    guint defects = kind->defects & self->plan->defects;
    int column = 2;

    add_images (self, row, FE_SAMPLE_GOOD, "train", counts->train, 0);
    add_images (self, row, FE_SAMPLE_GOOD, "test", counts->good, 1);
    for (int i = 0; i < FE_N_DEFECTS; i++)
      if (defects & 1u << i)
        add_images (self, row, i, "test", counts->defective, column++);
  }
}

static gboolean
write_image (const Folder *self, const Image *image, const FeSample *sample,
             GError **error)
{
  g_autofree char *path = g_build_filename (self->path, image->path, NULL);
  g_autofree char *mask_path = NULL;
  int width = image->request.width;
  int height = image->request.height;

  if (!fe_png_write (
          path, fe_png_surface_from_rgb (sample->pixels, width, height), error))
    return FALSE;
  if (!image->mask_path)
    return TRUE;
  mask_path = g_build_filename (self->path, image->mask_path, NULL);
  return fe_png_write (
      mask_path, fe_png_surface_from_gray (sample->mask.pixels, width, height),
      error);
}

static gboolean
make_image (gpointer data, guint index, GError **error)
{
  Folder *self = data;
  const Image *image = &g_array_index (self->images, Image, index);
  g_autoptr (FeSample) sample = fe_sample_new (&image->request);

  if (!write_image (self, image, sample, error))
    return FALSE;
  self->lines[index] =
      fe_caption_to_json (sample, FALSE, image->path, image->mask_path);
  if (image->sheet_row >= 0)
    contact_sheet_add (self->sheet, image->sheet_row, image->sheet_column,
                       sample);
  return TRUE;
}

static gboolean
write_captions (const Folder *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->path, "captions.jsonl", NULL);
  GString *text = g_string_new (NULL);
  gboolean written;

  for (guint i = 0; i < self->images->len; i++)
    g_string_append (text, self->lines[i]);
  written = g_file_set_contents (path, text->str, (gssize)text->len, error);
  g_string_free (text, TRUE);
  return written;
}

static gboolean
write_sheet (const Folder *self, GError **error)
{
  g_autofree char *path =
      g_build_filename (self->path, "contact-sheet.png", NULL);

  return fe_png_write (path, contact_sheet_finish (self->sheet), error);
}

int
fe_folder_write (const FePlan *plan, const FeFolderCounts *counts,
                 const char *path, GError **error)
{
  Folder self = {
      .plan = plan,
      .path = path,
      .images = g_array_new (FALSE, TRUE, sizeof (Image)),
  };
  int n = -1;

  g_array_set_clear_func (self.images, clear_image);
  list_images (&self, counts);
  self.lines = g_new0 (char *, self.images->len + 1);
  self.sheet = contact_sheet_new (plan);
  if (fe_output_folder_make (path, error)
      && fe_plan_run (plan, self.images->len, make_image, &self, error)
      && write_captions (&self, error) && write_sheet (&self, error))
    n = (int)self.images->len;
  for (guint i = 0; i < self.images->len; i++)
    g_free (self.lines[i]);
  g_free (self.lines);
  contact_sheet_free (self.sheet);
  g_array_unref (self.images);
  return n;
}
