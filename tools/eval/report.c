/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/report.h"

#include <errno.h>
#include <feclip/error.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>

#include "cli/interrupt.h"
#include "eval/gallery.h"
#include "eval/plot.h"
#include "eval/results.h"
#include "image_io/output_folder.h"
#include "image_io/png.h"

static const char style[] =
    "body{margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1f2328;"
    "font:15px/1.5 system-ui,sans-serif;background:#fff}"
    "h1{font-size:1.6rem;margin-bottom:.2rem}"
    "h2{font-size:1.25rem;margin:2.5rem 0 .2rem}"
    "p{margin:.2rem 0;color:#57606a}"
    "table{border-collapse:collapse;margin:1.5rem 0;"
    "font-variant-numeric:tabular-nums}"
    "th,td{padding:.25rem .7rem;text-align:right;"
    "border-bottom:1px solid #d0d7de}"
    "th{font-weight:600}th:first-child,td:first-child{text-align:left}"
    ".group th{border-bottom:0;text-align:center;color:#57606a}"
    ".first{border-left:1px solid #d0d7de}"
    ".all td{background:#f6f8fa;font-weight:600}"
    "img{max-width:100%}"
    ".tiles{display:grid;gap:1rem;margin-top:.8rem;"
    "grid-template-columns:repeat(auto-fill,minmax(20rem,1fr))}"
    "figure{margin:0}figure img{display:block;width:100%;border-radius:4px}"
    "figcaption{font-size:.85rem;overflow-wrap:anywhere}"
    ".wrong{color:#cf222e}.right{color:#57606a}"
    "ul{color:#cf222e;padding-left:1.2rem}";

static void
append_escaped (GString *html, const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  g_string_append (html, escaped);
}

static void
append_path (GString *html, const char *label, const char *path)
{
  g_autofree char *name = path ? g_filename_display_name (path) : NULL;

  if (!name)
    return;
  g_string_append (html, label);
  append_escaped (html, name);
}

static void
append_subject (GString *html, const FeSubject *subject)
{
  g_string_append (html, "<h1>");
  append_path (html, "", subject->dataset->path);
  g_string_append_printf (
      html,
      "</h1>\n<p>%u images at %u×%u, layout %s, %.1f images per second on ",
      subject->n_images, subject->options->size, subject->options->size,
      subject->dataset->layout,
      subject->n_images / MAX (subject->seconds, 1e-9));
  append_escaped (html, subject->device);
  g_string_append (html, "</p>\n<p>");
  append_path (html, "model ",
               subject->model_file ? subject->model_file : "built in");
  append_path (html, ", adapters ", subject->adapter_file);
  if (subject->n_references > 0)
    g_string_append_printf (
        html, "</p>\n<p>%u normal images of each category, score %s",
        subject->n_references, subject->reference_score);
  g_string_append_printf (
      html,
      "</p>\n<p>Numbers are in percent, thresholds at the largest F1; the "
      "false positive rate of PRO counts the pixels of %s.</p>\n",
      subject->options->pro_defective ? "defective images" : "all images");
}

static void
append_problems (GString *html, const GPtrArray *problems)
{
  if (problems->len == 0)
    return;
  g_string_append (html, "<h2>Not evaluated</h2>\n<ul>\n");
  for (guint i = 0; i < problems->len; i++) {
    g_string_append (html, "<li>");
    append_escaped (html, g_ptr_array_index (problems, i));
    g_string_append (html, "</li>\n");
  }
  g_string_append (html, "</ul>\n");
}

/* A line is drawn before the first column of a group. */
static const char *
get_class (guint column, const FeResultColumn *columns)
{
  gboolean first =
      column == 0 || columns[column].pixel != columns[column - 1].pixel;

  return first ? " class=\"first\"" : "";
}

static void
append_row (GString *html, const FeOutcome *outcome, gboolean all)
{
  guint n;
  const FeResultColumn *columns = fe_result_columns (&n);

  g_string_append (html, all ? "<tr class=\"all\"><td>" : "<tr><td>");
  append_escaped (html, outcome->name);
  g_string_append_printf (html, "</td><td>%u</td><td>%u</td>", outcome->n_good,
                          outcome->n_defective);
  for (guint i = 0; i < n; i++) {
    g_autofree char *cell = fe_result_column_format (&columns[i], outcome);

    g_string_append_printf (html, "<td%s>%s</td>", get_class (i, columns),
                            cell);
  }
  g_string_append (html, "</tr>\n");
}

static void
append_table (GString *html, FeEvaluation *evaluation)
{
  g_autoptr (GPtrArray) outcomes = fe_result_list_outcomes (evaluation);
  guint n_categories = fe_evaluation_get_outcomes (evaluation)->len;
  guint n, n_images = 0;
  const FeResultColumn *columns = fe_result_columns (&n);

  while (n_images < n && !columns[n_images].pixel)
    n_images++;
  g_string_append_printf (html,
                          "<table>\n<tr class=\"group\"><th></th><th></th>"
                          "<th></th><th class=\"first\" colspan=\"%u\">image"
                          "</th><th class=\"first\" colspan=\"%u\">pixel</th>"
                          "</tr>\n<tr><th>category</th><th>good</th>"
                          "<th>defective</th>",
                          n_images, n - n_images);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (html, "<th%s>%s</th>", get_class (i, columns),
                            columns[i].title);
  g_string_append (html, "</tr>\n");
  for (guint i = 0; i < outcomes->len; i++)
    append_row (html, g_ptr_array_index (outcomes, i), i >= n_categories);
  g_string_append (html, "</table>\n");
}

