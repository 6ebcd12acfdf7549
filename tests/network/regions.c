/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Include and ignore regions: how they are read and drawn, and that what is
 * ignored counts nowhere. */
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "result/map_resample.h"
#include "support/golden.h"
#include "image/ignore_mask.h"
#include "support/scratch.h"

#define W 160
#define H 120
/* A rectangle of the frame, and the same in text. */
#define LEFT 40
#define TOP 30
#define RIGHT 80
#define BOTTOM 75
#define SPOT "0.25,0.25 0.5,0.25 0.5,0.625 0.25,0.625"

static void
test_text (void)
{
  static const struct {
    const char *text;
    guint polygons;
  } good[] = {{NULL, 0},
              {"", 0},
              {"  ", 0},
              {"0,0 1,0 0,1", 1},
              {" 0.25 , 0.5 1,0\n0,1 ; ", 1},
              {"0,0 1,0 0,1;0,0 1,0 1,1 0.5,1e-3", 2}};
  static const char *const bad[] = {
      "0,0 1,0",   "0,0 1,0 2,1",   "0,0 1,0 0,-0.1",
      "0,0 1,0 0", "0,0 1,0 0,x",   "0,0 1,0 0,nan",
      ";",         "0,0 1,0 0,1;;", "0 0 1 0 0 1",
      "no",        "0,0 1,0 0,1 ,"};

  for (guint i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (FePolygons) polygons =
        fe_polygons_new (good[i].text, good[i].text, NULL, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (polygons->include->len, ==, good[i].polygons);
    g_assert_cmpuint (polygons->ignore->len, ==, good[i].polygons);
    g_assert_cmpint (fe_polygons_is_empty (polygons), ==,
                     good[i].polygons == 0);
  }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (fe_polygons_new (NULL, bad[i], NULL, &error));
    g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT);
    g_assert_nonnull (strstr (error->message, "ignore-regions"));
  }
}

static void
check_file (const char *path, const char *content, const char *problem)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FePolygons) polygons = NULL;

  g_assert_true (g_file_set_contents (path, content, -1, NULL));
  polygons = fe_polygons_new (NULL, NULL, path, &error);
  if (!problem) {
    g_assert_no_error (error);
    return;
  }
  g_assert_null (polygons);
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, path));
  g_assert_nonnull (strstr (error->message, problem));
}

static void
test_file (void)
{
  static const char *const cases[][2] = {
      {"{\"include\":[[[0,0],[1,0],[0.5,1]]],\"ignore\":[]}", NULL},
      {"{\"ignore\":[[[0,0],[1,0],[0.5,1]],[[0,0],[1,0],[1,1]]]}", NULL},
      {"{\"ignore\":[[[0,0],[1,0]]]}", "2 corners"},
      {"{\"ignore\":[[[0,0],[1,0],[0,1.5]]]}", "0…1"},
      {"{\"ignore\":[[[0,0],[1,0],[0,1,0]]]}", "pair"},
      {"{\"ignore\":[[[0,0],[1,0],[0,\"1\"]]]}", "pair"},
      {"{\"ignore\":[[[0,0],[1,0],null]]}", "pair"},
      {"{\"ignore\":[{}]}", "a polygon is not"},
      {"{\"ignore\":3}", "\"ignore\" is not"},
      {"{\"ignored\":[]}", "no other members"},
      {"{}", "no other members"},
      {"[]", "no other members"},
      {"", "no other members"},
      {"{\"ignore\":[", ""},
      {"[[[[[[[[[[]]]]]]]]]]", "brackets"},
      {"{\"ignore\":\xff}", "UTF-8"},
  };
  g_autofree char *path = scratch_path ("regions.json");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check_file (path, cases[i][0], cases[i][1]);
  g_remove (path);
  g_assert_null (fe_polygons_new (NULL, NULL, path, &error));
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE);
  g_assert_nonnull (strstr (error->message, path));
}

