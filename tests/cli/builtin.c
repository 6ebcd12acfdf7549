/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The model that comes with feclip, on images of things and of defects that
 * it was never trained on, beside what PyTorch made of them. The numbers in
 * data/builtin/expected.json are from tools/builtin_model/reference.py. */
#include <json-glib/json-glib.h>

#include "support/shell.h"

#define EXPECTED FECLIP_TEST_DATA "/builtin/expected.json"
#define IMAGES FECLIP_TEST_DATA "/builtin"

static JsonObject *
parse (JsonParser *parser, const char *text)
{
  g_autoptr (GError) error = NULL;

  json_parser_load_from_data (parser, text, -1, &error);
  g_assert_no_error (error);
  return json_node_get_object (json_parser_get_root (parser));
}

static void
compare_scores (JsonObject *found, JsonObject *expected)
{
  JsonArray *a = json_object_get_array_member (found, "tap_scores");
  JsonArray *b = json_object_get_array_member (expected, "tap_scores");

  g_assert_cmpuint (json_array_get_length (a), ==, json_array_get_length (b));
  for (guint i = 0; i < json_array_get_length (a); i++)
    g_assert_cmpfloat_with_epsilon (json_array_get_double_element (a, i),
                                    json_array_get_double_element (b, i), 1e-4);
}

static void
compare_maps (JsonObject *found, JsonObject *expected)
{
  JsonArray *map = json_object_get_array_member (
      json_object_get_object_member (found, "map"), "data");
  guint n = json_array_get_length (map);
  double sum = 0;
  double largest = 0;

  for (guint i = 0; i < n; i++) {
    sum += json_array_get_double_element (map, i);
    largest = MAX (largest, json_array_get_double_element (map, i));
  }
  g_assert_cmpfloat_with_epsilon (
      sum / n, json_object_get_double_member (expected, "map_mean"), 1e-4);
  g_assert_cmpfloat_with_epsilon (
      largest, json_object_get_double_member (expected, "map_max"), 1e-4);
}

/* Images alone are given, no model. */
static void
test_stored_numbers (void)
{
  g_autoptr (Shell) run =
      shell_run ("\"$FECLIP\" score --include-map '%s'", IMAGES);
  g_auto (GStrv) lines = NULL;
  g_autofree char *text = NULL;
  g_autoptr (JsonParser) wanted = json_parser_new ();
  JsonObject *expected;
  guint n = 0;

  assert_status (run, 0);
  g_assert_true (g_file_get_contents (EXPECTED, &text, NULL, NULL));
  expected = parse (wanted, text);
  lines = g_strsplit (run->out, "\n", -1);
  for (guint i = 0; lines[i] && *lines[i]; i++) {
    g_autoptr (JsonParser) parser = json_parser_new ();
    JsonObject *line = parse (parser, lines[i]);
    g_autofree char *name =
        g_path_get_basename (json_object_get_string_member (line, "source"));
    JsonObject *own = json_object_get_object_member (expected, name);
    JsonObject *anomaly = json_object_get_object_member (line, "anomaly");

    g_test_message ("%s", name);
    compare_scores (anomaly, own);
    compare_maps (anomaly, own);
    g_assert_cmpint (json_object_get_boolean_member (anomaly, "anomalous"), ==,
                     !g_str_has_prefix (name, "good"));
    n++;
  }
  g_assert_cmpuint (n, ==, json_object_get_size (expected));
}

static void
test_another_file (void)
{
  g_autoptr (Shell) run = shell_run (
      "FECLIP_BUILTIN_MODEL=/no/such/weights \"$FECLIP\" score '%s'", IMAGES);

  assert_status (run, 1);
  assert_contains (run->err, "/no/such/weights");
}

/* The built-in model has text features and no text encoder. */
static void
test_prompt (void)
{
  g_autoptr (Shell) run =
      shell_run ("\"$FECLIP\" score --normal-prompt 'a nut' '%s'", IMAGES);

  assert_status (run, 1);
  assert_contains (run->err, "holds no text encoder");
}

int
main (int argc, char **argv)
{
  shell_init (&argc, &argv);
  g_test_add_func ("/builtin/stored-numbers", test_stored_numbers);
  g_test_add_func ("/builtin/another-file", test_another_file);
  g_test_add_func ("/builtin/prompt", test_prompt);
  return shell_test ();
}
