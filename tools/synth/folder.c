/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/folder.h"

#include "synth/caption.h"
#include "synth/contact_sheet.h"
#include "synth/png_file.h"

/* One picture to be. */
typedef struct {
  FeSampleRequest request;
  /* Below the folder. */
  char *path;
  char *mask_path;
  /* Where on the contact sheet it stands, or -1. */
  int sheet_row;
  int sheet_column;
} Picture;

typedef struct {
  const FePlan *plan;
  const char *path;
  GArray *pictures;
  /* One line per picture, as they are done. */
  char **lines;
  FeContactSheet *sheet;
} Folder;

static void
clear_picture (gpointer data)
{
  Picture *picture = data;

  g_free (picture->path);
  g_free (picture->mask_path);
}

/* @n pictures of @kind in the folder @split/NAME. */
static void
add_pictures (Folder *self, guint row, int defect, const char *split, guint n,
              int sheet_column)
{
  const FeSurfaceKind *kind = g_ptr_array_index (self->plan->kinds, row);
  const char *name = defect < 0 ? "good" : fe_defect_kind (defect)->name;
  g_autofree char *use = g_strconcat (split, "/", name, NULL);

  for (guint i = 0; i < n; i++) {
    const Picture picture = {
        .request = fe_plan_request (self->plan, kind, defect, use, i),
        .path = g_strdup_printf ("%s/%s/%03u.png", kind->name, use, i),
        .mask_path = defect < 0
                         ? NULL
                         : g_strdup_printf ("%s/ground_truth/%s/%03u_mask.png",
                                            kind->name, name, i),
        .sheet_row = i == 0 ? (int)row : -1,
        .sheet_column = sheet_column,
    };

    g_array_append_val (self->pictures, picture);
  }
}

static void
list_pictures (Folder *self, const FeFolderCounts *counts)
{
  for (guint row = 0; row < self->plan->kinds->len; row++) {
    const FeSurfaceKind *kind = g_ptr_array_index (self->plan->kinds, row);
    guint defects = kind->defects & self->plan->defects;
    int column = 2;

    add_pictures (self, row, FE_SAMPLE_GOOD, "train", counts->train, 0);
    add_pictures (self, row, FE_SAMPLE_GOOD, "test", counts->good, 1);
    for (int i = 0; i < FE_N_DEFECTS; i++)
      if (defects & 1u << i)
        add_pictures (self, row, i, "test", counts->defective, column++);
  }
}

static gboolean
write_picture (const Folder *self, const Picture *picture,
               const FeSample *sample, GError **error)
{
  g_autofree char *path = g_build_filename (self->path, picture->path, NULL);
  g_autofree char *mask_path = NULL;
  int width = picture->request.width;
  int height = picture->request.height;

  if (!fe_png_file_write (path, fe_png_file_rgb (sample->pixels, width, height),
                          error))
    return FALSE;
  if (!picture->mask_path)
    return TRUE;
  mask_path = g_build_filename (self->path, picture->mask_path, NULL);
  return fe_png_file_write (
      mask_path, fe_png_file_gray (sample->mask.pixels, width, height), error);
}

static gboolean
make_picture (gpointer data, guint index, GError **error)
{
  Folder *self = data;
  const Picture *picture = &g_array_index (self->pictures, Picture, index);
  g_autoptr (FeSample) sample = fe_sample_new (&picture->request);

  if (!write_picture (self, picture, sample, error))
    return FALSE;
  self->lines[index] =
      fe_caption_to_json (sample, FALSE, picture->path, picture->mask_path);
  if (picture->sheet_row >= 0)
    fe_contact_sheet_add (self->sheet, picture->sheet_row,
                          picture->sheet_column, sample);
  return TRUE;
}

static gboolean
write_captions (const Folder *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->path, "captions.jsonl", NULL);
  GString *text = g_string_new (NULL);
  gboolean written;

  for (guint i = 0; i < self->pictures->len; i++)
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
      .pictures = g_array_new (FALSE, TRUE, sizeof (Picture)),
  };
  int n = -1;

  g_array_set_clear_func (self.pictures, clear_picture);
  list_pictures (&self, counts);
  self.lines = g_new0 (char *, self.pictures->len + 1);
  self.sheet = fe_contact_sheet_new (plan);
  if (fe_png_file_make_folder (path, error)
      && fe_batch_run (self.pictures->len, plan->threads, make_picture, &self,
                       plan->progress, error)
      && write_captions (&self, error) && write_sheet (&self, error))
    n = (int)self.pictures->len;
  for (guint i = 0; i < self.pictures->len; i++)
    g_free (self.lines[i]);
  g_free (self.lines);
  fe_contact_sheet_free (self.sheet);
  g_array_unref (self.pictures);
  return n;
}
