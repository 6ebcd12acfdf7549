/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* feclip score on images of all formats, and the heatmaps that it writes. */
#include <cairo.h>
#include <json-glib/json-glib.h>
#include <math.h>

#include "support/score_lines.h"
#include "support/shell.h"

/* Writes @jpeg with an EXIF segment that holds only the orientation. */
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

/* The image as a rotated camera stores it. */
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

/* JPEG rounds each rotation differently; a wrongly rotated map differs by 0.19.
 */
static void
assert_equal_maps (GPtrArray *nodes, guint i, guint j)
{
  double sum = 0;
  JsonArray *a = json_object_get_array_member (
      json_object_get_object_member (get_anomaly (nodes, i), "map"), "data");
  JsonArray *b = json_object_get_array_member (
      json_object_get_object_member (get_anomaly (nodes, j), "map"), "data");

  for (guint k = 0; k < json_array_get_length (a); k++)
    sum += fabs (json_array_get_double_element (a, k)
                 - json_array_get_double_element (b, k));
  g_assert_cmpfloat (sum / json_array_get_length (a), <, 0.02);
}

/* A photo is analysed upright, however the camera was held. */
static void
test_orientation (void)
{
  /* The inverse of the rotation of each value of the tag, from 1 on. */
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

/* Pixel formats of decoders; the score of a lossless image is the original's.
 */
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

/* The first frame of an animation, and the smallest image there is. */
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

/* Folders are kept; a second image of the same name gets a number. */
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

/* Below the thresholds only the label is drawn. */
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

int
main (int argc, char **argv)
{
  shell_init (&argc, &argv);
  g_test_add_func ("/images/orientation", test_orientation);
  g_test_add_func ("/images/pixel-formats", test_pixel_formats);
  g_test_add_func ("/images/gif", test_gif);
  g_test_add_func ("/images/heatmaps", test_heatmaps);
  g_test_add_func ("/images/heatmap-pixels", test_heatmap_pixels);
  return shell_test ();
}
