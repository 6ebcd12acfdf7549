/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Frames that are cut into tiles: where these lie, how their maps become one,
 * and what the network sees in them. */
#include <math.h>
#include <string.h>

#include "support/golden.h"
#include "image/tile_merge.h"
#include "image/tiling.h"

#define EPSILON 1e-4

static void
test_parse (void)
{
  static const struct {
    const char *text;
    guint columns, rows;
    gboolean automatic;
  } good[] = {{NULL, 1, 1, FALSE},      {"", 1, 1, FALSE},
              {"1x1", 1, 1, FALSE},     {"4x2", 4, 2, FALSE},
              {"16x16", 16, 16, FALSE}, {"auto", 1, 1, TRUE}};
  static const char *const bad[] = {"0x2",   "4x",    "x",    "17x1",
                                    "4x2x1", "4",     "axb",  "-1x2",
                                    "4 x 2", "autos", "4.0x2"};

  for (guint i = 0; i < G_N_ELEMENTS (good); i++) {
    FeTiling tiling;
    g_autoptr (GError) error = NULL;

    g_assert_true (fe_tiling_parse (&tiling, good[i].text, 0.3, &error));
    g_assert_no_error (error);
    g_assert_cmpuint (tiling.columns, ==, good[i].columns);
    g_assert_cmpuint (tiling.rows, ==, good[i].rows);
    g_assert_cmpint (tiling.automatic, ==, good[i].automatic);
    g_assert_cmpfloat (tiling.overlap, ==, 0.3);
  }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    FeTiling tiling;
    g_autoptr (GError) error = NULL;

    g_assert_false (fe_tiling_parse (&tiling, bad[i], 0.1, &error));
    g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT);
    g_assert_nonnull (strstr (error->message, bad[i]));
  }
}

/* Neighbours overlap by what was asked for, and nothing is left out. */
static void
check_axis (guint edge, guint length, guint n, const guint *starts,
            double overlap)
{
  g_assert_cmpuint (starts[0], ==, 0);
  g_assert_cmpuint (starts[n - 1] + length, ==, edge);
  for (guint i = 1; i < n; i++) {
    double shared = (double)starts[i - 1] + length - starts[i];

    g_assert_cmpuint (starts[i], >=, starts[i - 1]);
    g_assert_cmpfloat (shared, >=, overlap * length - 1);
  }
}

static void
check_plan (const FeTiling *tiling, guint width, guint height)
{
  FeTiles tiles;
  guint n, starts[FE_TILING_MAX];

  fe_tiles_init (&tiles, tiling, width, height, 112);
  n = tiles.columns * tiles.rows;
  for (guint i = 0; i < n; i++) {
    g_assert_cmpuint (tiles.parts[i].width, ==, tiles.parts[0].width);
    g_assert_cmpuint (tiles.parts[i].height, ==, tiles.parts[0].height);
    g_assert_cmpuint (tiles.parts[i].x, ==, tiles.parts[i % tiles.columns].x);
    g_assert_cmpuint (tiles.parts[i].y, ==,
                      tiles.parts[i / tiles.columns * tiles.columns].y);
  }
  for (guint c = 0; c < tiles.columns; c++)
    starts[c] = tiles.parts[c].x;
  check_axis (width, tiles.parts[0].width, tiles.columns, starts,
              tiling->overlap);
  for (guint r = 0; r < tiles.rows; r++)
    starts[r] = tiles.parts[r * tiles.columns].y;
  check_axis (height, tiles.parts[0].height, tiles.rows, starts,
              tiling->overlap);
  fe_tiles_clear (&tiles);
}

static void
test_plan (void)
{
  static const guint sizes[][2] = {{3840, 2160}, {2160, 3840}, {1, 1},
                                   {7, 3},       {640, 480},   {1001, 997}};
  static const double overlaps[] = {0, 0.1, 0.37, 0.5};

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++) {
    for (guint o = 0; o < G_N_ELEMENTS (overlaps); o++) {
      FeTiling automatic = {.automatic = TRUE, .overlap = overlaps[o]};

      check_plan (&automatic, sizes[s][0], sizes[s][1]);
      for (guint i = 0; i < 256; i += 7) {
        FeTiling tiling = {
            .columns = 1 + i % 16, .rows = 1 + i / 16, .overlap = overlaps[o]};

        check_plan (&tiling, sizes[s][0], sizes[s][1]);
      }
    }
  }
}