static guint
count_ignored (const char *include, const char *ignore, guint width,
               guint height)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FePolygons) polygons =
      fe_polygons_new (include, ignore, NULL, &error);
  const FeRect all = {0, 0, width, height};
  FeIgnoreMask mask;
  guint n = 0;

  g_assert_no_error (error);
  fe_ignore_mask_init (&mask, polygons, &all, width, height, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < width * height; i++)
    n += mask.words[i / width * mask.stride + i % width / 32] >> i % width % 32
         & 1;
  g_assert_cmpint (fe_ignore_mask_covers (&mask, &all), ==,
                   n == width * height);
  fe_ignore_mask_clear (&mask);
  return n;
}

static void
test_mask (void)
{
  g_autoptr (FePolygons) polygons = NULL;
  g_autoptr (GError) error = NULL;
  const FeRect wide = {0, 0, 40000, 10};
  FeIgnoreMask mask;

  g_assert_cmpuint (count_ignored (NULL, SPOT, W, H), ==, 40 * 45);
  g_assert_cmpuint (count_ignored (SPOT, NULL, W, H), ==, W * H - 40 * 45);
  g_assert_cmpuint (count_ignored (SPOT, SPOT, W, H), ==, W * H);
  g_assert_cmpuint (count_ignored (NULL, SPOT "; 0,0 1,0 1,0.5 0,0.5", W, H),
                    ==, W * 60 + 40 * 15);
  g_assert_cmpuint (count_ignored (NULL, "0,0 1,0 1,1 0,1", 1, 1), ==, 1);
  g_assert_cmpuint (count_ignored (NULL, "0,0 0.5,0 0.5,1 0,1", 65, 3), ==,
                    32 * 3);

  polygons = fe_polygons_new (NULL, SPOT, NULL, &error);
  g_assert_false (
      fe_ignore_mask_init (&mask, polygons, &wide, 40000, 10, &error));
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT);
  g_assert_nonnull (strstr (error->message, "40000×10"));
}

/* The network */

typedef struct {
  FeclipModel *model;
  FeclipSettings *settings;
  guint8 bytes[W * H];
  FeclipFrame frame;
} Scene;

static Scene *
scene_new (void)
{
  Scene *self = g_new0 (Scene, 1);
  g_autoptr (GError) error = NULL;

  self->settings = feclip_settings_new ();
  g_object_set (self->settings, "fit", FECLIP_FIT_STRETCH, NULL);
  self->model = feclip_model_new (self->settings, &error);
  g_assert_no_error (error);
  self->frame = (FeclipFrame){.format = FECLIP_PIXEL_FORMAT_GRAY8,
                              .width = W,
                              .height = H,
                              .planes = {self->bytes},
                              .strides = {W},
                              .range = FECLIP_COLOR_RANGE_FULL};
  memset (self->bytes, 150, sizeof self->bytes);
  return self;
}

static void
scene_free (Scene *self)
{
  g_object_unref (self->model);
  g_object_unref (self->settings);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Scene, scene_free)

static void
scene_add_defect (Scene *self)
{
  for (guint y = TOP + 15; y < BOTTOM - 15; y++)
    memset (self->bytes + y * W + LEFT + 12, 10, RIGHT - LEFT - 24);
}

static FeclipDetector *
make_detector (Scene *self)
{
  g_autoptr (GError) error = NULL;
  FeclipDetector *detector =
      feclip_detector_new (self->model, self->settings, &error);

  g_assert_no_error (error);
  return detector;
}

static FeclipResult *
analyse (Scene *self, FeclipDetector *detector)
{
  g_autoptr (GError) error = NULL;
  FeclipResult *result =
      feclip_detector_analyse (detector, &self->frame, &error);

  g_assert_no_error (error);
  return result;
}

static void
ignore (Scene *self, FeclipDetector *detector, const char *regions)
{
  g_autoptr (GError) error = NULL;

  g_object_set (self->settings, "ignore-regions", regions, NULL);
  g_assert_true (
      feclip_detector_update_regions (detector, self->settings, &error));
  g_assert_no_error (error);
}

