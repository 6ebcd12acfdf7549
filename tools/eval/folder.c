/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/folder.h"

#include <errno.h>
#include <feclip/error.h>
#include <glib/gstdio.h>
#include <stdlib.h>

#include "eval/gallery.h"
#include "eval/interrupt.h"
#include "eval/page.h"
#include "eval/plot.h"
#include "cli/png.h"

/* A path without links. */
static char *
resolve (const char *path)
{
  char *resolved = realpath (path, NULL);
  char *copy = g_strdup (resolved ? resolved : path);

  free (resolved);
  return copy;
}

gboolean
fe_folder_prepare (const char *path, const FeDataset *dataset, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);
  g_autofree char *dataset_path = resolve (dataset->path);
  g_autofree char *prefix =
      g_build_filename (dataset_path, G_DIR_SEPARATOR_S, NULL);
  gboolean existed = g_file_test (path, G_FILE_TEST_EXISTS);
  g_autofree char *resolved = NULL;
  g_autofree char *slashed = NULL;

  if (g_mkdir_with_parents (path, 0777) < 0) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
                 "the folder %s cannot be made: %s", name, g_strerror (errno));
    return FALSE;
  }
  resolved = resolve (path);
  slashed = g_build_filename (resolved, G_DIR_SEPARATOR_S, NULL);
  if (!g_str_has_prefix (slashed, prefix))
    return TRUE;
  if (!existed)
    g_rmdir (path);
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
               "--output: %s lies in the data set, take another folder", name);
  return FALSE;
}

/* One file to be. */
typedef struct {
  const char *name;
  /* NULL where there is none. */
  const char *content;
  gssize length;
} Part;

static gboolean
write_parts (const char *path, const Part *parts, gsize n, GError **error)
{
  for (gsize i = 0; i < n; i++) {
    g_autofree char *file = g_build_filename (path, parts[i].name, NULL);

    if (parts[i].content) {
      if (!g_file_set_contents (file, parts[i].content, parts[i].length, error))
        return FALSE;
    } else {
      /* Not from another run. */
      g_unlink (file);
    }
  }
  return TRUE;
}

/* NULL without an error where there is no surface, which is taken. */
static GByteArray *
encode (cairo_surface_t *surface, const char *name, GError **error)
{
  GByteArray *png = surface ? fe_png_encode (surface, name, error) : NULL;

  g_clear_pointer (&surface, cairo_surface_destroy);
  return png;
}

gboolean
fe_folder_write_results (const char *path, FeEvaluation *evaluation,
                         const FeSubject *subject, GError **error)
{
  g_autofree char *json = fe_results_to_json (evaluation, subject);
  g_autofree char *csv = fe_results_to_csv (evaluation);
  g_autofree char *scores = fe_results_scores_to_csv (evaluation);
  g_autoptr (GPtrArray) cards = fe_gallery_new (evaluation);
  g_autoptr (GError) failure = NULL;
  g_autoptr (GByteArray) curves =
      encode (fe_plot_draw (evaluation), "curves.png", &failure);
  g_autoptr (GByteArray) worst =
      failure ? NULL : encode (fe_gallery_draw (cards), "worst.png", &failure);
  g_autofree char *page =
      failure ? NULL
              : fe_page_format (evaluation, subject, curves, cards, &failure);
  const Part parts[] = {
      {"results.json", json, -1},
      {"results.csv", csv, -1},
      {"scores.csv", scores, -1},
      {"curves.png", curves ? (const char *)curves->data : NULL,
       curves ? curves->len : 0},
      {"worst.png", worst ? (const char *)worst->data : NULL,
       worst ? worst->len : 0},
      {"report.html", page, -1},
  };

  if (failure) {
    g_propagate_error (error, g_steal_pointer (&failure));
    return FALSE;
  }
  return fe_interrupt_is_pending ()
         || write_parts (path, parts, G_N_ELEMENTS (parts), error);
}
