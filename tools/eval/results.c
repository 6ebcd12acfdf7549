/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/results.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#define AT(member) offsetof (FeOutcome, member)

static const FeResultColumn all_columns[] = {
    {FALSE, "auroc", "AUROC", AT (image.auroc), FALSE},
    {FALSE, "ap", "AP", AT (image.ap), FALSE},
    {FALSE, "f1_max", "F1-max", AT (image.f1_max), FALSE},
    {FALSE, "threshold", "threshold", AT (threshold), TRUE},
    {TRUE, "auroc", "AUROC", AT (pixel.auroc), FALSE},
    {TRUE, "ap", "AP", AT (pixel.ap), FALSE},
    {TRUE, "pro", "PRO", AT (pixel.pro), FALSE},
    {TRUE, "f1_max", "F1-max", AT (pixel.f1_max), FALSE},
    {TRUE, "threshold", "threshold", AT (pixel_threshold), TRUE},
};

const FeResultColumn *
fe_result_columns (guint *n)
{
  *n = G_N_ELEMENTS (all_columns);
  return all_columns;
}

static double
get_number (const FeResultColumn *self, const FeOutcome *outcome)
{
  return G_STRUCT_MEMBER (double, outcome, self->offset);
}

char *
fe_result_column_format (const FeResultColumn *self, const FeOutcome *outcome)
{
  double number = get_number (self, outcome);

  if (isnan (number))
    return g_strdup ("–");
  return self->score ? g_strdup_printf ("%.4f", number)
                     : g_strdup_printf ("%.2f", 100 * number);
}

GPtrArray *
fe_result_list_outcomes (FeEvaluation *evaluation)
{
  const GPtrArray *outcomes = fe_evaluation_get_outcomes (evaluation);
  GPtrArray *list = g_ptr_array_new ();

  for (guint i = 0; i < outcomes->len; i++)
    g_ptr_array_add (list, g_ptr_array_index (outcomes, i));
  if (outcomes->len > 1) {
    g_ptr_array_add (list, (gpointer)fe_evaluation_get_mean (evaluation));
    g_ptr_array_add (list, (gpointer)fe_evaluation_get_pooled (evaluation));
  }
  return list;
}

#define GAP 2

/* Appends @text padded to @width characters; aligned right if @right. */
static void
append_cell (GString *line, const char *text, guint width, gboolean right)
{
  guint length = (guint)g_utf8_strlen (text, -1);
  guint filling = width > length ? width - length : 0;

  if (right)
    g_string_append_printf (line, "%*s", (int)filling, "");
  g_string_append (line, text);
  if (!right)
    g_string_append_printf (line, "%*s", (int)filling, "");
}

static guint
get_width (const FeResultColumn *column)
{
  return MAX ((guint)strlen (column->title), 6) + GAP;
}

/* Whether any outcome has a number in the columns about pixels, or in those
 * about images. */
static gboolean
is_shown (GPtrArray *outcomes, gboolean pixel)
{
  guint n;
  const FeResultColumn *columns = fe_result_columns (&n);

  for (guint i = 0; i < outcomes->len; i++)
    for (guint j = 0; j < n; j++)
      if (columns[j].pixel == pixel
          && !isnan (get_number (&columns[j], g_ptr_array_index (outcomes, i))))
        return TRUE;
  return FALSE;
}

static void
append_line (GString *text, const GString *line)
{
  g_string_append_len (text, line->str, (gssize)line->len);
  while (text->str[text->len - 1] == ' ')
    g_string_truncate (text, text->len - 1);
  g_string_append_c (text, '\n');
}

static void
append_head (GString *text, guint name_width, const gboolean shown[2])
{
  g_autoptr (GString) groups = g_string_new (NULL);
  g_autoptr (GString) titles = g_string_new (NULL);
  guint n;
  const FeResultColumn *columns = fe_result_columns (&n);

  append_cell (groups, "", name_width + 17, FALSE);
  append_cell (titles, "category", name_width, FALSE);
  append_cell (titles, "good", 6, TRUE);
  append_cell (titles, "defective", 11, TRUE);
  for (guint i = 0; i < n; i++) {
    gboolean first;
    guint width;

    if (!shown[columns[i].pixel])
      continue;
    first = i == 0 || columns[i].pixel != columns[i - 1].pixel;
    width = get_width (&columns[i]) + (first ? GAP : 0);
    append_cell (groups,
                 !first             ? ""
                 : columns[i].pixel ? "pixel"
                                    : "image",
                 width, TRUE);
    append_cell (titles, columns[i].title, width, TRUE);
  }
  append_line (text, groups);
  append_line (text, titles);
}

