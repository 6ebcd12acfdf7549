/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/score_lines.h"

#include "support/shell.h"

GPtrArray *
parse_lines (const char *text)
{
  GPtrArray *nodes =
      g_ptr_array_new_with_free_func ((GDestroyNotify)json_node_unref);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] && lines[i + 1]; i++) {
    g_autoptr (GError) error = NULL;
    JsonNode *node = json_from_string (lines[i], &error);

    g_assert_no_error (error);
    g_ptr_array_add (nodes, node);
  }
  return nodes;
}

JsonObject *
get_line (GPtrArray *nodes, guint i)
{
  g_assert_cmpuint (i, <, nodes->len);
  return json_node_get_object (g_ptr_array_index (nodes, i));
}

JsonObject *
get_anomaly (GPtrArray *nodes, guint i)
{
  return json_object_get_object_member (get_line (nodes, i), "anomaly");
}

double
get_score (GPtrArray *nodes, guint i)
{
  return json_object_get_double_member (get_anomaly (nodes, i), "score");
}

void
assert_resolution (GPtrArray *nodes, guint i, int width, int height)
{
  JsonObject *size =
      json_object_get_object_member (get_line (nodes, i), "resolution");

  g_assert_cmpint (json_object_get_int_member (size, "width"), ==, width);
  g_assert_cmpint (json_object_get_int_member (size, "height"), ==, height);
}

void
assert_source (GPtrArray *nodes, guint i, const char *expected)
{
  const char *source =
      json_object_get_string_member (get_line (nodes, i), "source");

  if (!g_str_has_suffix (source, expected))
    g_test_message ("source %s instead of %s", source, expected);
  g_assert_true (g_str_has_suffix (source, expected));
}

JsonArray *
load_expected (JsonParser *parser, const char *name)
{
  g_autofree char *path = shell_data ("expected.json");
  g_autoptr (GError) error = NULL;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return json_object_get_array_member (
      json_node_get_object (json_parser_get_root (parser)), name);
}

double
get_expected_score (JsonArray *expected, guint i)
{
  return json_object_get_double_member (
      json_array_get_object_element (expected, i), "score");
}