static void
append_image (GString *html, const GByteArray *png, const char *what)
{
  g_autofree char *data = g_base64_encode (png->data, png->len);

  g_string_append_printf (html, "<img alt=\"%s\" src=\"data:image/png;base64,",
                          what);
  g_string_append (html, data);
  g_string_append (html, "\">\n");
}

static gboolean
append_tile (GString *html, const FeGalleryTile *tile, GError **error)
{
  g_autoptr (GByteArray) png = fe_png_encode (tile->surface, tile->name, error);

  if (!png)
    return FALSE;
  g_string_append (html, "<figure>");
  append_image (html, png, "image and heatmap");
  g_string_append (html, "<figcaption>");
  append_escaped (html, tile->name);
  g_string_append_printf (html, "<br><span class=\"%s\">",
                          tile->wrong ? "wrong" : "right");
  append_escaped (html, tile->verdict);
  g_string_append (html, "</span></figcaption></figure>\n");
  return TRUE;
}

static gboolean
append_tiles (GString *html, GPtrArray *tiles, GError **error)
{
  int kind = -1;

  for (guint i = 0; i < tiles->len; i++) {
    const FeGalleryTile *tile = g_ptr_array_index (tiles, i);

    if ((int)tile->kind != kind)
      g_string_append_printf (
          html, "%s<h2>%s</h2>\n<p>%s</p>\n<div class=\"tiles\">\n",
          kind < 0 ? "" : "</div>\n", fe_gallery_get_title (tile->kind),
          fe_gallery_get_summary (tile->kind));
    kind = (int)tile->kind;
    if (!append_tile (html, tile, error))
      return FALSE;
  }
  if (kind >= 0)
    g_string_append (html, "</div>\n");
  return TRUE;
}

/*
 * Formats the report as one self-contained HTML file: the numbers, @curves as
 * PNG data or NULL, and @tiles (FeGalleryTile). NULL with an error where an
 * image cannot be encoded.
 */
static char *
format_page (FeEvaluation *evaluation, const FeSubject *subject,
             const GByteArray *curves, GPtrArray *tiles, GError **error)
{
  g_autoptr (GString) html = g_string_new (
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n"
      "<title>feclip eval</title>\n<style>");

  g_string_append (html, style);
  g_string_append (html, "</style>\n</head>\n<body>\n");
  append_subject (html, subject);
  append_table (html, evaluation);
  if (curves)
    append_image (html, curves, "curves");
  if (!append_tiles (html, tiles, error))
    return NULL;
  append_problems (html, subject->problems);
  g_string_append (html, "</body>\n</html>\n");
  return g_string_free (g_steal_pointer (&html), FALSE);
}

gboolean
fe_report_make_folder (const char *path, const FeDataset *dataset,
                       GError **error)
{
  g_autofree char *name = g_filename_display_name (path);
  gboolean existed = g_file_test (path, G_FILE_TEST_EXISTS);

  if (!fe_output_folder_make (path, error))
    return FALSE;
  if (!fe_output_folder_contains (dataset->path, path))
    return TRUE;
  if (!existed)
    g_rmdir (path);
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
               "--output: %s lies inside the data set; choose another folder",
               name);
  return FALSE;
}

/* One file of the report. */
typedef struct {
  const char *name;
  /* NULL: the report has no such file. */
  const char *content;
  gssize length;
} ReportFile;

static gboolean
write_files (const char *path, const ReportFile *files, gsize n, GError **error)
{
  for (gsize i = 0; i < n; i++) {
    g_autofree char *file = g_build_filename (path, files[i].name, NULL);

    if (files[i].content) {
      if (!g_file_set_contents (file, files[i].content, files[i].length, error))
        return FALSE;
    } else {
      /* It would be from another run. */
      g_unlink (file);
    }
  }
  return TRUE;
}

/* Takes @surface; NULL gives NULL without an error. */
static GByteArray *
encode (cairo_surface_t *surface, const char *name, GError **error)
{
  GByteArray *png = surface ? fe_png_encode (surface, name, error) : NULL;

  g_clear_pointer (&surface, cairo_surface_destroy);
  return png;
}

gboolean
fe_report_write (const char *path, FeEvaluation *evaluation,
                 const FeSubject *subject, GError **error)
{
  g_autofree char *json = fe_results_to_json (evaluation, subject);
  g_autofree char *csv = fe_results_to_csv (evaluation);
  g_autofree char *scores = fe_results_scores_to_csv (evaluation);
  g_autoptr (GPtrArray) tiles = fe_gallery_new (evaluation);
  g_autoptr (GError) failure = NULL;
  g_autoptr (GByteArray) curves =
      encode (fe_plot_draw (evaluation), "curves.png", &failure);
  g_autoptr (GByteArray) worst =
      failure ? NULL : encode (fe_gallery_draw (tiles), "worst.png", &failure);
  g_autofree char *page =
      failure ? NULL
              : format_page (evaluation, subject, curves, tiles, &failure);
  const ReportFile files[] = {
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
         || write_files (path, files, G_N_ELEMENTS (files), error);
}
