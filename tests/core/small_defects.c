/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Defects below the smallest area, and results mixed over time. */
#include <feclip/draw.h>
#include <json-glib/json-glib.h>
#include <math.h>

/* Two defects of 16 by 16 pixels of 160 by 16, and one of twice that. */
enum {
  WIDTH = 160,
  HEIGHT = 16,
};

static FeclipResult *
make_result (void)
{
  static const float map[10] = {0.9f, 0, 0, 0.8f, 0.8f, 0, 0, 0.7f, 0, 0};
  static const double tap_scores[2] = {0.25, 0.75};

  return feclip_result_new (&(FeclipResult){
      .score = 0.5,
      .n_taps = 2,
      .tap_scores = tap_scores,
      .width = 1,
      .height = 1,
      .map_width = 10,
      .map_height = 1,
      .map = map,
  });
}

static void
test_drop (void)
{
  g_autoptr (FeclipResult) result = make_result ();
  g_autoptr (GArray) all =
      feclip_result_find_defects (result, WIDTH, HEIGHT, 0.5);
  guint64 areas[3];

  g_assert_cmpuint (all->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    areas[i] = g_array_index (all, FeclipDefect, i).area;
  /* By confidence; the second is the widest. */
  g_assert_cmpuint (areas[1], >, areas[0]);
  g_assert_cmpuint (areas[0], >, areas[2]);
  for (guint i = 0; i < 8; i++) {
    const guint64 limit = areas[i / 2 % 3] + (i >= 6);
    const double share = (double)limit / (WIDTH * HEIGHT);
    g_autoptr (GArray) kept =
        feclip_result_find_defects (result, WIDTH, HEIGHT, 0.5);
    guint n = 0;

    feclip_defects_drop_small (kept, WIDTH, HEIGHT, i % 2 ? share : limit);
    for (guint j = 0; j < 3; j++) {
      if (areas[j] < limit)
        continue;
      g_assert_cmpuint (n, <, kept->len);
      g_assert_cmpuint (g_array_index (kept, FeclipDefect, n).area, ==,
                        areas[j]);
      n++;
    }
    g_assert_cmpuint (kept->len, ==, n);
  }
  feclip_defects_drop_small (all, WIDTH, HEIGHT, 0);
  g_assert_cmpuint (all->len, ==, 3);
  feclip_defects_drop_small (all, WIDTH, HEIGHT, G_MAXUINT32);
  g_assert_cmpuint (all->len, ==, 0);
}

static void
test_json (void)
{
  g_autoptr (FeclipResult) result = make_result ();
  const double areas[] = {0, 0.1, 1000};
  const guint expected[] = {3, 1, 0};

  for (gsize i = 0; i < G_N_ELEMENTS (areas); i++) {
    const FeclipReport report = {
        .width = WIDTH,
        .height = HEIGHT,
        .threshold = 0.5,
        .pixel_threshold = 0.5,
        .min_area = areas[i],
    };
    g_autofree char *line = feclip_result_to_json (result, &report);
    g_autoptr (JsonNode) node = json_from_string (line, NULL);
    JsonObject *object = json_node_get_object (node);

    g_assert_cmpuint (json_array_get_length (
                          json_object_get_array_member (object, "objects")),
                      ==, expected[i]);
    g_assert_true (json_object_get_boolean_member (
        json_object_get_object_member (object, "anomaly"), "anomalous"));
  }
}

/* Counts opaque pixels, all of them boxes. */
static guint
count_pixels (const FeclipResult *result, double min_area)
{
  FeclipDrawOptions options = FECLIP_DRAW_OPTIONS_INIT;
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_ARGB32, WIDTH, HEIGHT);
  cairo_t *cr = cairo_create (surface);
  const guint32 *pixels = NULL;
  guint n = 0;

  options.heatmap = options.contours = options.labels = FALSE;
  options.min_area = min_area;
  feclip_draw_result (cr, result, WIDTH, HEIGHT, &options);
  cairo_surface_flush (surface);
  pixels = (const guint32 *)cairo_image_surface_get_data (surface);
  for (guint i = 0; i < WIDTH * HEIGHT; i++)
    n += pixels[i] != 0;
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  return n;
}

static void
test_drawing (void)
{
  g_autoptr (FeclipResult) result = make_result ();

  g_assert_cmpuint (count_pixels (result, 0), >, count_pixels (result, 0.1));
  g_assert_cmpuint (count_pixels (result, 0.1), >, 0);
  g_assert_cmpuint (count_pixels (result, 1000), ==, 0);
}

static void
test_mix (void)
{
  g_autoptr (FeclipResult) result = make_result ();
  const float before[10] = {0.1f, 0.1f, 0.1f, 0.1f, 0.1f,
                            0.1f, 0.1f, 0.1f, 0.1f, NAN};
  const double tap_scores[2] = {1, 0.5};
  g_autoptr (FeclipResult) earlier = feclip_result_new (&(FeclipResult){
      .score = 0.75,
      .n_taps = 2,
      .tap_scores = tap_scores,
      .map_width = 10,
      .map_height = 1,
      .map = before,
  });
  g_autoptr (FeclipResult) mixed =
      feclip_result_mix (result, earlier, 0.25, 0.5);
  g_autoptr (FeclipResult) same = feclip_result_mix (result, earlier, 1, 1);

  g_assert_true (same == result);
  g_assert_cmpfloat (mixed->score, ==, 0.75 - 0.25 * 0.25);
  g_assert_cmpfloat (mixed->tap_scores[0], ==, 1 - 0.25 * 0.75);
  g_assert_cmpfloat (mixed->tap_scores[1], ==, 0.5 + 0.25 * 0.25);
  g_assert_cmpfloat_with_epsilon (mixed->map[0], 0.5, 1e-6);
  g_assert_cmpfloat_with_epsilon (mixed->map[1], 0.05, 1e-6);
  /* What is not a number does not stay for ever. */
  g_assert_cmpfloat (mixed->map[9], ==, 0);
  g_assert_cmpfloat (result->map[0], ==, 0.9f);
  g_assert_cmpfloat (mixed->width, ==, 1);
}

static void
test_mix_other_maps (void)
{
  g_autoptr (FeclipResult) result = make_result ();
  g_autoptr (FeclipResult) other = feclip_result_new (&(FeclipResult){
      .score = NAN,
      .map_width = 5,
      .map_height = 2,
      .map = result->map,
  });
  g_autoptr (FeclipResult) mixed = feclip_result_mix (result, other, 0.5, 0.5);

  g_assert_cmpfloat (mixed->score, ==, 0.5);
  for (guint i = 0; i < 10; i++)
    g_assert_cmpfloat (mixed->map[i], ==, result->map[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/small-defects/drop", test_drop);
  g_test_add_func ("/small-defects/json", test_json);
  g_test_add_func ("/small-defects/drawing", test_drawing);
  g_test_add_func ("/small-defects/mix", test_mix);
  g_test_add_func ("/small-defects/mix-other-maps", test_mix_other_maps);
  return g_test_run ();
}