/* The largest number on the frame's pixels inside the region and outside. */
static void
find_peaks (const FeclipResult *result, double *inside, double *outside)
{
  g_auto (FeResampledMap) map = {0};

  g_assert_true (fe_resampled_map_init (&map, result, W, H, 0.5));
  *inside = *outside = -INFINITY;
  for (guint y = 0; y < H; y++) {
    for (guint x = 0; x < W; x++) {
      gboolean in = x >= LEFT && x < RIGHT && y >= TOP && y < BOTTOM;
      double *peak = in ? inside : outside;

      *peak = MAX (*peak, fe_resampled_map_get (&map, x, y));
    }
  }
}

static guint
count_defects (const FeclipResult *result)
{
  g_autoptr (GArray) defects = feclip_result_find_defects (result, W, H, 0.2);

  return defects->len;
}

/* The same with the defect and without it, to the last digit: the network does
 * not see what is ignored. */
static void
test_ignored_defect (void)
{
  g_autoptr (Scene) scene = scene_new ();
  g_autoptr (FeclipDetector) detector = make_detector (scene);
  g_autoptr (FeclipResult) bad = NULL, good_ignored = NULL, ignored = NULL;
  double inside, outside;

  ignore (scene, detector, SPOT);
  good_ignored = analyse (scene, detector);
  scene_add_defect (scene);
  ignored = analyse (scene, detector);
  ignore (scene, detector, NULL);
  bad = analyse (scene, detector);
  g_test_message ("score %g, ignored %g, without the defect %g", bad->score,
                  ignored->score, good_ignored->score);
  g_assert_cmpfloat (bad->score, >, 0.2);
  g_assert_cmpuint (count_defects (bad), >, 0);
  g_assert_cmpfloat (ignored->score, <, 0.1);
  g_assert_cmpfloat_with_epsilon (ignored->score, good_ignored->score, 1e-6);
  g_assert_cmpuint (count_defects (ignored), ==, 0);
  find_peaks (ignored, &inside, &outside);
  g_assert_cmpfloat (inside, ==, 0);
  g_assert_cmpfloat (outside, >, 0);
}

/* A defect beside the region is found as before. */
static void
test_kept_defect (void)
{
  g_autoptr (Scene) scene = scene_new ();
  g_autoptr (FeclipDetector) detector = make_detector (scene);
  g_autoptr (FeclipResult) result = NULL;

  scene_add_defect (scene);
  ignore (scene, detector, "0.6,0 1,0 1,1 0.6,1");
  result = analyse (scene, detector);
  g_assert_cmpfloat (result->score, >, 0.2);
  g_assert_cmpuint (count_defects (result), >, 0);
}

/* What lies outside of the include regions is ignored as well; the floor of a
 * margin is another one. */
static void
test_include (void)
{
  g_autoptr (Scene) scene = scene_new ();
  g_autoptr (FeclipDetector) detector = NULL;
  g_autoptr (FeclipResult) result = NULL;
  double inside, outside;

  g_object_set (scene->settings, "include-regions",
                "0.6,0 1,0 1,1 0.6,1; 0,0.7 1,0.7 1,1 0,1", "map-type",
                FECLIP_MAP_TYPE_MARGIN, NULL);
  scene_add_defect (scene);
  detector = make_detector (scene);
  result = analyse (scene, detector);
  g_assert_cmpfloat (result->score, <, 0.1);
  find_peaks (result, &inside, &outside);
  g_assert_cmpfloat (inside, ==, -5);
  g_assert_cmpfloat (outside, >, -5);
}

