/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/page.h"

#include <math.h>

#include "eval/csv.h"
#include "cli/png.h"

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
    ".cards{display:grid;gap:1rem;margin-top:.8rem;"
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
      fe_layout_get_name (subject->dataset->layout),
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
      "</p>\n<p>Numbers in percent, thresholds at the largest F1; PRO's "
      "false positives are those of %s.</p>\n",
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

/* A column begins a group: a line is drawn before it. */
static const char *
get_class (guint column, const FeCsvColumn *columns)
{
  gboolean first =
      column == 0 || columns[column].pixel != columns[column - 1].pixel;

  return first ? " class=\"first\"" : "";
}

static void
append_row (GString *html, const FeOutcome *outcome, gboolean all)
{
  guint n;
  const FeCsvColumn *columns = fe_csv_columns (&n);

  g_string_append (html, all ? "<tr class=\"all\"><td>" : "<tr><td>");
  append_escaped (html, outcome->name);
  g_string_append_printf (html, "</td><td>%u</td><td>%u</td>", outcome->n_good,
                          outcome->n_defective);
  for (guint i = 0; i < n; i++) {
    g_autofree char *cell = fe_csv_column_format (&columns[i], outcome);

    g_string_append_printf (html, "<td%s>%s</td>", get_class (i, columns),
                            cell);
  }
  g_string_append (html, "</tr>\n");
}

static void
append_table (GString *html, FeEvaluation *evaluation)
{
  g_autoptr (GPtrArray) outcomes = fe_csv_columns_list_outcomes (evaluation);
  guint n_categories = fe_evaluation_get_outcomes (evaluation)->len;
  guint n, n_images = 0;
  const FeCsvColumn *columns = fe_csv_columns (&n);

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
append_card (GString *html, const FeGalleryCard *card, GError **error)
{
  g_autoptr (GByteArray) png = fe_png_encode (card->surface, card->name, error);

  if (!png)
    return FALSE;
  g_string_append (html, "<figure>");
  append_image (html, png, "image and heatmap");
  g_string_append (html, "<figcaption>");
  append_escaped (html, card->name);
  g_string_append_printf (html, "<br><span class=\"%s\">",
                          card->wrong ? "wrong" : "right");
  append_escaped (html, card->verdict);
  g_string_append (html, "</span></figcaption></figure>\n");
  return TRUE;
}

static gboolean
append_cards (GString *html, GPtrArray *cards, GError **error)
{
  int kind = -1;

  for (guint i = 0; i < cards->len; i++) {
    const FeGalleryCard *card = g_ptr_array_index (cards, i);

    if ((int)card->kind != kind)
      g_string_append_printf (
          html, "%s<h2>%s</h2>\n<p>%s</p>\n<div class=\"cards\">\n",
          kind < 0 ? "" : "</div>\n", fe_gallery_tile_get_title (card->kind),
          fe_gallery_tile_get_summary (card->kind));
    kind = (int)card->kind;
    if (!append_card (html, card, error))
      return FALSE;
  }
  if (kind >= 0)
    g_string_append (html, "</div>\n");
  return TRUE;
}

char *
fe_page_format (FeEvaluation *evaluation, const FeSubject *subject,
                const GByteArray *curves, GPtrArray *cards, GError **error)
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
  if (!append_cards (html, cards, error))
    return NULL;
  append_problems (html, subject->problems);
  g_string_append (html, "</body>\n</html>\n");
  return g_string_free (g_steal_pointer (&html), FALSE);
}