static void
append_outcome (GString *text, const FeOutcome *outcome, guint name_width,
                const gboolean shown[2])
{
  g_autoptr (GString) line = g_string_new (NULL);
  guint n;
  const FeResultColumn *columns = fe_result_columns (&n);
  char number[16];

  append_cell (line, outcome->name, name_width, FALSE);
  g_snprintf (number, sizeof number, "%u", outcome->n_good);
  append_cell (line, number, 6, TRUE);
  g_snprintf (number, sizeof number, "%u", outcome->n_defective);
  append_cell (line, number, 11, TRUE);
  for (guint i = 0; i < n; i++) {
    g_autofree char *cell = fe_result_column_format (&columns[i], outcome);
    gboolean first = i == 0 || columns[i].pixel != columns[i - 1].pixel;

    if (shown[columns[i].pixel])
      append_cell (line, cell, get_width (&columns[i]) + (first ? GAP : 0),
                   TRUE);
  }
  append_line (text, line);
}

char *
fe_results_to_text (FeEvaluation *evaluation, const FeSubject *subject)
{
  g_autoptr (GPtrArray) outcomes = fe_result_list_outcomes (evaluation);
  guint n_categories = fe_evaluation_get_outcomes (evaluation)->len;
  const gboolean shown[2] = {is_shown (outcomes, FALSE),
                             is_shown (outcomes, TRUE)};
  g_autofree char *path = g_filename_display_name (subject->dataset->path);
  GString *text = g_string_new (NULL);
  guint name_width = strlen ("category"), n_unlabelled = 0;

  for (guint i = 0; i < outcomes->len; i++) {
    const FeOutcome *outcome = g_ptr_array_index (outcomes, i);

    name_width = MAX (name_width, (guint)g_utf8_strlen (outcome->name, -1));
    if (i < n_categories)
      n_unlabelled += outcome->n_unknown;
  }
  g_string_append_printf (
      text, "%s: layout %s, %u images at %u×%u, %.1f per second\n\n", path,
      subject->dataset->layout, subject->n_images, subject->options->size,
      subject->options->size, subject->n_images / MAX (subject->seconds, 1e-9));
  if (subject->n_references > 0)
    g_string_append_printf (
        text, "%u normal images of each category, reference-score %s\n\n",
        subject->n_references, subject->reference_score);
  append_head (text, name_width, shown);
  for (guint i = 0; i < outcomes->len; i++) {
    if (i == n_categories)
      g_string_append_c (text, '\n');
    append_outcome (text, g_ptr_array_index (outcomes, i), name_width, shown);
  }
  if (n_unlabelled > 0)
    g_string_append_printf (text,
                            "\nImages without a label: %u. --output writes "
                            "their scores.\n",
                            n_unlabelled);
  return g_string_free (text, FALSE);
}

static void
add_number (JsonBuilder *builder, const char *name, double number)
{
  json_builder_set_member_name (builder, name);
  if (isnan (number))
    json_builder_add_null_value (builder);
  else
    json_builder_add_double_value (builder, number);
}

static void
add_count (JsonBuilder *builder, const char *name, guint count)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, count);
}

static void
add_text (JsonBuilder *builder, const char *name, const char *text)
{
  g_autofree char *valid = text ? g_filename_display_name (text) : NULL;

  json_builder_set_member_name (builder, name);
  if (valid)
    json_builder_add_string_value (builder, valid);
  else
    json_builder_add_null_value (builder);
}

static void
add_columns (JsonBuilder *builder, const FeOutcome *outcome, gboolean pixel)
{
  guint n;
  const FeResultColumn *columns = fe_result_columns (&n);

  json_builder_set_member_name (builder, pixel ? "pixel" : "image");
  json_builder_begin_object (builder);
  for (guint i = 0; i < n; i++)
    if (columns[i].pixel == pixel)
      add_number (builder, columns[i].key, get_number (&columns[i], outcome));
  json_builder_end_object (builder);
}

static void
add_outcome (JsonBuilder *builder, const FeOutcome *outcome, gboolean named)
{
  json_builder_begin_object (builder);
  if (named)
    add_text (builder, "name", outcome->name);
  add_count (builder, "good", outcome->n_good);
  add_count (builder, "defective", outcome->n_defective);
  add_count (builder, "unlabelled", outcome->n_unknown);
  add_count (builder, "regions", outcome->n_regions);
  add_columns (builder, outcome, FALSE);
  add_columns (builder, outcome, TRUE);
  json_builder_end_object (builder);
}

