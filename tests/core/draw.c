/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The image of a result: which pixels are touched and in which colour. */
#include <feclip/draw.h>

#include <math.h>

#include "draw/colormap.h"

typedef struct {
  guint width;
  guint height;
  double x;
  double y;
  double w;
  double h;
} Geometry;

/* Crops, letterboxes, odd sizes, edges within a pixel. */
static const Geometry geometries[] = {
    {640, 360, 0.21875, 0, 0.5625, 1},
    {360, 640, 0, 0.21875, 1, 0.5625},
    {97, 61, 0, 0, 1, 1},
    {61, 97, 0.013, 0.21, 0.961, 0.602},
    {135, 33, 51.4 / 135, 0, 32.2 / 135, 1},
    {16, 16, 0, 0, 1, 1},
    {5, 3, 0.2, 0, 0.6, 1},
    {1, 1, 0, 0, 1, 1},
};

static const FeclipDrawOptions everything = FECLIP_DRAW_OPTIONS_INIT;
static const FeclipDrawOptions nothing = {.alpha = 1,
                                          .threshold = 0.5,
                                          .pixel_threshold = 0.5,
                                          .contour_color = 0xffffffff,
                                          .box_color = 0xffffd60a,
                                          .label_color = 0xffffffff};

static FeclipResult *
result_on (const Geometry *geometry, const float *map, guint columns,
           guint rows)
{
  return feclip_result_new (&(FeclipResult){
      .score = 0.8,
      .x = geometry->x,
      .y = geometry->y,
      .width = geometry->w,
      .height = geometry->h,
      .map_width = columns,
      .map_height = rows,
      .map = map,
  });
}

/* Random cells, most of them low, as a real map has them. */
static FeclipResult *
random_result (const Geometry *geometry, GRand *rand)
{
  float map[12 * 12];
  guint i;

  for (i = 0; i < G_N_ELEMENTS (map); i++)
    map[i] = (float)pow (g_rand_double (rand), 3);
  return result_on (geometry, map, 12, 12);
}

static cairo_surface_t *
draw (const FeclipResult *result, const Geometry *geometry,
      const FeclipDrawOptions *options)
{
  cairo_surface_t *surface = cairo_image_surface_create (
      CAIRO_FORMAT_ARGB32, geometry->width, geometry->height);
  cairo_t *cr = cairo_create (surface);

  feclip_draw_result (cr, result, geometry->width, geometry->height, options);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  return surface;
}

static guint32
pixel_at (cairo_surface_t *surface, guint x, guint y)
{
  const guint8 *row = cairo_image_surface_get_data (surface)
                      + (gsize)y * cairo_image_surface_get_stride (surface);

  return ((const guint32 *)row)[x];
}

/* The smallest rectangle round all that is not transparent. */
static cairo_rectangle_int_t
touched (cairo_surface_t *surface)
{
  const int width = cairo_image_surface_get_width (surface);
  const int height = cairo_image_surface_get_height (surface);
  int left = width, top = height, right = 0, bottom = 0;
  int x, y;

  for (y = 0; y < height; y++) {
    for (x = 0; x < width; x++) {
      if (pixel_at (surface, x, y) >> 24 == 0)
        continue;
      left = MIN (left, x);
      top = MIN (top, y);
      right = MAX (right, x + 1);
      bottom = MAX (bottom, y + 1);
    }
  }
  return (cairo_rectangle_int_t){left, top, right - left, bottom - top};
}

/* One hot cell at each place of the map, the corners and borders included: what
 * is tinted is what the defects say, pixel by pixel. */