/* Tiles that are ignored wholly are not looked at. */
static void
test_ignored_tile (void)
{
  g_autoptr (Scene) scene = scene_new ();
  g_autoptr (FeclipDetector) detector = NULL;
  g_autoptr (FeclipResult) result = NULL, nothing = NULL;

  g_object_set (scene->settings, "tiles", "2x1", "tile-overlap", 0.0,
                "ignore-regions", "0,0 0.75,0 0.75,1 0,1", NULL);
  detector = make_detector (scene);
  scene_add_defect (scene);
  result = analyse (scene, detector);
  g_assert_cmpuint (result->tile_columns, ==, 2);
  g_assert_cmpfloat (result->tile_scores[0], ==, 0);
  g_assert_cmpfloat (result->tile_scores[1], >, 0);
  g_assert_cmpfloat (result->mean_score, ==, result->tile_scores[1]);

  ignore (scene, detector, "0,0 1,0 1,1 0,1");
  nothing = analyse (scene, detector);
  g_assert_cmpfloat (nothing->score, ==, 0);
  g_assert_cmpfloat (nothing->mean_score, ==, 0);
  for (guint i = 0; i < nothing->map_width * nothing->map_height; i++)
    g_assert_cmpfloat (nothing->map[i], ==, 0);
}

/* What cannot be read changes nothing, and stops a detector from being made. */
static void
test_bad_update (void)
{
  g_autoptr (Scene) scene = scene_new ();
  g_autoptr (FeclipDetector) detector = make_detector (scene);
  g_autoptr (FeclipResult) before = NULL, after = NULL;
  g_autoptr (GError) error = NULL;

  scene_add_defect (scene);
  ignore (scene, detector, SPOT);
  before = analyse (scene, detector);
  g_object_set (scene->settings, "ignore-regions", "0.5,0.5", NULL);
  g_assert_false (
      feclip_detector_update_regions (detector, scene->settings, &error));
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT);
  after = analyse (scene, detector);
  g_assert_cmpfloat (after->score, ==, before->score);
  g_clear_error (&error);
  g_assert_null (feclip_detector_new (scene->model, scene->settings, &error));
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT);
}

/* A part of a frame is that part alone, and regions lie on the frame. */
static void
test_part (void)
{
  g_autoptr (Scene) scene = scene_new ();
  g_autoptr (FeclipDetector) detector = make_detector (scene);
  g_autoptr (FeclipResult) alone = NULL, part = NULL, ignored = NULL;
  g_autoptr (FeclipResult) joined = NULL;
  g_autoptr (GError) error = NULL;
  const FeclipFrame whole = scene->frame;

  scene_add_defect (scene);
  part =
      feclip_detector_analyse_part (detector, &whole, 32, 24, 64, 60, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (part->x, ==, 0.2);
  g_assert_cmpfloat (part->height, ==, 0.5);
  scene->frame.planes[0] += 24 * W + 32;
  scene->frame.width = 64;
  scene->frame.height = 60;
  alone = analyse (scene, detector);
  g_assert_cmpfloat (part->score, ==, alone->score);
  g_assert_cmpfloat (part->score, >, 0.2);
  joined = feclip_result_merge (&part, 1);
  g_assert_cmpuint (count_defects (joined), >, 0);
  g_assert_cmpfloat (joined->score, ==, part->score);
  g_assert_cmpfloat (joined->map[0], ==, 0);

  ignore (scene, detector, SPOT);
  ignored =
      feclip_detector_analyse_part (detector, &whole, 32, 24, 64, 60, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (ignored->score, <, 0.1);
  g_assert_cmpuint (count_defects (ignored), ==, 0);
  g_assert_null (
      feclip_detector_analyse_part (detector, &whole, 100, 0, 61, 1, &error));
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/regions/text", test_text);
  g_test_add_func ("/regions/file", test_file);
  g_test_add_func ("/regions/mask", test_mask);
  g_test_add_func ("/regions/ignored-defect", test_ignored_defect);
  g_test_add_func ("/regions/kept-defect", test_kept_defect);
  g_test_add_func ("/regions/include", test_include);
  g_test_add_func ("/regions/ignored-tile", test_ignored_tile);
  g_test_add_func ("/regions/bad-update", test_bad_update);
  g_test_add_func ("/regions/part", test_part);
  return g_test_run ();
}