/* Square where the overlap allows it, and of the network's size if they can. */
static void
test_shapes (void)
{
  static const struct {
    FeTiling tiling;
    guint width, height, edge;
    guint columns, rows, tile_width, tile_height;
  } cases[] = {
      {{FALSE, 4, 2, 0.1}, 3840, 2160, 336, 4, 2, 1137, 1137},
      {{FALSE, 8, 1, 0.1}, 3840, 2160, 336, 8, 1, 854, 2160},
      {{TRUE, 0, 0, 0.1}, 300, 200, 336, 1, 1, 300, 200},
      {{TRUE, 0, 0, 0}, 1344, 672, 336, 4, 2, 336, 336},
      {{TRUE, 0, 0, 0.5}, 672, 504, 336, 3, 2, 336, 336},
      {{TRUE, 0, 0, 0}, 3840, 2160, 336, 8, 5, 480, 480},
      {{TRUE, 0, 0, 0.1}, 8192, 64, 112, 8, 1, 1123, 64},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    FeTiles tiles;

    fe_tiles_init (&tiles, &cases[i].tiling, cases[i].width, cases[i].height,
                   cases[i].edge);
    g_assert_cmpuint (tiles.columns, ==, cases[i].columns);
    g_assert_cmpuint (tiles.rows, ==, cases[i].rows);
    g_assert_cmpuint (tiles.parts[0].width, ==, cases[i].tile_width);
    g_assert_cmpuint (tiles.parts[0].height, ==, cases[i].tile_height);
    fe_tiles_clear (&tiles);
  }
}

/* Joining */

/* Three tiles beside each other, overlapping by 0.1, each with one number. */
static FeclipResult *
join_three (const float numbers[3], const double scores[3],
            gboolean *ignored_tiles)
{
  FeTileMerge join = {
      .columns = 3,
      .rows = 1,
      .ignored_tiles = ignored_tiles,
      .place = {.width = 1, .height = 1, .columns = 50, .rows = 7},
  };
  g_autoptr (GPtrArray) results =
      g_ptr_array_new_with_free_func ((GDestroyNotify)feclip_result_unref);

  for (guint i = 0; i < 3; i++) {
    float map[9];
    FeclipResult values = {.score = scores[i],
                           .n_taps = 1,
                           .tap_scores = &scores[i],
                           .x = 0.3 * i,
                           .width = 0.4,
                           .height = 1,
                           .map_width = 3,
                           .map_height = 3,
                           .map = map};

    for (guint c = 0; c < 9; c++)
      map[c] = numbers[i];
    g_ptr_array_add (results, feclip_result_new (&values));
  }
  return fe_tile_merge_run (&join, (FeclipResult *const *)results->pdata);
}

static void
test_constant (void)
{
  const float numbers[] = {0.3f, 0.3f, 0.3f};
  const double scores[] = {0.1, 0.7, 0.4};
  gboolean ignored_tiles[] = {FALSE, FALSE, TRUE};
  g_autoptr (FeclipResult) joined = join_three (numbers, scores, ignored_tiles);

  g_assert_cmpuint (joined->map_width, ==, 50);
  g_assert_cmpuint (joined->map_height, ==, 7);
  for (guint i = 0; i < 350; i++)
    g_assert_cmpfloat_with_epsilon (joined->map[i], 0.3f, 1e-6);
  g_assert_cmpfloat (joined->score, ==, 0.7);
  g_assert_cmpfloat (joined->tap_scores[0], ==, 0.7);
  g_assert_cmpfloat_with_epsilon (joined->mean_score, 0.4, 1e-12);
  g_assert_cmpuint (joined->tile_columns, ==, 3);
  g_assert_cmpuint (joined->tile_rows, ==, 1);
  g_assert_cmpmem (joined->tile_scores, sizeof scores, scores, sizeof scores);
  g_assert_cmpfloat (joined->width, ==, 1);
}

/* Where tiles overlap one fades into the other. */
static void
test_ramps (void)
{
  const float numbers[] = {0, 1, 3};
  const double scores[] = {0, 0, 0};
  gboolean ignored_tiles[] = {FALSE, FALSE, FALSE};
  g_autoptr (FeclipResult) joined = join_three (numbers, scores, ignored_tiles);

  for (guint i = 0; i < 50; i++) {
    double at = (i + 0.5) / 50;
    double wanted =
        CLAMP ((at - 0.3) / 0.1, 0, 1) + 2 * CLAMP ((at - 0.6) / 0.1, 0, 1);

    g_assert_cmpfloat_with_epsilon (joined->map[3 * 50 + i], wanted, 1e-4);
  }
}

/* The network */

