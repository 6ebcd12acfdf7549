/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* feclip score on golden weights: numbers, options and failures. */
#include <json-glib/json-glib.h>

#include "support/score_lines.h"
#include "support/shell.h"

/* A folder's images in their order, each with its known score. */
static void
test_golden (void)
{
  g_autoptr (Shell) run = shell_run (SCORE "--include-map \"$DATA\"");
  g_autoptr (GPtrArray) nodes = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonArray *expected = load_expected (parser, "images");

  assert_status (run, 0);
  g_assert_cmpstr (run->err, ==, "");
  nodes = parse_lines (run->out);
  g_assert_cmpuint (nodes->len, ==, json_array_get_length (expected));
  for (guint i = 0; i < nodes->len; i++) {
    JsonObject *anomaly = get_anomaly (nodes, i);
    JsonObject *map = json_object_get_object_member (anomaly, "map");
    JsonObject *entry = json_array_get_object_element (expected, i);

    assert_source (nodes, i, json_object_get_string_member (entry, "file"));
    g_assert_true (
        json_object_get_null_member (get_line (nodes, i), "timestamp"));
    g_assert_cmpfloat_with_epsilon (get_score (nodes, i),
                                    get_expected_score (expected, i), 2e-4);
    g_assert_cmpint (json_object_get_int_member (map, "width"), ==, 8);
    g_assert_cmpuint (
        json_array_get_length (json_object_get_array_member (map, "data")), ==,
        64);
  }
  assert_resolution (nodes, 0, 640, 360);
  assert_resolution (nodes, 3, 97, 60);
}

/* The options change the network. */
static void
test_settings (void)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonArray *variants = load_expected (parser, "variants");

  for (guint i = 0; i < json_array_get_length (variants); i++) {
    JsonObject *variant = json_array_get_object_element (variants, i);
    JsonNode *temperature = json_object_get_member (variant, "temperature");
    gboolean fixed = json_node_get_value_type (temperature) == G_TYPE_DOUBLE;
    g_autoptr (Shell) run =
        shell_run (SCORE "--lfs-statistic=%s %s \"$DATA\"/image0.png",
                   json_object_get_string_member (variant, "lfs_statistic"),
                   fixed ? "--use-logit-scale=no" : "--use-logit-scale");
    g_autoptr (GPtrArray) nodes = NULL;

    assert_status (run, 0);
    nodes = parse_lines (run->out);
    g_assert_cmpfloat_with_epsilon (get_score (nodes, 0),
                                    get_expected_score (variants, i), 2e-4);
  }
}

static void
test_thresholds (void)
{
  g_autoptr (Shell) run = shell_run (
      SCORE "--threshold=-3 --pixel-threshold=2 \"$DATA\"/image0.png");
  g_autoptr (GPtrArray) nodes = NULL;
  JsonObject *anomaly;

  assert_status (run, 0);
  nodes = parse_lines (run->out);
  anomaly = get_anomaly (nodes, 0);
  g_assert_cmpfloat (json_object_get_double_member (anomaly, "threshold"), ==,
                     -3);
  g_assert_true (json_object_get_boolean_member (anomaly, "anomalous"));
  g_assert_false (json_object_has_member (anomaly, "map"));
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (
                        get_line (nodes, 0), "objects")),
                    ==, 0);
}

/* CLIP without adapters has a score and no map; one warning says so. */
static void
test_no_adapters (void)
{
  g_autoptr (Shell) run = shell_run (
      "\"$FECLIP\" score --model=\"$DATA\"/model.safetensors --include-map "
      "--heatmap=\"$DIR\"/plain \"$DATA\"/image2.png \"$DATA\"/image3.png");
  g_autoptr (GPtrArray) nodes = NULL;

  assert_status (run, 0);
  assert_contains (run->err, "feclip score: warning: ");
  g_assert_null (strchr (strchr (run->err, '\n') + 1, '\n'));
  nodes = parse_lines (run->out);
  g_assert_cmpuint (nodes->len, ==, 2);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (
                        get_line (nodes, 0), "objects")),
                    ==, 0);
}

