/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON lines: to the letter, and read back by a parser. */
#include <feclip/result.h>

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <locale.h>
#include <math.h>
#include <string.h>

#include "support/scratch.h"

static FeclipResult *
example_result (void)
{
  static const double tap_scores[] = {0.25, 1.0 / 3};
  static const float map[] = {0, 0.1f, 0.875f, 0};

  return feclip_result_new (&(FeclipResult){
      .score = 0.6,
      .n_taps = 2,
      .tap_scores = tap_scores,
      .x = 0.25,
      .width = 0.5,
      .height = 1,
      .map_width = 2,
      .map_height = 2,
      .map = map,
  });
}

static const char example_line[] =
    "{\"resolution\":{\"width\":8,\"height\":4},\"source\":\"line 1\","
    "\"timestamp\":33366666,\"objects\":[{\"x\":2,\"y\":2,\"w\":2,\"h\":2,"
    "\"roi_type\":\"anomaly\",\"detection\":{\"bounding_box\":{\"x_min\":0.25,"
    "\"y_min\":0.5,\"x_max\":0.5,\"y_max\":1},\"confidence\":0.875,"
    "\"label_id\":0,\"label\":\"anomaly\"}}],\"anomaly\":{\"score\":0.6,"
    "\"threshold\":0.5,\"anomalous\":true,\"analysed\":true,"
    "\"result_age\":0,\"tap_scores\":[0.25,0.333333333],"
    "\"region\":{\"x\":0.25,\"y\":0,\"w\":0.5,\"h\":1},"
    "\"map\":{\"width\":2,\"height\":2,\"data\":[0,0.100000001,0.875,0]}}}";

static const FeclipReport example_report = {
    .source = "line 1",
    .timestamp = 33366666,
    .width = 8,
    .height = 4,
    .threshold = 0.5,
    .pixel_threshold = 0.4,
    .include_map = TRUE,
};

static void
test_json (void)
{
  g_autoptr (FeclipResult) result = example_result ();
  g_autofree char *line = feclip_result_to_json (result, &example_report);
  FeclipReport report = example_report;

  g_assert_cmpstr (line, ==, example_line);

  report.include_map = FALSE;
  report.threshold = 0.7;
  report.pixel_threshold = 2;
  report.result_age = 40000000;
  g_free (g_steal_pointer (&line));
  line = feclip_result_to_json (result, &report);
  g_assert_null (strstr (line, "\"map\""));
  g_assert_nonnull (strstr (line, "\"anomalous\":false"));
  g_assert_nonnull (strstr (line, "\"objects\":[]"));
  g_assert_nonnull (
      strstr (line, "\"analysed\":false,\"result_age\":40000000,"));

  report.result_age = G_MAXUINT64;
  g_free (g_steal_pointer (&line));
  line = feclip_result_to_json (result, &report);
  g_assert_nonnull (strstr (line, "\"analysed\":false,\"result_age\":null,"));
}

/* What the plain digits and quotes above do not show. */
static void
test_json_values (void)
{
  static const double tap_scores[] = {NAN, -INFINITY, 1e-30, -0.125, 1e20};
  static const char source[] = "a\"b\\c\n\t\x01 é \xff.mp4";
  const FeclipReport report = {
      .source = source, .timestamp = G_MAXUINT64, .width = 4, .height = 4};
  g_autoptr (FeclipResult) result = feclip_result_new (
      &(FeclipResult){.score = NAN, .n_taps = 5, .tap_scores = tap_scores});
  g_autofree char *line = feclip_result_to_json (result, &report);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonObject *root, *anomaly;
  JsonArray *taps;

  g_assert_null (strchr (line, '\n'));
  json_parser_load_from_data (parser, line, -1, &error);
  g_assert_no_error (error);
  root = json_node_get_object (json_parser_get_root (parser));
  g_assert_true (json_object_get_null_member (root, "timestamp"));
  g_assert_cmpstr (json_object_get_string_member (root, "source"), ==,
                   "a\"b\\c\n\t\x01 é \xef\xbf\xbd.mp4");
  anomaly = json_object_get_object_member (root, "anomaly");
  g_assert_true (json_object_get_null_member (anomaly, "score"));
  g_assert_false (json_object_get_boolean_member (anomaly, "anomalous"));
  g_assert_false (json_object_has_member (anomaly, "map"));
  taps = json_object_get_array_member (anomaly, "tap_scores");
  g_assert_true (json_array_get_null_element (taps, 0));
  g_assert_true (json_array_get_null_element (taps, 1));
  g_assert_cmpfloat (json_array_get_double_element (taps, 2), ==, 1e-30);
  g_assert_cmpfloat (json_array_get_double_element (taps, 3), ==, -0.125);
  g_assert_cmpfloat (json_array_get_double_element (taps, 4), ==, 1e20);
}

