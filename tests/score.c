/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* feclip score, on golden weights and pictures of all sorts. */
#include <cairo.h>
#include <json-glib/json-glib.h>

#include "shell.h"

#define SCORE "\"$FECLIP\" score --model-file=\"$DATA\"/checkpoint.pt "

/* One JSON node per line of output. */
static GPtrArray *
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

static JsonObject *
get_line (GPtrArray *nodes, guint i)
{
  g_assert_cmpuint (i, <, nodes->len);
  return json_node_get_object (g_ptr_array_index (nodes, i));
}

static JsonObject *
get_anomaly (GPtrArray *nodes, guint i)
{
  return json_object_get_object_member (get_line (nodes, i), "anomaly");
}

static double
get_score (GPtrArray *nodes, guint i)
{
  return json_object_get_double_member (get_anomaly (nodes, i), "score");
}

static void
assert_resolution (GPtrArray *nodes, guint i, int width, int height)
{
  JsonObject *size =
      json_object_get_object_member (get_line (nodes, i), "resolution");

  g_assert_cmpint (json_object_get_int_member (size, "width"), ==, width);
  g_assert_cmpint (json_object_get_int_member (size, "height"), ==, height);
}

static void
assert_source (GPtrArray *nodes, guint i, const char *expected)
{
  const char *source =
      json_object_get_string_member (get_line (nodes, i), "source");

  if (!g_str_has_suffix (source, expected))
    g_test_message ("source %s instead of %s", source, expected);
  g_assert_true (g_str_has_suffix (source, expected));
}

/* The list @name of expected.json. */
static JsonArray *
load_expected (JsonParser *parser, const char *name)
{
  g_autofree char *path = shell_data ("expected.json");
  g_autoptr (GError) error = NULL;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return json_object_get_array_member (
      json_node_get_object (json_parser_get_root (parser)), name);
}

static double
get_expected_score (JsonArray *expected, guint i)
{
  return json_object_get_double_member (
      json_array_get_object_element (expected, i), "score");
}

/* A folder's pictures in their order, each with its known score. */
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

/* Options reach the network. */
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