static FeclipResult *
analyse (FeclipModel *model, FeclipSettings *settings, const FeclipFrame *frame)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FeclipDetector) detector =
      feclip_detector_new (model, settings, &error);
  FeclipResult *result;

  g_assert_no_error (error);
  result = feclip_detector_analyse (detector, frame, &error);
  g_assert_no_error (error);
  return result;
}

static void
assert_same (const FeclipResult *a, const FeclipResult *b)
{
  g_assert_cmpfloat_with_epsilon (a->score, b->score, EPSILON);
  g_assert_cmpuint (a->map_width, ==, b->map_width);
  g_assert_cmpuint (a->map_height, ==, b->map_height);
  g_assert_cmpfloat (
      largest_difference (a->map, b->map, (gsize)a->map_width * a->map_height),
      <=, EPSILON);
}

static void
test_one (void)
{
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (GError) error = NULL;
  g_autoptr (FeclipModel) model = feclip_model_new (settings, &error);
  g_autoptr (FeclipResult) one = NULL, none = NULL;
  FeclipFrame frame;

  g_assert_no_error (error);
  golden_frame_init (&frame, 3);
  g_object_set (settings, "tiles", NULL, NULL);
  none = analyse (model, settings, &frame);
  g_object_set (settings, "tiles", "1x1", NULL);
  one = analyse (model, settings, &frame);
  g_assert_cmpfloat (one->x, ==, none->x);
  g_assert_cmpfloat (one->width, ==, none->width);
  g_assert_cmpfloat (one->width, <, 1); /* as ever, the centre square */
  g_assert_null (one->tile_scores);
  g_assert_cmpfloat (one->mean_score, ==, one->score);
  assert_same (one, none);
  golden_frame_clear (&frame);
}

/* A tile's score is that of its rectangle alone, and so is the map in the
 * frame's corner. */
static void
test_cropped (void)
{
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (GError) error = NULL;
  g_autoptr (FeclipModel) model = feclip_model_new (settings, &error);
  g_autoptr (FeclipResult) whole = NULL;
  g_autoptr (FeclipDetector) alone = NULL;
  const FeTiling tiling = {.columns = 2, .rows = 2, .overlap = 0};
  FeTiles tiles;
  FeclipFrame frame;

  g_assert_no_error (error);
  golden_frame_init (&frame, 3);
  g_object_set (settings, "fit", FECLIP_FIT_STRETCH, NULL);
  alone = feclip_detector_new (model, settings, &error);
  g_assert_no_error (error);
  g_object_set (settings, "tiles", "2x2", "tile-overlap", 0.0, NULL);
  whole = analyse (model, settings, &frame);
  fe_tiles_init (&tiles, &tiling, frame.width, frame.height, 112);
  g_assert_cmpuint (whole->tile_columns * whole->tile_rows, ==, 4);
  g_assert_cmpuint (whole->map_width, >=, 15);
  for (guint i = 0; i < 4; i++) {
    const FeRect *part = &tiles.parts[i];
    FeclipFrame cropped = frame;
    g_autoptr (FeclipResult) result = NULL;

    cropped.width = part->width;
    cropped.height = part->height;
    cropped.planes[0] += part->y * frame.strides[0] + part->x * 4;
    result = feclip_detector_analyse (alone, &cropped, &error);
    g_assert_no_error (error);
    g_assert_cmpfloat_with_epsilon (whole->tile_scores[i], result->score,
                                    EPSILON);
    g_assert_cmpfloat (whole->score, >=, whole->tile_scores[i]);
    if (i == 0) /* whose first cell lies where the frame's does */
      g_assert_cmpfloat_with_epsilon (whole->map[0], result->map[0], EPSILON);
  }
  fe_tiles_clear (&tiles);
  golden_frame_clear (&frame);
}

/* A frame that lies on its side has the same tiles, found where they are
 * stored. */