static void
test_aligned (void)
{
  FeclipDrawOptions options = nothing;
  guint i, cell;

  options.heatmap = TRUE;
  for (i = 0; i < G_N_ELEMENTS (geometries); i++) {
    const Geometry *geometry = &geometries[i];

    for (cell = 0; cell < 64; cell++) {
      float map[64] = {0};
      g_autoptr (FeclipResult) result = NULL;
      g_autoptr (GArray) defects = NULL;
      cairo_surface_t *surface;
      cairo_rectangle_int_t tinted;
      const FeclipDefect *defect;

      map[cell] = 1;
      result = result_on (geometry, map, 8, 8);
      defects = feclip_result_find_defects (result, geometry->width,
                                            geometry->height, 0.5);
      surface = draw (result, geometry, &options);
      tinted = touched (surface);
      cairo_surface_destroy (surface);
      if (defects->len == 0) {
        g_assert_cmpint (tinted.width, <=, 0);
        continue;
      }
      defect = &g_array_index (defects, FeclipDefect, 0);
      g_assert_cmpint (tinted.x, ==,
                       (int)rint (defect->x_min * geometry->width));
      g_assert_cmpint (tinted.y, ==,
                       (int)rint (defect->y_min * geometry->height));
      g_assert_cmpint (tinted.x + tinted.width, ==,
                       (int)rint (defect->x_max * geometry->width));
      g_assert_cmpint (tinted.y + tinted.height, ==,
                       (int)rint (defect->y_max * geometry->height));
    }
  }
}

/* On cells of 45 pixels the tint's edges are known without any code. */
static void
test_exact_rectangle (void)
{
  FeclipDrawOptions options = nothing;
  guint cell;

  options.heatmap = TRUE;
  for (cell = 0; cell < 64; cell++) {
    float map[64] = {0};
    g_autoptr (FeclipResult) result = NULL;
    cairo_surface_t *surface;
    cairo_rectangle_int_t tinted;

    map[cell] = 1;
    result = result_on (&geometries[0], map, 8, 8);
    surface = draw (result, &geometries[0], &options);
    tinted = touched (surface);
    cairo_surface_destroy (surface);
    g_assert_cmpint (tinted.x, ==, 140 + (int)(cell % 8) * 45);
    g_assert_cmpint (tinted.y, ==, (int)(cell / 8) * 45);
    g_assert_cmpint (tinted.width, ==, 45);
    g_assert_cmpint (tinted.height, ==, 45);
  }
}

static guint32
tint_of (float value, FeclipMapType map_type, const FeclipDrawOptions *options)
{
  static const Geometry geometry = {3, 2, 0, 0, 1, 1};
  g_autoptr (FeclipResult) result = feclip_result_new (&(FeclipResult){
      .width = 1,
      .height = 1,
      .map_type = map_type,
      .map_width = 1,
      .map_height = 1,
      .map = &value,
  });
  cairo_surface_t *surface = draw (result, &geometry, options);
  const guint32 pixel = pixel_at (surface, 1, 1);

  cairo_surface_destroy (surface);
  return pixel;
}

static void
assert_near (guint32 pixel, guint32 expected, int tolerance)
{
  int shift;

  for (shift = 0; shift < 32; shift += 8) {
    const int difference =
        (int)(pixel >> shift & 0xff) - (int)(expected >> shift & 0xff);

    g_assert_cmpint (ABS (difference), <=, tolerance);
  }
}

/* Each kind of map has a fixed scale. */
static void
test_scale (void)
{
  FeclipDrawOptions options = nothing;
  int i;

  options.heatmap = TRUE;
  options.pixel_threshold = -100;
  options.colormap = FECLIP_COLORMAP_GRAY;
  for (i = 0; i <= 255; i++) {
    const float share = i / 255.0f;
    const guint32 gray = 0xff000000 | i * 0x010101;

    g_assert_cmphex (tint_of (share, FECLIP_MAP_TYPE_PROBABILITY, &options), ==,
                     gray);
    g_assert_cmphex (tint_of (share * 10 - 5, FECLIP_MAP_TYPE_MARGIN, &options),
                     ==, gray);
    g_assert_cmphex (tint_of (share * 2, FECLIP_MAP_TYPE_FEW_SHOT, &options),
                     ==, gray);
  }
  g_assert_cmphex (tint_of (7, FECLIP_MAP_TYPE_PROBABILITY, &options), ==,
                   0xffffffff);
  g_assert_cmphex (tint_of (-7, FECLIP_MAP_TYPE_MARGIN, &options), ==,
                   0xff000000);
}