static void
add_subject (JsonBuilder *builder, FeEvaluation *evaluation,
             const FeSubject *subject)
{
  add_text (builder, "dataset", subject->dataset->path);
  add_text (builder, "layout", subject->dataset->layout);
  add_text (builder, "model_file", subject->model_file);
  add_text (builder, "adapter_file", subject->adapter_file);
  add_text (builder, "device", subject->device);
  add_count (builder, "references", subject->n_references);
  if (subject->n_references > 0)
    add_text (builder, "reference_score", subject->reference_score);
  add_count (builder, "image_size", subject->options->size);
  add_count (builder, "images", subject->n_images);
  add_count (builder, "failed_images", subject->n_failed);
  add_count (builder, "unusable_masks", subject->n_bad_masks);
  json_builder_set_member_name (builder, "problems");
  json_builder_begin_array (builder);
  for (guint i = 0; i < subject->problems->len; i++)
    json_builder_add_string_value (builder,
                                   g_ptr_array_index (subject->problems, i));
  json_builder_end_array (builder);
  add_number (builder, "seconds", subject->seconds);
  add_text (builder, "pro_images",
            subject->options->pro_defective ? "defective" : "all");
  json_builder_set_member_name (builder, "exact");
  json_builder_add_boolean_value (builder, subject->options->exact);
  add_number (builder, "ranking_error", fe_evaluation_get_error (evaluation));
}

char *
fe_results_to_json (FeEvaluation *evaluation, const FeSubject *subject)
{
  const GPtrArray *outcomes = fe_evaluation_get_outcomes (evaluation);
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_begin_object (builder);
  add_subject (builder, evaluation, subject);
  json_builder_set_member_name (builder, "categories");
  json_builder_begin_array (builder);
  for (guint i = 0; i < outcomes->len; i++)
    add_outcome (builder, g_ptr_array_index (outcomes, i), TRUE);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "mean");
  add_outcome (builder, fe_evaluation_get_mean (evaluation), FALSE);
  json_builder_set_member_name (builder, "pooled");
  add_outcome (builder, fe_evaluation_get_pooled (evaluation), FALSE);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, TRUE);
  return g_strconcat (text, "\n", NULL);
}

/* Appends a CSV field, quoted where necessary. */
static void
append_field (GString *text, const char *field)
{
  if (text->len > 0 && text->str[text->len - 1] != '\n')
    g_string_append_c (text, ',');
  if (!strpbrk (field, ",\"\r\n")) {
    g_string_append (text, field);
    return;
  }
  g_string_append_c (text, '"');
  for (; *field; field++)
    if (*field == '"')
      g_string_append (text, "\"\"");
    else
      g_string_append_c (text, *field);
  g_string_append_c (text, '"');
}

/* An undefined number is an empty field. */
static void
append_number (GString *text, double number)
{
  char field[G_ASCII_DTOSTR_BUF_SIZE] = "";

  if (!isnan (number))
    g_ascii_formatd (field, sizeof field, "%.9g", number);
  append_field (text, field);
}

static void
append_csv_outcome (GString *text, const FeOutcome *outcome, const char *kind)
{
  guint n;
  const FeResultColumn *columns = fe_result_columns (&n);

  append_field (text, kind);
  append_field (text, outcome->name);
  append_number (text, outcome->n_good);
  append_number (text, outcome->n_defective);
  for (guint i = 0; i < n; i++)
    append_number (text, get_number (&columns[i], outcome));
  g_string_append_c (text, '\n');
}

char *
fe_results_to_csv (FeEvaluation *evaluation)
{
  const GPtrArray *outcomes = fe_evaluation_get_outcomes (evaluation);
  GString *text = g_string_new ("line,category,good,defective");
  guint n;
  const FeResultColumn *columns = fe_result_columns (&n);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (
        text, ",%s_%s", columns[i].pixel ? "pixel" : "image", columns[i].key);
  g_string_append_c (text, '\n');
  for (guint i = 0; i < outcomes->len; i++)
    append_csv_outcome (text, g_ptr_array_index (outcomes, i), "category");
  append_csv_outcome (text, fe_evaluation_get_mean (evaluation), "mean");
  append_csv_outcome (text, fe_evaluation_get_pooled (evaluation), "pooled");
  return g_string_free (text, FALSE);
}

char *
fe_results_scores_to_csv (FeEvaluation *evaluation)
{
  static const char *const truths[] = {
      [FE_TRUTH_UNKNOWN] = "",
      [FE_TRUTH_GOOD] = "good",
      [FE_TRUTH_DEFECTIVE] = "defective",
  };
  const GArray *scores = fe_evaluation_get_scores (evaluation);
  GString *text =
      g_string_new ("category,image,truth,score,pixel_auroc,file\n");

  for (guint i = 0; i < scores->len; i++) {
    const FeScore *score = &g_array_index (scores, FeScore, i);
    g_autofree char *path = g_filename_display_name (score->item->path);

    append_field (text, score->category->name);
    append_field (text, score->item->name);
    append_field (text, truths[score->item->truth]);
    append_number (text, score->score);
    append_number (text, score->located);
    append_field (text, path);
    g_string_append_c (text, '\n');
  }
  return g_string_free (text, FALSE);
}
