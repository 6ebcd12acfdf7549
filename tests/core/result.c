/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Defects, beside a flood fill over every pixel. */
#include <feclip/result.h>

#include <math.h>

static FeclipResult *
result_of (const float *map, guint columns, guint rows)
{
  return feclip_result_new (&(FeclipResult){
      .width = 1,
      .height = 1,
      .map_width = columns,
      .map_height = rows,
      .map = map,
  });
}

/* The map's value over a frame pixel's centre, NAN outside of the rectangle. */
static double
ref_value (const FeclipResult *result, guint frame_width, guint frame_height,
           guint x, guint y)
{
  const double share_x = ((x + 0.5) / frame_width - result->x) / result->width;
  const double share_y =
      ((y + 0.5) / frame_height - result->y) / result->height;
  const double at_x =
      CLAMP (share_x * result->map_width - 0.5, 0, result->map_width - 1);
  const double at_y =
      CLAMP (share_y * result->map_height - 0.5, 0, result->map_height - 1);
  const guint left = (guint)at_x;
  const guint top = (guint)at_y;
  const guint right = MIN (left + 1, result->map_width - 1);
  const guint bottom = MIN (top + 1, result->map_height - 1);
  const float *upper = result->map + top * result->map_width;
  const float *lower = result->map + bottom * result->map_width;

  if (share_x < 0 || share_x >= 1 || share_y < 0 || share_y >= 1)
    return NAN;
  return (upper[left] * (1 - (at_x - left)) + upper[right] * (at_x - left))
             * (1 - (at_y - top))
         + (lower[left] * (1 - (at_x - left)) + lower[right] * (at_x - left))
               * (at_y - top);
}

/* Collects and erases the region round one pixel. */
static FeclipDefect
ref_flood (double *values, int width, int height, int start, double threshold)
{
  g_autoptr (GArray) open = g_array_new (FALSE, FALSE, sizeof (int));
  FeclipDefect defect = {1, 1, 0, 0, -INFINITY, 0};

  g_array_append_val (open, start);
  while (open->len > 0) {
    const int at = g_array_index (open, int, open->len - 1);
    const int x = at % width;
    const int y = at / width;
    int dx, dy;

    g_array_set_size (open, open->len - 1);
    if (!(values[at] >= threshold))
      continue;
    defect.x_min = MIN (defect.x_min, x / (double)width);
    defect.y_min = MIN (defect.y_min, y / (double)height);
    defect.x_max = MAX (defect.x_max, (x + 1) / (double)width);
    defect.y_max = MAX (defect.y_max, (y + 1) / (double)height);
    defect.confidence = MAX (defect.confidence, values[at]);
    defect.area++;
    values[at] = NAN;
    for (dy = MAX (y - 1, 0); dy <= MIN (y + 1, height - 1); dy++) {
      for (dx = MAX (x - 1, 0); dx <= MIN (x + 1, width - 1); dx++) {
        const int next = dy * width + dx;

        if (values[next] >= threshold)
          g_array_append_val (open, next);
      }
    }
  }
  return defect;
}

static int
by_confidence (const void *a, const void *b)
{
  const double left = ((const FeclipDefect *)a)->confidence;
  const double right = ((const FeclipDefect *)b)->confidence;

  return left > right ? -1 : left < right;
}

static GArray *
ref_find_defects (const FeclipResult *result, guint width, guint height,
                  double threshold)
{
  GArray *defects = g_array_new (FALSE, FALSE, sizeof (FeclipDefect));
  g_autofree double *values = g_new (double, width *height);
  guint i;

  for (i = 0; i < width * height; i++)
    values[i] = ref_value (result, width, height, i % width, i / width);
  for (i = 0; i < width * height; i++) {
    if (values[i] >= threshold) {
      const FeclipDefect defect =
          ref_flood (values, width, height, i, threshold);

      g_array_append_val (defects, defect);
    }
  }
  g_array_sort (defects, by_confidence);
  return defects;
}

static void
compare_with_reference (const FeclipResult *result, guint width, guint height,
                        double threshold)
{
  g_autoptr (GArray) found =
      feclip_result_find_defects (result, width, height, threshold);
  g_autoptr (GArray) expected =
      ref_find_defects (result, width, height, threshold);
  guint i;

  g_assert_cmpuint (found->len, ==, expected->len);
  for (i = 0; i < found->len; i++) {
    const FeclipDefect *a = &g_array_index (found, FeclipDefect, i);
    const FeclipDefect *b = &g_array_index (expected, FeclipDefect, i);

    g_assert_cmpfloat (a->x_min, ==, b->x_min);
    g_assert_cmpfloat (a->y_min, ==, b->y_min);
    g_assert_cmpfloat (a->x_max, ==, b->x_max);
    g_assert_cmpfloat (a->y_max, ==, b->y_max);
    g_assert_cmpfloat_with_epsilon (a->confidence, b->confidence, 1e-6);
    g_assert_cmpuint (a->area, ==, b->area);
  }
}