/* An image as its own reference is normal, from a file as from a folder. */
static void
test_references (void)
{
  g_autoptr (Shell) folder = shell_run (
      "mkdir -p \"$DIR\"/normal && cp \"$DATA\"/image[01].png "
      "\"$DIR\"/normal && " SCORE
      "--references \"$DIR\"/normal --save-references "
      "\"$DIR\"/n.safetensors --reference-score=max --reference-limit=100 "
      "\"$DATA\"/image2.png");
  g_autoptr (Shell) file = shell_run (
      SCORE "--references \"$DIR\"/n.safetensors --reference-score=max "
            "\"$DATA\"/image2.png");
  g_autoptr (Shell) known = shell_run (
      SCORE "--references \"$DATA\"/image3.png --reference-score=max "
            "\"$DATA\"/image3.png");
  g_autoptr (Shell) write_only = shell_run (
      SCORE "--references \"$DATA\"/image3.png --save-references "
            "\"$DIR\"/only.safetensors && test -s \"$DIR\"/only.safetensors");
  g_autoptr (GPtrArray) first = NULL;
  g_autoptr (GPtrArray) second = NULL;
  g_autoptr (GPtrArray) same = NULL;

  assert_status (folder, 0);
  assert_status (file, 0);
  assert_status (known, 0);
  assert_status (write_only, 0);
  first = parse_lines (folder->out);
  second = parse_lines (file->out);
  same = parse_lines (known->out);
  g_assert_cmpint (
      json_object_get_int_member (get_anomaly (first, 0), "references"), ==, 2);
  g_assert_cmpfloat (get_score (first, 0), >, 1e-3);
  g_assert_cmpfloat (get_score (first, 0), ==, get_score (second, 0));
  g_assert_cmpfloat (get_score (same, 0), <, 1e-5);
}

/* A reference that cannot be read is named and ends the command. */
static void
test_bad_references (void)
{
  g_autoptr (Shell) empty =
      shell_run ("mkdir -p \"$DIR\"/none && " SCORE
                 "--references \"$DIR\"/none \"$DATA\"/image2.png");
  g_autoptr (Shell) model = shell_run (
      SCORE "--references \"$DATA\"/model.safetensors \"$DATA\"/image2.png");
  g_autoptr (Shell) usage =
      shell_run (SCORE "--save-references x \"$DATA\"/image2.png");

  assert_status (empty, 1);
  assert_contains (empty->err, "none: there are no images in this folder");
  assert_status (model, 1);
  assert_contains (model->err, "model.safetensors: holds no references");
  assert_status (usage, 2);
  assert_contains (usage->err, "without --references");
}

/* Each bad input is named; the good ones are scored. */
static void
test_bad_inputs (void)
{
  static const char *const names[] = {"cut.jpg: cannot be decoded",
                                      "cut.png: cannot be decoded",
                                      "empty.png: the file is empty",
                                      "text.jpg: not an image",
                                      "none.png: there is no such file",
                                      "nothing: there are no images",
                                      "/dev/null: it is neither",
                                      "song.wav: not an image but audio/x-wav",
                                      "6 of 8 images were not scored"};
  g_autoptr (Shell) run = shell_run (
      "mkdir \"$DIR\"/bad && cd \"$DIR\"/bad && mkdir -p a/b nothing/below && "
      "gst-launch-1.0 -q filesrc location=\"$DATA\"/image2.png ! pngdec ! "
      "videoconvert ! jpegenc ! filesink location=a/b/good.JPG && "
      "gst-launch-1.0 -q audiotestsrc num-buffers=1 ! wavenc ! "
      "filesink location=song.wav && "
      "head -c 2000 a/b/good.JPG > a/cut.jpg && "
      "head -c 9000 \"$DATA\"/image2.png > a/cut.png && "
      ": > a/empty.png && echo text > a/text.jpg && echo text > a/text.txt && "
      "cp a/cut.png a/.hidden.png && ln -s .. a/b/loop && "
      "cp a/text.jpg a/b/corrupt.bmp &&" SCORE
      "a none.png nothing /dev/null song.wav \"$DATA\"/image2.png");
  g_autoptr (GPtrArray) nodes = NULL;

  assert_status (run, 1);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    assert_contains (run->err, names[i]);
  nodes = parse_lines (run->out);
  g_assert_cmpuint (nodes->len, ==, 2);
  assert_source (nodes, 0, "a/b/good.JPG");
  assert_source (nodes, 1, "image2.png");
}