/* The colours that the maps' authors give, at 0, a quarter, … and 1. */
static void
test_colormaps (void)
{
  static const guint32 published[][5] = {
      [FECLIP_COLORMAP_TURBO] = {0xff30123b, 0xff28bceb, 0xffa4fc3c, 0xfffb8122,
                                 0xff7a0403},
      [FECLIP_COLORMAP_INFERNO] = {0xff000004, 0xff57106e, 0xffbc3754,
                                   0xfff98c0a, 0xfffcffa4},
      [FECLIP_COLORMAP_JET] = {0xff000080, 0xff0080ff, 0xff80ff80, 0xffff8000,
                               0xff800000},
      [FECLIP_COLORMAP_GRAY] = {0xff000000, 0xff404040, 0xff808080, 0xffbfbfbf,
                                0xffffffff},
  };
  static const guint places[] = {0, 64, 128, 191, 255};
  guint i, j;

  for (i = 0; i < G_N_ELEMENTS (published); i++) {
    guint32 colors[FE_COLORMAP_SIZE];

    fe_colormap_fill (i, 1, colors);
    for (j = 0; j < G_N_ELEMENTS (places); j++)
      assert_near (colors[places[j]], published[i][j], 6);
  }
}

/* Nothing below the threshold, nothing at alpha 0, premultiplied in between. */
static void
test_alpha (void)
{
  FeclipDrawOptions options = nothing;

  options.heatmap = TRUE;
  options.colormap = FECLIP_COLORMAP_GRAY;
  options.pixel_threshold = 0.7;
  g_assert_cmphex (tint_of (0.69f, FECLIP_MAP_TYPE_PROBABILITY, &options), ==,
                   0);
  g_assert_cmphex (tint_of (NAN, FECLIP_MAP_TYPE_PROBABILITY, &options), ==, 0);
  g_assert_cmphex (tint_of (0.7f, FECLIP_MAP_TYPE_PROBABILITY, &options), !=,
                   0);
  options.alpha = 0.6;
  g_assert_cmphex (tint_of (1, FECLIP_MAP_TYPE_PROBABILITY, &options), ==,
                   0x99999999);
  options.alpha = 0;
  g_assert_cmphex (tint_of (1, FECLIP_MAP_TYPE_PROBABILITY, &options), ==, 0);
}

/* A frame drawn round the defect, within the image where it touches the
 * border. */
static void
test_boxes (void)
{
  static const struct {
    guint cell;
    int left, top, right, bottom;
  } cases[] = {
      /* Cells of 45 pixels; 2 of line and 1 of halo round them. */
      {27, 272, 132, 323, 183},
      {0, 137, 0, 188, 48},
      {63, 452, 312, 503, 360},
  };
  FeclipDrawOptions options = nothing;
  guint i;

  options.boxes = TRUE;
  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    float map[64] = {0};
    g_autoptr (FeclipResult) result = NULL;
    cairo_surface_t *surface;
    cairo_rectangle_int_t box;

    map[cases[i].cell] = 1;
    result = result_on (&geometries[0], map, 8, 8);
    surface = draw (result, &geometries[0], &options);
    box = touched (surface);
    g_assert_cmpint (box.x, ==, cases[i].left);
    g_assert_cmpint (box.y, ==, cases[i].top);
    g_assert_cmpint (box.x + box.width, ==, cases[i].right);
    g_assert_cmpint (box.y + box.height, ==, cases[i].bottom);
    /* Halo, line, line, halo, and nothing inside. */
    g_assert_cmphex (pixel_at (surface, box.x, box.y + 20) & 0xffffff, ==, 0);
    g_assert_cmphex (pixel_at (surface, box.x + 1, box.y + 20), ==,
                     options.box_color);
    g_assert_cmphex (pixel_at (surface, box.x + 2, box.y + 20), ==,
                     options.box_color);
    g_assert_cmphex (pixel_at (surface, box.x + 3, box.y + 20) & 0xffffff, ==,
                     0);
    g_assert_cmphex (pixel_at (surface, box.x + 4, box.y + 20), ==, 0);
    cairo_surface_destroy (surface);
  }
}