/* Numbers of nine digits give floats back to the last bit. */
static void
test_json_map (void)
{
  const guint side = 336;
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);
  g_autofree float *map = g_new (float, side *side);
  g_autoptr (FeclipResult) result = NULL;
  g_autofree char *line = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonObject *object;
  JsonArray *data;
  guint i;

  for (i = 0; i < side * side; i++)
    map[i] = (float)g_rand_double_range (rand, -5, 5);
  result = feclip_result_new (&(FeclipResult){.width = 1,
                                              .height = 1,
                                              .map_width = side,
                                              .map_height = side,
                                              .map = map});
  g_test_timer_start ();
  line = feclip_result_to_json (result, &(FeclipReport){.width = 336,
                                                        .height = 336,
                                                        .pixel_threshold = 10,
                                                        .include_map = TRUE});
  g_test_message ("a line with a %u×%u map in %.1f ms", side, side,
                  g_test_timer_elapsed () * 1e3);

  json_parser_load_from_data (parser, line, -1, &error);
  g_assert_no_error (error);
  object = json_node_get_object (json_parser_get_root (parser));
  object = json_object_get_object_member (object, "anomaly");
  object = json_object_get_object_member (object, "map");
  g_assert_cmpint (json_object_get_int_member (object, "width"), ==, side);
  g_assert_cmpint (json_object_get_int_member (object, "height"), ==, side);
  data = json_object_get_array_member (object, "data");
  g_assert_cmpuint (json_array_get_length (data), ==, side * side);
  for (i = 0; i < side * side; i++)
    g_assert_cmpfloat ((float)json_array_get_double_element (data, i), ==,
                       map[i]);
}

/* Makes a locale whose decimal point is a comma, as Debian installs none. */
static gboolean
set_comma_locale (const char *folder)
{
  static const char definition[] = "comment_char %\n"
                                   "escape_char /\n"
                                   "LC_NUMERIC\n"
                                   "decimal_point \"<U002C>\"\n"
                                   "thousands_sep \"\"\n"
                                   "grouping -1\n"
                                   "END LC_NUMERIC\n";
  g_autofree char *source = g_build_filename (folder, "source", NULL);
  g_autofree char *locale = g_build_filename (folder, "comma", NULL);
  const char *argv[] = {"localedef", "-c", "-i", source, locale, NULL};

  if (setlocale (LC_NUMERIC, "de_DE.UTF-8"))
    return TRUE;
  /* Its exit status only says that the other categories are missing. */
  if (!g_file_set_contents (source, definition, -1, NULL)
      || !g_spawn_sync (NULL, (char **)argv, NULL,
                        G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL
                            | G_SPAWN_STDERR_TO_DEV_NULL,
                        NULL, NULL, NULL, NULL, NULL, NULL))
    return FALSE;
  g_setenv ("LOCPATH", folder, TRUE);
  return setlocale (LC_NUMERIC, "comma") != NULL;
}

static void
test_json_locale (void)
{
  g_autofree char *folder = scratch_path (NULL);
  g_autoptr (FeclipResult) result = example_result ();
  g_autofree char *line = NULL;
  g_autofree char *printed = NULL;

  if (!set_comma_locale (folder)) {
    g_test_skip ("no locale with a decimal comma can be made here: the JSON "
                 "lines were not tested under one");
  } else {
    printed = g_strdup_printf ("%.1f", 0.5);
    line = feclip_result_to_json (result, &example_report);
    setlocale (LC_NUMERIC, "C");
    g_assert_cmpstr (printed, ==, "0,5");
    g_assert_cmpstr (line, ==, example_line);
  }
}

static void
test_json_tiles (void)
{
  const double scores[] = {0.5, 0.25};
  const FeclipResult values = {.score = 0.5,
                               .mean_score = 0.375,
                               .tile_columns = 2,
                               .tile_rows = 1,
                               .tile_scores = scores};
  g_autoptr (FeclipResult) result = feclip_result_new (&values);
  g_autofree char *line = feclip_result_to_json (result, &example_report);

  g_assert_nonnull (strstr (line, ",\"mean_score\":0.375,\"tiles\":{"
                                  "\"columns\":2,\"rows\":1,"
                                  "\"scores\":[0.5,0.25]}}"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/line", test_json);
  g_test_add_func ("/json/values", test_json_values);
  g_test_add_func ("/json/map", test_json_map);
  g_test_add_func ("/json/tiles", test_json_tiles);
  g_test_add_func ("/json/locale", test_json_locale);
  return g_test_run ();
}
