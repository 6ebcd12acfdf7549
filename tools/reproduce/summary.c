/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "reproduce/summary.h"

#include <feclip/error.h>
#include <json-glib/json-glib.h>
#include <math.h>

#define CELL 14

/* The JSON members of a figure in the results of one evaluation. */
static const struct {
  const char *kind;
  const char *key;
} members[FE_N_FIGURES] = {
    [FE_FIGURE_IMAGE_AUROC] = {"image", "auroc"},
    [FE_FIGURE_IMAGE_AP] = {"image", "ap"},
    [FE_FIGURE_PIXEL_AUROC] = {"pixel", "auroc"},
    [FE_FIGURE_PRO] = {"pixel", "pro"},
};

/* NULL where there is no such object. */
static JsonObject *
get_object (JsonObject *parent, const char *name)
{
  JsonNode *node = parent ? json_object_get_member (parent, name) : NULL;

  return node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node)
                                               : NULL;
}

static gboolean
get_number (JsonObject *parent, const char *name, double *number)
{
  JsonNode *node = parent ? json_object_get_member (parent, name) : NULL;

  *number = NAN;
  if (node && JSON_NODE_HOLDS_VALUE (node))
    *number = json_node_get_double (node);
  return node != NULL;
}

gboolean
fe_benchmark_result_read (FeBenchmarkResult *self, const char *path,
                          GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *name = g_filename_display_name (path);
  JsonObject *root = NULL;
  double failed = 0, masks = 0;
  gboolean ok;

  if (!json_parser_load_from_file (parser, path, error)) {
    g_prefix_error (error, "%s: ", name);
    return FALSE;
  }
  if (JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    root = json_node_get_object (json_parser_get_root (parser));
  ok = get_number (root, "failed_images", &failed)
       && get_number (root, "unusable_masks", &masks);
  self->n_problems = ok ? (guint)(failed + masks) : 0;
  for (guint i = 0; ok && i < FE_N_FIGURES; i++)
    ok = get_number (get_object (get_object (root, "mean"), members[i].kind),
                     members[i].key, &self->figures[i]);
  if (!ok)
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "%s: not the results of an evaluation; remove the file to "
                 "evaluate again",
                 name);
  return ok;
}

/* The mean over the seeds that have the number, and the sample standard
 * deviation. */
static FePublished
get_mean (const GArray *results, FeBenchmark benchmark, FeFigure figure,
          guint *n)
{
  FePublished result = {NAN, NAN};
  double sum = 0, squares = 0;

  *n = 0;
  for (guint i = 0; i < results->len; i++) {
    const FeBenchmarkResult *one =
        &g_array_index (results, FeBenchmarkResult, i);

    if (one->benchmark == benchmark && !isnan (one->figures[figure])) {
      sum += 100 * one->figures[figure];
      (*n)++;
    }
  }
  if (*n == 0)
    return result;
  result.mean = sum / *n;
  for (guint i = 0; i < results->len; i++) {
    const FeBenchmarkResult *one =
        &g_array_index (results, FeBenchmarkResult, i);

    if (one->benchmark == benchmark && !isnan (one->figures[figure]))
      squares += pow (100 * one->figures[figure] - result.mean, 2);
  }
  if (*n > 1)
    result.deviation = sqrt (squares / (*n - 1));
  return result;
}

static void
append_cell (GString *text, const char *cell)
{
  int filling = CELL - (int)g_utf8_strlen (cell, -1);

  g_string_append_printf (text, "%*s%s", MAX (filling, 1), "", cell);
}

static void
append_published (GString *text, const char *who, const FePublished *values)
{
  g_string_append_printf (text, "  %-24s", who);
  for (guint i = 0; i < FE_N_FIGURES; i++) {
    g_autofree char *cell =
        isnan (values[i].mean) || values[i].mean <= 0 ? g_strdup ("–")
        : isnan (values[i].deviation) || values[i].deviation <= 0
            ? g_strdup_printf ("%.1f", values[i].mean)
            : g_strdup_printf ("%.1f ± %.1f", values[i].mean,
                               values[i].deviation);

    append_cell (text, cell);
  }
  g_string_append_c (text, '\n');
}

static void
append_mean (GString *text, const GArray *results, FeBenchmark benchmark)
{
  g_autofree char *who = NULL;
  guint n, most = 0;

  for (guint i = 0; i < FE_N_FIGURES; i++) {
    get_mean (results, benchmark, i, &n);
    most = MAX (most, n);
  }
  who = g_strdup_printf (most == 1 ? "here, %u seed" : "here, %u seeds", most);
  g_string_append_printf (text, "  %-24s", who);
  for (guint i = 0; i < FE_N_FIGURES; i++) {
    const FePublished value = get_mean (results, benchmark, i, &n);
    g_autofree char *cell =
        n == 0   ? g_strdup ("–")
        : n == 1 ? g_strdup_printf ("%.2f", value.mean)
                 : g_strdup_printf ("%.2f ± %.2f", value.mean, value.deviation);

    append_cell (text, cell);
  }
  g_string_append_c (text, '\n');
}