/* The verdict's plate says red or green. */
static void
test_verdict (void)
{
  static const Geometry geometry = {640, 360, 0, 0, 1, 1};
  FeclipDrawOptions options = nothing;
  guint32 pixels[2];
  guint i;

  options.labels = TRUE;
  for (i = 0; i < 2; i++) {
    g_autoptr (FeclipResult) result = result_on (&geometry, NULL, 0, 0);
    cairo_surface_t *surface;
    cairo_rectangle_int_t plate;

    options.threshold = i == 0 ? 0.8 : 0.81;
    surface = draw (result, &geometry, &options);
    plate = touched (surface);
    g_assert_cmpint (plate.x + plate.width, <, 320);
    g_assert_cmpint (plate.y + plate.height, <, 60);
    pixels[i] = pixel_at (surface, plate.x + 2, plate.y + plate.height / 2);
    cairo_surface_destroy (surface);
  }
  g_assert_cmphex (pixels[0] >> 24, ==, 0xff);
  g_assert_cmphex (pixels[1] >> 24, ==, 0xff);
  g_assert_cmpuint (pixels[0] >> 16 & 0xff, >, 2 * (pixels[0] >> 8 & 0xff));
  g_assert_cmpuint (pixels[1] >> 8 & 0xff, >, 2 * (pixels[1] >> 16 & 0xff));
}

static gboolean
is_inside (const cairo_rectangle_int_t *areas, guint n_areas, int x, int y)
{
  guint i;

  for (i = 0; i < n_areas; i++) {
    if (x >= areas[i].x && x < areas[i].x + areas[i].width && y >= areas[i].y
        && y < areas[i].y + areas[i].height)
      return TRUE;
  }
  return FALSE;
}

/* Draws one area on a surface of its own. */
static void
check_area (const FeclipDrawing *drawing, const cairo_rectangle_int_t *area,
            cairo_surface_t *whole)
{
  cairo_surface_t *part = cairo_image_surface_create (
      CAIRO_FORMAT_ARGB32, area->width, area->height);
  cairo_t *cr = cairo_create (part);
  int x, y;

  g_assert_cmpint (area->x, >=, 0);
  g_assert_cmpint (area->y, >=, 0);
  g_assert_cmpint (area->x + area->width, <=,
                   cairo_image_surface_get_width (whole));
  g_assert_cmpint (area->y + area->height, <=,
                   cairo_image_surface_get_height (whole));
  cairo_translate (cr, -area->x, -area->y);
  feclip_drawing_draw (drawing, cr);
  cairo_destroy (cr);
  cairo_surface_flush (part);
  for (y = 0; y < area->height; y++) {
    for (x = 0; x < area->width; x++)
      assert_near (pixel_at (part, x, y),
                   pixel_at (whole, area->x + x, area->y + y), 1);
  }
  cairo_surface_destroy (part);
}

/* What is drawn area by area is the whole image. */
static void
check_areas (const FeclipResult *result, const Geometry *geometry,
             const FeclipDrawOptions *options)
{
  g_autoptr (FeclipDrawing) drawing =
      feclip_drawing_new (result, geometry->width, geometry->height, options);
  cairo_surface_t *whole = draw (result, geometry, options);
  guint n_areas = 0, i;
  const cairo_rectangle_int_t *areas =
      feclip_drawing_get_areas (drawing, &n_areas);
  int x, y;

  for (y = 0; y < (int)geometry->height; y++) {
    for (x = 0; x < (int)geometry->width; x++) {
      if (!is_inside (areas, n_areas, x, y))
        g_assert_cmphex (pixel_at (whole, x, y), ==, 0);
    }
  }
  for (i = 0; i < n_areas; i++)
    check_area (drawing, &areas[i], whole);
  cairo_surface_destroy (whole);
}

static void
test_areas (void)
{
  static const Geometry large = {1280, 720, 0.21875, 0, 0.5625, 1};
  FeclipDrawOptions contours = nothing;
  FeclipDrawOptions labels = nothing;
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);
  guint i;

  contours.contours = TRUE;
  labels.labels = TRUE;
  for (i = 0; i < 3 * G_N_ELEMENTS (geometries) + 1; i++) {
    const Geometry *geometry =
        i == 0 ? &large : &geometries[i % G_N_ELEMENTS (geometries)];
    g_autoptr (FeclipResult) result = random_result (geometry, rand);

    check_areas (result, geometry, &everything);
    check_areas (result, geometry, &contours);
    check_areas (result, geometry, &labels);
  }
}