/* Fatal problems are reported before the first image. */
static void
test_bad_setup (void)
{
  static const ShellFailure failures[] = {
      {"--model=none.safetensors", 1, "none.safetensors"},
      {"--model=\"$DATA\"/expected.json", 1, "expected.json"},
      {"--adapter-file=none.pt", 1, "none.pt"},
      {"--device=no-such-device", 1, "no-such-device"},
      {"--tap-blocks=0,99", 2, "99"},
      {"--lfs-window=4", 2, "4"},
      {"--normal-prompt=unlikely", 2, "tokenizer-file"},
      {"--anomaly-prompt='A photo of a damaged object|'", 2, "anomaly-prompt"},
      {"--output=missing/lines", 1, "missing/lines"},
      {"--heatmap=/dev/null", 1, "/dev/null"},
      {"--heatmap=\"$DATA\"", 2, "image2.png lies in that folder"},
  };

  shell_check_failures (SCORE "\"$DATA\"/image2.png", failures,
                        G_N_ELEMENTS (failures));
}

static void
test_output (void)
{
  g_autoptr (Shell) run =
      shell_run (SCORE "--output=\"$DIR\"/lines \"$DATA\"/image2.png; echo $?; "
                       "cat \"$DIR\"/lines");
  g_autoptr (Shell) full =
      shell_run (SCORE "\"$DATA\"/image2.png --output=/dev/full");
  g_autoptr (Shell) pipe =
      shell_run ("(" SCORE "\"$DATA\"/image2.png; echo $? >&2) | true");

  g_assert_true (g_str_has_prefix (run->out, "0\n{"));
  assert_status (full, 1);
  assert_contains (full->err, "/dev/full cannot be written: ");
  assert_contains (pipe->err, "standard output cannot be written: ");
  assert_contains (pipe->err, "\n1\n");
}

/* A file that gets the number of a closed standard stream must stay intact. */
static void
test_closed_streams (void)
{
  g_autoptr (Shell) out = shell_run (SCORE "\"$DATA\"/image2.png >&-");
  g_autoptr (Shell) err =
      shell_run (": > \"$DIR\"/empty.png;" SCORE "--output=\"$DIR\"/only-lines "
                 "\"$DIR\"/empty.png \"$DATA\"/image2.png 2>&-; echo $?; "
                 "cat \"$DIR\"/only-lines");

  assert_status (out, 1);
  assert_contains (out->err, "standard output cannot be written: ");
  g_assert_true (g_str_has_prefix (err->out, "1\n{"));
  g_assert_true (g_str_has_suffix (err->out, "}\n"));
}

/* Progress is shown on a terminal and not written to a file. */
static void
test_progress (void)
{
  g_autoptr (Shell) tool = shell_run ("script -qec true /dev/null");
  g_autoptr (Shell) run = NULL;

  if (tool->status != 0) {
    g_test_skip ("script cannot make a terminal to show progress on");
    return;
  }
  run = shell_run ("script -qec '" SCORE "\"$DATA\"/image2.png' /dev/null");
  assert_status (run, 0);
  assert_contains (run->out, "loading the model");
  assert_contains (run->out, "image 1 of 1");
}

static void
test_example (void)
{
  g_autoptr (Shell) run =
      shell_run ("\"$EXAMPLES\"/score-image \"$DATA\"/checkpoint.pt "
                 "\"$DATA\"/image0.png");
  g_autoptr (Shell) bad =
      shell_run ("\"$EXAMPLES\"/score-image \"$DATA\"/checkpoint.pt "
                 "\"$DATA\"/expected.json");
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonArray *expected = load_expected (parser, "images");
  g_autofree char *score =
      g_strdup_printf ("image0.png: score %.4f, map maximum 0.",
                       get_expected_score (expected, 0));

  assert_status (run, 0);
  assert_contains (run->out, score);
  assert_status (bad, 1);
  assert_contains (bad->err, "expected.json");
}

int
main (int argc, char **argv)
{
  shell_init (&argc, &argv);
  g_test_add_func ("/score/golden", test_golden);
  g_test_add_func ("/score/settings", test_settings);
  g_test_add_func ("/score/thresholds", test_thresholds);
  g_test_add_func ("/score/no-adapters", test_no_adapters);
  g_test_add_func ("/score/references", test_references);
  g_test_add_func ("/score/bad-references", test_bad_references);
  g_test_add_func ("/score/bad-inputs", test_bad_inputs);
  g_test_add_func ("/score/bad-setup", test_bad_setup);
  g_test_add_func ("/score/output", test_output);
  g_test_add_func ("/score/closed-streams", test_closed_streams);
  g_test_add_func ("/score/progress", test_progress);
  g_test_add_func ("/score/example", test_example);
  return shell_test ();
}