/* Frames larger and smaller than the map, odd sizes, rectangles that end within
 * a pixel. */
static void
test_reference (void)
{
  static const struct {
    guint width, height, columns, rows;
    double x, y, w, h;
  } cases[] = {
      {64, 36, 8, 8, 0.21875, 0, 0.5625, 1},
      {97, 61, 24, 24, 0, 0, 1, 1},
      {61, 97, 7, 5, 0.013, 0.21, 0.961, 0.602},
      {97, 60, 8, 8, 34.4 / 97, 0, 28.2 / 97, 1},
      {20, 15, 56, 40, 0.1, 0.05, 0.8, 0.9},
      {5, 5, 5, 5, 0, 0, 1, 1},
      {33, 2, 1, 9, 0, 0, 1, 1},
      {1, 1, 3, 3, 0, 0, 1, 1},
  };
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  guint i, j, repeat;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    for (repeat = 0; repeat < 8; repeat++) {
      const guint n = cases[i].columns * cases[i].rows;
      g_autofree float *map = g_new (float, n);
      g_autoptr (FeclipResult) result = NULL;

      for (j = 0; j < n; j++)
        map[j] = (float)g_rand_double (rand);
      result = feclip_result_new (&(FeclipResult){
          .x = cases[i].x,
          .y = cases[i].y,
          .width = cases[i].w,
          .height = cases[i].h,
          .map_width = cases[i].columns,
          .map_height = cases[i].rows,
          .map = map,
      });
      compare_with_reference (result, cases[i].width, cases[i].height,
                              0.4 + 0.05 * repeat);
    }
  }
}

/* One cell at 1 among zeros is at least one half exactly within itself. */
static void
test_single_cell (void)
{
  guint cell;

  for (cell = 0; cell < 64; cell++) {
    float map[64] = {0};
    g_autoptr (FeclipResult) result = NULL;
    g_autoptr (GArray) defects = NULL;
    const FeclipDefect *defect;

    map[cell] = 1;
    /* The centre square of a 640×360 frame: cells of 45 pixels from x = 140. */
    result = feclip_result_new (&(FeclipResult){
        .x = 0.21875,
        .width = 0.5625,
        .height = 1,
        .map_width = 8,
        .map_height = 8,
        .map = map,
    });
    defects = feclip_result_find_defects (result, 640, 360, 0.5);
    g_assert_cmpuint (defects->len, ==, 1);
    defect = &g_array_index (defects, FeclipDefect, 0);
    g_assert_cmpfloat (defect->x_min, ==, (140 + cell % 8 * 45) / 640.0);
    g_assert_cmpfloat (defect->x_max, ==, (185 + cell % 8 * 45) / 640.0);
    g_assert_cmpfloat (defect->y_min, ==, cell / 8 * 45 / 360.0);
    g_assert_cmpfloat (defect->y_max, ==, (cell / 8 * 45 + 45) / 360.0);
    g_assert_cmpfloat (defect->confidence, ==, 1);
  }
}

/* Drawn cell by pixel. */
static const struct {
  const char *rows;
  guint n_defects;
  guint64 area;
} shapes[] = {
    {"#.#.#"
     "....."
     "#.#.#"
     "....."
     "#.#.#",
     9, 1},
    {"#...#"
     ".#.#."
     "..#.."
     ".#.#."
     "#...#",
     1, 9},
    {"#.#.#"
     "#.#.#"
     "#.#.#"
     "#.#.#"
     "#####",
     1, 17},
    {"#####"
     "#...#"
     "#.#.#"
     "#...#"
     "#####",
     2, 16},
    {"..#.."
     ".#..."
     "#..##"
     ".#..#"
     "..##.",
     1, 9},
    {"....."
     "....."
     "....."
     "....."
     ".....",
     0, 0},
};

static void
test_connectivity (void)
{
  guint i, j;

  for (i = 0; i < G_N_ELEMENTS (shapes); i++) {
    float map[25];
    g_autoptr (FeclipResult) result = NULL;
    g_autoptr (GArray) defects = NULL;

    for (j = 0; j < 25; j++)
      map[j] = shapes[i].rows[j] == '#';
    result = result_of (map, 5, 5);
    defects = feclip_result_find_defects (result, 5, 5, 0.5);
    g_assert_cmpuint (defects->len, ==, shapes[i].n_defects);
    if (defects->len > 0)
      g_assert_cmpuint (g_array_index (defects, FeclipDefect, 0).area, ==,
                        shapes[i].area);
    compare_with_reference (result, 5, 5, 0.5);
  }
}