static void
test_orientation (void)
{
  const guint w = 91, h = 60;
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (GError) error = NULL;
  g_autoptr (FeclipModel) model = feclip_model_new (settings, &error);
  g_autoptr (FeclipResult) upright = NULL, turned = NULL;
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autofree guint8 *bytes = g_new (guint8, w * h);
  g_autofree guint8 *stored = g_new (guint8, w * h);
  FeclipFrame frame = {.format = FECLIP_PIXEL_FORMAT_GRAY8,
                       .width = w,
                       .height = h,
                       .planes = {bytes},
                       .strides = {w}};

  g_assert_no_error (error);
  for (guint i = 0; i < w * h; i++) {
    bytes[i] = (guint8)(i % w * 2 + g_rand_int_range (random, 0, 60));
    /* Stored, its top is on the left: it needs a clockwise quarter turn. */
    stored[(w - 1 - i % w) * h + i / w] = bytes[i];
  }
  g_object_set (settings, "tiles", "3x2", NULL);
  upright = analyse (model, settings, &frame);
  frame = (FeclipFrame){.format = FECLIP_PIXEL_FORMAT_GRAY8,
                        .width = h,
                        .height = w,
                        .planes = {stored},
                        .strides = {h},
                        .orientation = FECLIP_ORIENTATION_ROTATE_90_CW};
  g_object_set (settings, "tiles", "2x3", NULL);
  turned = analyse (model, settings, &frame);
  for (guint i = 0; i < 6; i++)
    g_assert_cmpfloat_with_epsilon (
        turned->tile_scores[(2 - i % 3) * 2 + i / 3], upright->tile_scores[i],
        EPSILON);
  g_assert_cmpuint (turned->map_width, ==, upright->map_height);
  for (guint y = 0; y < upright->map_height; y++) {
    for (guint x = 0; x < upright->map_width; x++)
      g_assert_cmpfloat_with_epsilon (
          turned->map[(upright->map_width - 1 - x) * turned->map_width + y],
          upright->map[y * upright->map_width + x], EPSILON);
  }
}

/* A small defect */

#define WIDE 3840
#define HIGH 2160
#define SPOT_X 2500
#define SPOT_Y 700
#define SPOT 6

/* The largest number of the map near the defect and elsewhere. */
static void
find_peaks (const FeclipResult *result, double *there, double *elsewhere)
{
  double x = (SPOT_X + SPOT / 2) / (double)WIDE * result->map_width;
  double y = (SPOT_Y + SPOT / 2) / (double)HIGH * result->map_height;

  *there = *elsewhere = 0;
  for (guint i = 0; i < result->map_width * result->map_height; i++) {
    double distance = MAX (fabs (i % result->map_width + 0.5 - x),
                           fabs (i / result->map_width + 0.5 - y));
    double *peak = distance <= 2 ? there : elsewhere;

    *peak = MAX (*peak, result->map[i]);
  }
}

/* Six pixels of a plain 4K frame, which the built-in model sees in tiles. */
static void
test_small_defect (void)
{
  g_autoptr (FeclipSettings) settings = feclip_settings_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (FeclipModel) model = feclip_model_new (settings, &error);
  g_autoptr (FeclipResult) whole = NULL, tiled = NULL;
  g_autofree guint8 *bytes = g_malloc (WIDE * HIGH);
  FeclipFrame frame = {.format = FECLIP_PIXEL_FORMAT_GRAY8,
                       .width = WIDE,
                       .height = HIGH,
                       .planes = {bytes},
                       .strides = {WIDE},
                       .range = FECLIP_COLOR_RANGE_FULL};
  double there, elsewhere;

  g_assert_no_error (error);
  memset (bytes, 150, WIDE * HIGH);
  for (guint i = 0; i < SPOT * SPOT; i++)
    bytes[(SPOT_Y + i / SPOT) * WIDE + SPOT_X + i % SPOT] = 20;

  g_object_set (settings, "fit", FECLIP_FIT_STRETCH, NULL);
  whole = analyse (model, settings, &frame);
  find_peaks (whole, &there, &elsewhere);
  g_test_message ("whole: score %g, map %g, elsewhere %g", whole->score, there,
                  elsewhere);
  g_assert_cmpfloat (there, <=, elsewhere);
  g_assert_cmpfloat (whole->score, <, 0.1);

  g_object_set (settings, "tiles", "6x4", NULL);
  tiled = analyse (model, settings, &frame);
  find_peaks (tiled, &there, &elsewhere);
  g_test_message ("tiles: score %g, mean %g, map %g, elsewhere %g",
                  tiled->score, tiled->mean_score, there, elsewhere);
  g_assert_cmpfloat (there, >, 0.2);
  g_assert_cmpfloat (there, >, 4 * elsewhere);
  g_assert_cmpfloat (tiled->score, >, 20 * whole->score);
  g_assert_cmpfloat (tiled->mean_score, <, tiled->score);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tiles/parse", test_parse);
  g_test_add_func ("/tiles/plan", test_plan);
  g_test_add_func ("/tiles/shapes", test_shapes);
  g_test_add_func ("/tiles/constant", test_constant);
  g_test_add_func ("/tiles/ramps", test_ramps);
  g_test_add_func ("/tiles/one", test_one);
  g_test_add_func ("/tiles/cropped", test_cropped);
  g_test_add_func ("/tiles/orientation", test_orientation);
  g_test_add_func ("/tiles/small-defect", test_small_defect);
  return g_test_run ();
}
