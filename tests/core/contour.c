/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lines round what is at or above a threshold. */
#include "draw/contour.h"

#include <math.h>

/* A map over part of a frame, for fe_resampled_map_init(), which borrows it. */
static FeclipResult
map_over (double x, double y, double width, double height, const float *map,
          guint columns, guint rows)
{
  return (FeclipResult){.x = x,
                        .y = y,
                        .width = width,
                        .height = height,
                        .map_width = columns,
                        .map_height = rows,
                        .map = map};
}

/* Whether the lines alone part inside from outside as the map does, judged at
 * the pixels' centres. */
static void
test_parts (void)
{
  static const struct {
    guint width, height;
    double x, y, w, h;
  } cases[] = {
      {640, 360, 0.21875, 0, 0.5625, 1},
      {97, 61, 0, 0, 1, 1},
      {61, 97, 0.013, 0.21, 0.961, 0.602},
      {135, 33, 51.4 / 135, 0, 32.2 / 135, 1},
      {5, 3, 0.2, 0, 0.6, 1},
      {1, 1, 0, 0, 1, 1},
  };
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  guint i, j, x, y;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    cairo_surface_t *surface =
        cairo_image_surface_create (CAIRO_FORMAT_A8, 1, 1);
    cairo_t *cr = cairo_create (surface);
    float cells[12 * 12];
    const FeclipResult result = map_over (cases[i].x, cases[i].y, cases[i].w,
                                          cases[i].h, cells, 12, 12);
    g_auto (FeResampledMap) map = {0};
    g_autoptr (GArray) points = NULL;

    for (j = 0; j < G_N_ELEMENTS (cells); j++)
      cells[j] = (float)pow (g_rand_double (rand), 3);
    g_assert_true (fe_resampled_map_init (&map, &result, cases[i].width,
                                          cases[i].height, 0.4));
    points = fe_contour_trace (&map, 100000);
    fe_contour_append (points, cr);
    cairo_set_fill_rule (cr, CAIRO_FILL_RULE_EVEN_ODD);
    for (y = 0; y < map.rows.n_pixels; y++) {
      for (x = 0; x < map.columns.n_pixels; x++) {
        const float value = fe_resampled_map_get (&map, x, y);

        /* Lines may pass a tenth of a pixel beside their points. */
        if (fabsf (value - 0.4f) > 0.02f)
          g_assert_cmpint (cairo_in_fill (cr, map.columns.first + x + 0.5,
                                          map.rows.first + y + 0.5),
                           ==, value >= 0.4f);
      }
    }
    cairo_destroy (cr);
    cairo_surface_destroy (surface);
  }
}

static guint
count_lines (const GArray *points)
{
  guint i, n = 0;

  for (i = 0; i < points->len; i++)
    n += g_array_index (points, FeContourPoint, i).starts;
  return n;
}

/* Lines round shapes drawn cell by pixel. */
static void
test_shapes (void)
{
  static const struct {
    const char *rows;
    guint n_lines;
  } cases[] = {
      {"....."
       "....."
       "....."
       "....."
       ".....",
       0},
      {"#####"
       "#####"
       "#####"
       "#####"
       "#####",
       1},
      {"#####"
       "#...#"
       "#.#.#"
       "#...#"
       "#####",
       3},
      {"#...#"
       ".#.#."
       "..#.."
       ".#.#."
       "#...#",
       1},
      {"#.#.#"
       "....."
       "#.#.#"
       "....."
       "#.#.#",
       9},
  };
  guint i, j;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    float cells[25];
    const FeclipResult result = map_over (0, 0, 1, 1, cells, 5, 5);
    g_auto (FeResampledMap) map = {0};
    g_autoptr (GArray) points = NULL;
    g_autoptr (GArray) none = NULL;

    for (j = 0; j < 25; j++)
      cells[j] = cases[i].rows[j] == '#';
    g_assert_true (fe_resampled_map_init (&map, &result, 5, 5, 0.5));
    points = fe_contour_trace (&map, 1000);
    g_assert_cmpuint (count_lines (points), ==, cases[i].n_lines);
    none = fe_contour_trace (&map, 3);
    g_assert_cmpuint (none->len, ==, 0);
  }
}

/* Where the line crosses between two pixels, and along the border. */
static void
test_place (void)
{
  static const float cells[] = {1, 0.75f, 0.25f, 0};
  const FeclipResult result = map_over (0, 0, 1, 1, cells, 4, 1);
  g_auto (FeResampledMap) map = {0};
  g_autoptr (GArray) points = NULL;
  float left = 9, right = 0, top = 9, bottom = 0;
  guint i;

  g_assert_true (fe_resampled_map_init (&map, &result, 4, 1, 0.4));
  points = fe_contour_trace (&map, 1000);
  for (i = 0; i < points->len; i++) {
    const FeContourPoint *point = &g_array_index (points, FeContourPoint, i);

    left = MIN (left, point->x);
    right = MAX (right, point->x);
    top = MIN (top, point->y);
    bottom = MAX (bottom, point->y);
  }
  g_assert_cmpfloat_with_epsilon (left, 0, 1e-6);
  g_assert_cmpfloat_with_epsilon (right, 2.2, 1e-6);
  g_assert_cmpfloat_with_epsilon (top, 0, 1e-6);
  g_assert_cmpfloat_with_epsilon (bottom, 1, 1e-6);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/contour/parts", test_parts);
  g_test_add_func ("/contour/shapes", test_shapes);
  g_test_add_func ("/contour/place", test_place);
  return g_test_run ();
}