/* Each switch alone, and none. */
static void
test_switches (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  g_autoptr (FeclipResult) result = random_result (&geometries[0], rand);
  guint i, n_areas;

  for (i = 0; i <= 4; i++) {
    FeclipDrawOptions options = nothing;
    g_autoptr (FeclipDrawing) drawing = NULL;

    options.heatmap = i == 1;
    options.contours = i == 2;
    options.boxes = i == 3;
    options.labels = i == 4;
    drawing = feclip_drawing_new (result, 640, 360, &options);
    feclip_drawing_get_areas (drawing, &n_areas);
    if (i == 0)
      g_assert_cmpuint (n_areas, ==, 0);
    else
      g_assert_cmpuint (n_areas, >, 0);
  }
}

/* Three bumps, one of them at the border. */
static FeclipResult *
bumpy_result (const Geometry *geometry)
{
  static const double bumps[][4] = {
      {6, 7, 3, 0.95}, {15, 15, 4, 0.8}, {23, 3, 2, 1}};
  float map[24 * 24];
  guint i, j;

  for (i = 0; i < G_N_ELEMENTS (map); i++) {
    double value = 0.1;

    for (j = 0; j < G_N_ELEMENTS (bumps); j++) {
      const double x = (i % 24 - bumps[j][0]) / bumps[j][2];
      const double y = (i / 24 - bumps[j][1]) / bumps[j][2];

      value += bumps[j][3] * exp (-(x * x + y * y) / 2);
    }
    map[i] = (float)value;
  }
  return result_on (geometry, map, 24, 24);
}

/* A frame as it is seen, without text, beside an image that was looked at.
 * Other versions of cairo may round edges differently. FECLIP_WRITE_GOLDEN in
 * the environment replaces the image. */
static void
test_golden (void)
{
  static const Geometry geometry = {320, 180, 0.21875, 0, 0.5625, 1};
  const char *path = FECLIP_TEST_DATA "/draw.png";
  FeclipDrawOptions options = everything;
  g_autoptr (FeclipResult) result = bumpy_result (&geometry);
  cairo_surface_t *drawn, *golden;
  guint x, y, n_different = 0;

  options.labels = FALSE;
  drawn = draw (result, &geometry, &options);
  if (g_getenv ("FECLIP_WRITE_GOLDEN"))
    cairo_surface_write_to_png (drawn, path);
  golden = cairo_image_surface_create_from_png (path);
  g_assert_cmpint (cairo_surface_status (golden), ==, CAIRO_STATUS_SUCCESS);
  g_assert_cmpint (cairo_image_surface_get_width (golden), ==, 320);
  g_assert_cmpint (cairo_image_surface_get_height (golden), ==, 180);
  for (y = 0; y < geometry.height; y++) {
    for (x = 0; x < geometry.width; x++) {
      assert_near (pixel_at (drawn, x, y), pixel_at (golden, x, y), 40);
      n_different += pixel_at (drawn, x, y) != pixel_at (golden, x, y);
    }
  }
  g_assert_cmpuint (n_different, <, 320 * 180 / 50);
  cairo_surface_destroy (drawn);
  cairo_surface_destroy (golden);
}

/* Thousands of defects take no longer than a few. */
static void
test_bounded (void)
{
  static const Geometry geometry = {1280, 720, 0, 0, 1, 1};
  const guint side = 336;
  g_autofree float *map = g_new (float, side *side);
  g_autoptr (FeclipResult) result = NULL;
  guint i;

  for (i = 0; i < side * side; i++)
    map[i] = i % side % 2 == 0 && i / side % 2 == 0;
  result = result_on (&geometry, map, side, side);
  g_test_timer_start ();
  cairo_surface_destroy (draw (result, &geometry, &everything));
  g_test_message ("28224 defects drawn in %.1f ms",
                  g_test_timer_elapsed () * 1e3);
  g_assert_cmpfloat (g_test_timer_last (), <, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/draw/aligned", test_aligned);
  g_test_add_func ("/draw/exact-rectangle", test_exact_rectangle);
  g_test_add_func ("/draw/scale", test_scale);
  g_test_add_func ("/draw/colormaps", test_colormaps);
  g_test_add_func ("/draw/alpha", test_alpha);
  g_test_add_func ("/draw/boxes", test_boxes);
  g_test_add_func ("/draw/verdict", test_verdict);
  g_test_add_func ("/draw/areas", test_areas);
  g_test_add_func ("/draw/switches", test_switches);
  g_test_add_func ("/draw/golden", test_golden);
  g_test_add_func ("/draw/bounded", test_bounded);
  return g_test_run ();
}
