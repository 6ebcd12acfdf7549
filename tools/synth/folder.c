/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/folder.h"

#include "synth/caption.h"
#include "synth/contact_sheet.h"
#include "synth/png_file.h"

/* One image to be. */
typedef struct {
  FeSampleRequest request;
  /* Below the folder. */
  char *path;
  char *mask_path;
  /* Where on the contact sheet it stands, or -1. */
  int sheet_row;
  int sheet_column;
} Image;

typedef struct {
  const FePlan *plan;
  const char *path;
  GArray *images;
  /* One line per image, as they are done. */
  char **lines;
  FeContactSheet *sheet;
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

  if (!fe_png_file_write (path, fe_png_file_rgb (sample->pixels, width, height),
                          error))
    return FALSE;
  if (!image->mask_path)
    return TRUE;
  mask_path = g_build_filename (self->path, image->mask_path, NULL);
  return fe_png_file_write (
      mask_path, fe_png_file_gray (sample->mask.pixels, width, height), error);
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
    fe_contact_sheet_add (self->sheet, image->sheet_row, image->sheet_column,
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

  return fe_png_file_write (path, fe_contact_sheet_finish (self->sheet), error);
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
  self.sheet = fe_contact_sheet_new (plan);
  if (fe_png_file_make_folder (path, error)
      && fe_batch_run (self.images->len, plan->threads, make_image, &self,
                       plan->progress, error)
      && write_captions (&self, error) && write_sheet (&self, error))
    n = (int)self.images->len;
  for (guint i = 0; i < self.images->len; i++)
    g_free (self.lines[i]);
  g_free (self.lines);
  fe_contact_sheet_free (self.sheet);
  g_array_unref (self.images);
  return n;
}