/* Largest confidence first; among equals, reading order. */
static void
test_order (void)
{
  static const float map[] = {0.7f, 0, 0.9f, 0, 0.7f, 0, 0.8f, 0, 0.7f};
  static const double expected_x[] = {2, 6, 0, 4, 8};
  g_autoptr (FeclipResult) result = result_of (map, 9, 1);
  g_autoptr (GArray) defects = feclip_result_find_defects (result, 9, 1, 0.7);
  guint i;

  /* 0.7 reaches 0.7, although the float lies below the double. */
  g_assert_cmpuint (defects->len, ==, 5);
  for (i = 0; i < 5; i++)
    g_assert_cmpfloat (g_array_index (defects, FeclipDefect, i).x_min, ==,
                       expected_x[i] / 9);
}

/* 0.14 of 25 pixels is 3.5000000000000004, but means the centre of the fourth,
 * which lies inside. */
static void
test_rounded_edge (void)
{
  static const float hot = 1;
  g_autoptr (FeclipResult) result = feclip_result_new (&(FeclipResult){
      .x = 0.14,
      .width = 0.4,
      .height = 1,
      .map_width = 1,
      .map_height = 1,
      .map = &hot,
  });
  g_autoptr (GArray) defects = feclip_result_find_defects (result, 25, 1, 0.5);

  g_assert_cmpuint (defects->len, ==, 1);
  g_assert_cmpfloat (g_array_index (defects, FeclipDefect, 0).x_min, ==,
                     3 / 25.0);
  g_assert_cmpuint (g_array_index (defects, FeclipDefect, 0).area, ==, 10);
}

static void
test_nothing (void)
{
  static const float hot[] = {1, 1, 1, 1};
  static const float odd[] = {1, 0, NAN, NAN};
  const FeclipResult values[] = {
      {.width = 1, .height = 1},
      {.width = 0, .height = 1, .map_width = 2, .map_height = 2, .map = hot},
      {.x = 2,
       .width = 1,
       .height = 1,
       .map_width = 2,
       .map_height = 2,
       .map = hot},
      {.x = NAN,
       .width = 1,
       .height = 1,
       .map_width = 2,
       .map_height = 2,
       .map = hot},
      {.width = INFINITY,
       .height = 1,
       .map_width = 2,
       .map_height = 2,
       .map = hot},
      {.x = 0.5,
       .width = -1,
       .height = 1,
       .map_width = 2,
       .map_height = 2,
       .map = hot},
  };
  g_autoptr (FeclipResult) result = NULL;
  g_autoptr (GArray) defects = NULL;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (values); i++) {
    g_autoptr (FeclipResult) one = feclip_result_new (&values[i]);
    g_autoptr (GArray) none = feclip_result_find_defects (one, 16, 9, 0.5);

    g_assert_cmpuint (none->len, ==, 0);
  }

  /* NaN is never defective, nor is a frame without pixels. */
  result = result_of (odd, 4, 1);
  defects = feclip_result_find_defects (result, 4, 1, 0.5);
  g_assert_cmpuint (defects->len, ==, 1);
  g_assert_cmpuint (g_array_index (defects, FeclipDefect, 0).area, ==, 1);
  g_array_unref (g_steal_pointer (&defects));
  defects = feclip_result_find_defects (result, 0, 0, 0.5);
  g_assert_cmpuint (defects->len, ==, 0);
}

/* As many regions as a map can have. */
static void
test_many (void)
{
  const guint side = 640;
  g_autofree float *map = g_new0 (float, side *side);
  g_autoptr (FeclipResult) result = NULL;
  g_autoptr (GArray) defects = NULL;
  guint i;

  for (i = 0; i < side * side; i++)
    map[i] = i % side % 2 == 0 && i / side % 2 == 0;
  result = result_of (map, side, side);
  g_test_timer_start ();
  defects = feclip_result_find_defects (result, side, side, 0.5);
  g_test_message ("%u defects in %.1f ms", defects->len,
                  g_test_timer_elapsed () * 1e3);
  g_assert_cmpuint (defects->len, ==, side * side / 4);
  for (i = 0; i < defects->len; i += 1001)
    g_assert_cmpuint (g_array_index (defects, FeclipDefect, i).area, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/defects/reference", test_reference);
  g_test_add_func ("/defects/single-cell", test_single_cell);
  g_test_add_func ("/defects/connectivity", test_connectivity);
  g_test_add_func ("/defects/order", test_order);
  g_test_add_func ("/defects/rounded-edge", test_rounded_edge);
  g_test_add_func ("/defects/nothing", test_nothing);
  g_test_add_func ("/defects/many", test_many);
  return g_test_run ();
}