/* Each bad input is named; the good ones among them are scored all the same. */
static void
test_bad_inputs (void)
{
  static const char *const names[] = {"cut.jpg: cannot be decoded",
                                      "cut.png: cannot be decoded",
                                      "empty.png: the file is empty",
                                      "text.jpg: not a picture",
                                      "none.png: there is no such file",
                                      "nothing: there are no pictures",
                                      "/dev/null: is neither",
                                      "song.wav: not a picture but audio/x-wav",
                                      "6 of 8 pictures were not scored"};
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

/* What makes a run impossible is said before the first picture. */
static void
test_bad_setup (void)
{
  static const struct {
    const char *options;
    int status;
    const char *message;
  } cases[] = {
      {"--model=none.safetensors", 1, "none.safetensors"},
      {"--model=\"$DATA\"/expected.json", 1, "expected.json"},
      {"--adapter-file=none.pt", 1, "none.pt"},
      {"--device=no-such-device", 2, "no-such-device"},
      {"--tap-blocks=0,99", 2, "99"},
      {"--lfs-window=4", 2, "4"},
      {"--normal-prompt=unlikely", 2, "tokenizer-file"},
      {"--output=/nonexistent/lines", 1, "/nonexistent/lines"},
      {"--heatmap=/dev/null", 1, "/dev/null"},
      {"--heatmap=\"$DATA\"", 2, "image2.png lies in that folder"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (Shell) run = shell_run (
        "cd \"$DIR\";" SCORE "%s \"$DATA\"/image2.png", cases[i].options);

    g_test_message ("%s", cases[i].options);
    assert_status (run, cases[i].status);
    assert_contains (run->err, cases[i].message);
    g_assert_cmpstr (run->out, ==, "");
  }
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

/* Writes @jpeg with an EXIF segment that holds the orientation and no more. */
static void
write_exif_jpeg (const char *path, const char *jpeg, gsize size,
                 guint8 orientation)
{
  /* Cameras write either byte order. */
  guint8 big[] = {0xff, 0xe1, 0,           34,   'E', 'x', 'i', 'f', 0,
                  0,    'M',  'M',         0,    42,  0,   0,   0,   8,
                  0,    1,    0x01,        0x12, 0,   3,   0,   0,   0,
                  1,    0,    orientation, 0,    0,   0,   0,   0,   0};
  guint8 little[] = {0xff, 0xe1,        0,    34,   'E', 'x', 'i', 'f', 0,
                     0,    'I',         'I',  42,   0,   8,   0,   0,   0,
                     1,    0,           0x12, 0x01, 3,   0,   1,   0,   0,
                     0,    orientation, 0,    0,    0,   0,   0,   0,   0};
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (size, >, 2);
  g_byte_array_append (file, (const guint8 *)jpeg, 2);
  if (orientation % 2 == 0)
    g_byte_array_append (file, big, sizeof big);
  else
    g_byte_array_append (file, little, sizeof little);
  g_byte_array_append (file, (const guint8 *)jpeg + 2, size - 2);
  g_file_set_contents (path, (const char *)file->data, file->len, &error);
  g_assert_no_error (error);
}

/* The picture as a camera that was held in another way would have stored it. */
static void
write_turned_jpeg (const char *turn, guint8 orientation)
{
  g_autofree char *path = g_strdup_printf ("turned/%u.jpg", orientation);
  g_autofree char *at = shell_dir (path);
  g_autofree char *jpeg = NULL;
  gsize size;
  g_autoptr (Shell) make = shell_run (
      "mkdir -p \"$DIR\"/turned && "
      "gst-launch-1.0 -q filesrc location=\"$DATA\"/image0.png ! pngdec ! "
      "videoconvert ! video/x-raw,format=I420 ! videoflip video-direction=%s ! "
      "jpegenc quality=98 ! filesink location=\"%s\"",
      turn, at);

  assert_status (make, 0);
  g_assert_true (g_file_get_contents (at, &jpeg, &size, NULL));
  write_exif_jpeg (at, jpeg, size, orientation);
}

static void
assert_equal_maps (GPtrArray *nodes, guint i, guint j)
{
  JsonArray *a = json_object_get_array_member (
      json_object_get_object_member (get_anomaly (nodes, i), "map"), "data");
  JsonArray *b = json_object_get_array_member (
      json_object_get_object_member (get_anomaly (nodes, j), "map"), "data");

  for (guint k = 0; k < json_array_get_length (a); k++)
    g_assert_cmpfloat_with_epsilon (json_array_get_double_element (a, k),
                                    json_array_get_double_element (b, k), 0.02);
}

/* A photo is seen as people see it, however the camera was held. */
static void
test_orientation (void)
{
  /* What undoes the turn that each value of the tag asks for, from 1 on. */
  static const char *const turns[] = {"identity", "horiz", "180",   "vert",
                                      "ul-lr",    "90l",   "ur-ll", "90r"};
  g_autoptr (Shell) run = NULL;
  g_autoptr (GPtrArray) nodes = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (turns); i++)
    write_turned_jpeg (turns[i], i + 1);
  run = shell_run (SCORE "--include-map \"$DIR\"/turned");
  assert_status (run, 0);
  nodes = parse_lines (run->out);
  g_assert_cmpuint (nodes->len, ==, G_N_ELEMENTS (turns));
  for (guint i = 0; i < nodes->len; i++) {
    g_test_message ("orientation %u", i + 1);
    assert_resolution (nodes, i, 640, 360);
    g_assert_cmpfloat_with_epsilon (get_score (nodes, i), get_score (nodes, 0),
                                    0.01);
    assert_equal_maps (nodes, i, 0);
  }
}

/* What decoders hand out; without loss the score is the original's. */
static void
test_pixel_formats (void)
{
  static const struct {
    const char *format;
    const char *encoder;
    const char *name;
    gboolean lossless;
  } cases[] = {
      {"RGB", "pnmenc", "0.ppm", TRUE},    {"RGBA", "pngenc", "1.png", TRUE},
      {"BGR", "avenc_bmp", "2.bmp", TRUE}, {"RGB", "avenc_tiff", "3.tif", TRUE},
      {"GRAY8", "pngenc", "4.png"},        {"GRAY16_BE", "pngenc", "5.png"},
      {"GRAY8", "jpegenc", "6.jpg"},       {"Y42B", "jpegenc", "7.JPEG"},
  };
  g_autoptr (Shell) run = NULL;
  g_autoptr (GPtrArray) nodes = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  double expected = get_expected_score (load_expected (parser, "images"), 1);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (Shell) make = shell_run (
        "mkdir -p \"$DIR\"/formats && "
        "gst-launch-1.0 -q filesrc location=\"$DATA\"/image1.png ! pngdec ! "
        "videoconvert ! video/x-raw,format=%s ! %s ! "
        "filesink location=\"$DIR\"/formats/%s",
        cases[i].format, cases[i].encoder, cases[i].name);

    assert_status (make, 0);
  }
  run = shell_run (SCORE "\"$DIR\"/formats");
  assert_status (run, 0);
  nodes = parse_lines (run->out);
  g_assert_cmpuint (nodes->len, ==, G_N_ELEMENTS (cases));
  for (guint i = 0; i < nodes->len; i++) {
    g_test_message ("%s", cases[i].name);
    assert_resolution (nodes, i, 213, 317);
    g_assert_cmpfloat_with_epsilon (get_score (nodes, i), expected,
                                    cases[i].lossless ? 2e-4 : 0.05);
  }
}

/* The first frame of an animation, and the smallest picture there is. */
static void
test_gif (void)
{
  static const guint8 head[] = {'G', 'I', 'F', '8',  '9',  'a',  1, 0, 1, 0,
                                128, 0,   0,   0xff, 0xff, 0xff, 0, 0, 0};
  static const guint8 frame[] = {'!', 0xf9, 4, 0, 10, 0, 0, 0, ',', 0, 0, 0,
                                 0,   1,    0, 1, 0,  0, 2, 2, 'D', 1, 0};
  g_autoptr (GByteArray) gif = g_byte_array_new ();
  g_autofree char *path = shell_dir ("white.gif");
  g_autoptr (Shell) run = NULL;
  g_autoptr (GPtrArray) nodes = NULL;

  g_byte_array_append (gif, head, sizeof head);
  for (int i = 0; i < 3; i++)
    g_byte_array_append (gif, frame, sizeof frame);
  g_byte_array_append (gif, (const guint8 *)";", 1);
  g_assert_true (
      g_file_set_contents (path, (const char *)gif->data, gif->len, NULL));
  run = shell_run (SCORE "\"%s\"", path);
  assert_status (run, 0);
  nodes = parse_lines (run->out);
  g_assert_cmpuint (nodes->len, ==, 1);
  assert_resolution (nodes, 0, 1, 1);
}

static void
assert_png (const char *name, int width, int height)
{
  g_autofree char *path = shell_dir (name);
  cairo_surface_t *surface = cairo_image_surface_create_from_png (path);

  g_test_message ("%s", path);
  g_assert_cmpint (cairo_surface_status (surface), ==, CAIRO_STATUS_SUCCESS);
  g_assert_cmpint (cairo_image_surface_get_width (surface), ==, width);
  g_assert_cmpint (cairo_image_surface_get_height (surface), ==, height);
  cairo_surface_destroy (surface);
}

/* Folders are kept, the same name twice gets a number. */
static void
test_heatmaps (void)
{
  g_autoptr (Shell) run =
      shell_run ("cd \"$DIR\" && mkdir -p line/a line/b && "
                 "cp \"$DATA\"/image2.png line/a/1.png && "
                 "cp \"$DATA\"/image1.png line/b/1.png &&" SCORE
                 "--heatmap=heat/maps line line/a/1.png line/b/1.png");

  assert_status (run, 0);
  assert_png ("heat/maps/a/1.png", 112, 112);
  assert_png ("heat/maps/b/1.png", 213, 317);
  assert_png ("heat/maps/1.png", 112, 112);
  assert_png ("heat/maps/1-2.png", 213, 317);
}

/* Nothing is tinted or written below the thresholds but the label. */
static void
test_heatmap_pixels (void)
{
  static const char *const names[] = {"all/image0.png", "none/image0.png"};
  g_autofree char *original = shell_data ("image0.png");
  cairo_surface_t *plain = cairo_image_surface_create_from_png (original);
  g_autoptr (Shell) run = shell_run (
      SCORE
      "--heatmap=\"$DIR\"/all --pixel-threshold=0 \"$DATA\"/image0.png &&" SCORE
      "--heatmap=\"$DIR\"/none --pixel-threshold=2 \"$DATA\"/image0.png");

  assert_status (run, 0);
  for (int i = 0; i < 2; i++) {
    g_autofree char *path = shell_dir (names[i]);
    cairo_surface_t *drawn = cairo_image_surface_create_from_png (path);
    gsize stride = cairo_image_surface_get_stride (plain);
    gsize centre = 180 * stride + 320 * 4;

    g_assert_cmpint (cairo_surface_status (drawn), ==, CAIRO_STATUS_SUCCESS);
    g_assert_cmpuint (cairo_image_surface_get_stride (drawn), ==, stride);
    g_assert_cmpint (memcmp (cairo_image_surface_get_data (plain) + centre,
                             cairo_image_surface_get_data (drawn) + centre, 3)
                         == 0,
                     ==, i == 1);
    cairo_surface_destroy (drawn);
  }
  cairo_surface_destroy (plain);
}

/* Someone who waits at a terminal sees how far it is, a file does not. */
static void
test_progress (void)
{
  g_autoptr (Shell) tool = shell_run ("command -v script");
  g_autoptr (Shell) run = NULL;

  if (tool->status != 0) {
    g_test_skip ("script is not installed: no terminal to show progress on");
    return;
  }
  run = shell_run ("script -qec '" SCORE "\"$DATA\"/image2.png' /dev/null");
  assert_status (run, 0);
  assert_contains (run->out, "loading the model");
  assert_contains (run->out, "picture 1 of 1");
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
  g_test_add_func ("/score/bad-inputs", test_bad_inputs);
  g_test_add_func ("/score/bad-setup", test_bad_setup);
  g_test_add_func ("/score/output", test_output);
  g_test_add_func ("/score/orientation", test_orientation);
  g_test_add_func ("/score/pixel-formats", test_pixel_formats);
  g_test_add_func ("/score/gif", test_gif);
  g_test_add_func ("/score/heatmaps", test_heatmaps);
  g_test_add_func ("/score/heatmap-pixels", test_heatmap_pixels);
  g_test_add_func ("/score/progress", test_progress);
  g_test_add_func ("/score/example", test_example);
  return shell_test ();
}