static const FeBenchmarkResult *
find_benchmark (const GArray *results, FeBenchmark benchmark)
{
  for (guint i = 0; i < results->len; i++) {
    const FeBenchmarkResult *one =
        &g_array_index (results, FeBenchmarkResult, i);

    if (one->benchmark == benchmark)
      return one;
  }
  return NULL;
}

char *
fe_summary_to_text (const GArray *results, const char *taps)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%-26s", "");
  for (guint i = 0; i < FE_N_FIGURES; i++)
    append_cell (text, fe_figure_get_title (i));
  g_string_append_c (text, '\n');
  for (guint b = 0; b < FE_N_BENCHMARKS; b++) {
    const FeBenchmarkResult *one = find_benchmark (results, b);
    FePublished paper[FE_N_FIGURES], reproduction[FE_N_FIGURES];

    if (!one)
      continue;
    for (guint i = 0; i < FE_N_FIGURES; i++) {
      paper[i] = fe_published_by_paper (b, i);
      reproduction[i] = fe_published_by_reproduction (b, taps, i);
    }
    g_string_append_printf (text, "%s, trained on %s, taps %s\n",
                            fe_benchmark_get_title (b),
                            fe_benchmark_get_title (one->trained_on), taps);
    append_mean (text, results, b);
    if (one->trained_on != fe_benchmark_get_trained_on (b))
      continue; /* the paper has no such experiment */
    append_published (text, "paper", paper);
    append_published (text, "its reproduction", reproduction);
  }
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
add_text (JsonBuilder *builder, const char *name, const char *text)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, text);
}

static void
add_mean (JsonBuilder *builder, const GArray *results,
          const FeBenchmarkResult *one)
{
  json_builder_begin_object (builder);
  add_text (builder, "dataset", fe_benchmark_get_name (one->benchmark));
  add_text (builder, "trained_on", fe_benchmark_get_name (one->trained_on));
  for (guint i = 0; i < FE_N_FIGURES; i++) {
    guint n;
    const FePublished value = get_mean (results, one->benchmark, i, &n);

    json_builder_set_member_name (builder, fe_figure_get_key (i));
    json_builder_begin_object (builder);
    add_number (builder, "mean", value.mean / 100);
    add_number (builder, "deviation", value.deviation / 100);
    json_builder_set_member_name (builder, "seeds");
    json_builder_add_int_value (builder, n);
    json_builder_end_object (builder);
  }
  json_builder_end_object (builder);
}

static void
add_result (JsonBuilder *builder, const FeBenchmarkResult *one)
{
  json_builder_begin_object (builder);
  add_text (builder, "dataset", fe_benchmark_get_name (one->benchmark));
  add_text (builder, "trained_on", fe_benchmark_get_name (one->trained_on));
  json_builder_set_member_name (builder, "seed");
  json_builder_add_int_value (builder, one->seed);
  for (guint i = 0; i < FE_N_FIGURES; i++)
    add_number (builder, fe_figure_get_key (i), one->figures[i]);
  json_builder_end_object (builder);
}

char *
fe_summary_to_json (const GArray *results, const char *taps,
                    const char *tap_blocks)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_begin_object (builder);
  add_text (builder, "taps", taps);
  add_text (builder, "tap_blocks", tap_blocks);
  json_builder_set_member_name (builder, "means");
  json_builder_begin_array (builder);
  for (guint b = 0; b < FE_N_BENCHMARKS; b++) {
    const FeBenchmarkResult *one = find_benchmark (results, b);

    if (one)
      add_mean (builder, results, one);
  }
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "runs");
  json_builder_begin_array (builder);
  for (guint i = 0; i < results->len; i++)
    add_result (builder, &g_array_index (results, FeBenchmarkResult, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, TRUE);
  return g_strconcat (text, "\n", NULL);
}

char *
fe_summary_to_csv (const GArray *results, const char *taps)
{
  GString *text = g_string_new ("dataset,trained_on,taps,seed");

  for (guint i = 0; i < FE_N_FIGURES; i++)
    g_string_append_printf (text, ",%s", fe_figure_get_key (i));
  g_string_append_c (text, '\n');
  for (guint v = 0; v < results->len; v++) {
    const FeBenchmarkResult *one =
        &g_array_index (results, FeBenchmarkResult, v);

    g_string_append_printf (
        text, "%s,%s,\"%s\",%d", fe_benchmark_get_name (one->benchmark),
        fe_benchmark_get_name (one->trained_on), taps, one->seed);
    for (guint i = 0; i < FE_N_FIGURES; i++) {
      char number[G_ASCII_DTOSTR_BUF_SIZE] = "";

      if (!isnan (one->figures[i]))
        g_ascii_formatd (number, sizeof number, "%.9g", one->figures[i]);
      g_string_append_printf (text, ",%s", number);
    }
    g_string_append_c (text, '\n');
  }
  return g_string_free (text, FALSE);
}
