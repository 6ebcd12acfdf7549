/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Normal references: what they do to maps and scores beside plain C, their
 * file, and what they promise. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "references/few_shot.h"
#include "references/reference_features.h"
#include "support/golden.h"

#define TOLERANCE 1e-4

enum {
  GRID = 8,
  PATCHES = GRID * GRID,
  WIDTH = 128,
};

static FeclipReferences *
references_for (FeclipDetector *detector)
{
  g_autoptr (GError) error = NULL;
  FeclipReferences *references = feclip_references_new (detector, &error);

  g_assert_no_error (error);
  return references;
}

static void
set (FeclipDetector *detector, FeclipReferences *references)
{
  g_autoptr (GError) error = NULL;

  feclip_detector_set_references (detector, references, &error);
  g_assert_no_error (error);
}

/* An image's features at a tap from the golden numbers, or NULL. */
static float *
golden_features (guint image, guint tap)
{
  g_autofree char *name = g_strdup_printf ("image%u.fused%u", image, tap);
  FeShape shape;

  return golden_tensor (name, &shape);
}

static double
cosine (const float *a, const float *b)
{
  double product = 0, a_square = 0, b_square = 0;

  for (guint i = 0; i < WIDTH; i++) {
    product += (double)a[i] * b[i];
    a_square += (double)a[i] * a[i];
    b_square += (double)b[i] * b[i];
  }
  return product / sqrt (a_square * b_square);
}

/* M_few of image 0 beside the images 1 and 2, as the paper has it. Returns
 * FALSE where the golden numbers lack the features. */
static gboolean
expect_few_shot (double map[PATCHES])
{
  memset (map, 0, PATCHES * sizeof *map);
  for (guint tap = 0; tap < GOLDEN_TAPS; tap++) {
    g_autofree float *x = golden_features (0, tap);
    g_autofree float *one = golden_features (1, tap);
    g_autofree float *two = golden_features (2, tap);

    if (!x || !one || !two)
      return FALSE;
    for (guint p = 0; p < PATCHES; p++) {
      double nearest = -2;

      for (guint r = 0; r < PATCHES; r++) {
        nearest = MAX (nearest, cosine (x + p * WIDTH, one + r * WIDTH));
        nearest = MAX (nearest, cosine (x + p * WIDTH, two + r * WIDTH));
      }
      map[p] += (1 - nearest) / GOLDEN_TAPS;
    }
  }
  return TRUE;
}

static int
compare_down (const void *a, const void *b)
{
  double one = *(const double *)a, other = *(const double *)b;

  return (one < other) - (one > other);
}

/* Image 0 beside 1 and 2, with settings. */
static FeclipResult *
few_shot_result (FeclipSettings *settings)
{
  g_autoptr (FeclipDetector) detector = golden_detector_new (settings);
  g_autoptr (FeclipReferences) references = references_for (detector);

  set (detector, references);
  golden_add (references, detector, 1);
  golden_add (references, detector, 2);
  g_assert_cmpuint (feclip_references_get_count (references), ==, 2);
  g_assert_cmpuint (feclip_references_get_n_rows (references), ==, 2 * PATCHES);
  return golden_analyse (detector, 0);
}

static void
test_numbers (void)
{
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (FeclipResult) result = NULL;
  g_autoptr (JsonObject) expected = golden_expected ();
  JsonArray *images = json_object_get_array_member (expected, "images");
  double score = json_object_get_double_member (
      json_array_get_object_element (images, 0), "score");
  g_autofree float *plain = NULL;
  double few[PATCHES], largest = 0;
  FeShape shape;

  if (!expect_few_shot (few)) {
    g_test_skip ("FECLIP_GOLDEN names no folder with the taps' features");
    return;
  }
  result = few_shot_result (settings);
  plain = golden_tensor ("image0.map", &shape);
  g_assert_cmpuint (result->map_width * result->map_height, ==, PATCHES);
  for (guint p = 0; p < PATCHES; p++) {
    g_assert_cmpfloat_with_epsilon (result->map[p], plain[p] + few[p],
                                    TOLERANCE);
    largest = MAX (largest, few[p]);
  }
  g_assert_cmpfloat (largest, >, 0.01);
  g_assert_cmpfloat_with_epsilon (result->score, score + largest, TOLERANCE);
  g_assert_cmpint (result->map_type, ==, FECLIP_MAP_TYPE_FEW_SHOT);
  g_assert_cmpuint (result->n_references, ==, 2);
}

/* All ways to score, from the map of the references alone. */
static void
test_scores (void)
{
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (FeclipDetector) plain = golden_detector_new (settings);
  g_autoptr (FeclipResult) zero_shot = golden_analyse (plain, 0);
  double few[PATCHES];

  for (int type = FECLIP_REFERENCE_SCORE_SUM_MAX;
       type <= FECLIP_REFERENCE_SCORE_MEAN_TOP; type++) {
    gboolean sum = type <= FECLIP_REFERENCE_SCORE_SUM_MEAN_TOP;
    g_autoptr (FeclipResult) result = NULL;

    g_object_set (settings, "map-type", FECLIP_MAP_TYPE_FEW_SHOT,
                  "reference-score", type, NULL);
    result = few_shot_result (settings);
    for (guint p = 0; p < PATCHES; p++)
      few[p] = result->map[p];
    qsort (few, PATCHES, sizeof *few, compare_down);
    /* 2 % of 64 patches are one, so that the mean is the maximum. */
    g_assert_cmpfloat_with_epsilon (
        result->score, few[0] + (sum ? zero_shot->score : 0), TOLERANCE);
  }
}

/* The mean of as many as there are, on a map with numbers of its own. */
static void
test_mean_top (void)
{
  float map[PATCHES * 2 + 22];

  for (guint i = 0; i < G_N_ELEMENTS (map); i++)
    map[i] = (float)(i * 7 % G_N_ELEMENTS (map));
  g_assert_cmpfloat (fe_few_shot_score (FECLIP_REFERENCE_SCORE_MEAN_TOP, 9, map,
                                        G_N_ELEMENTS (map)),
                     ==, 148);
  g_assert_cmpfloat (fe_few_shot_score (FECLIP_REFERENCE_SCORE_SUM_MEAN_TOP, 9,
                                        map, G_N_ELEMENTS (map)),
                     ==, 157);
  g_assert_cmpfloat (
      fe_few_shot_score (FECLIP_REFERENCE_SCORE_MEAN_TOP, 0, map, 1), ==, 149);
}

/* Every other map is the sum of two, smoothed or not. */
static void
test_maps (void)
{
  static const FeclipMapType types[] = {FECLIP_MAP_TYPE_PROBABILITY,
                                        FECLIP_MAP_TYPE_MARGIN};

  for (guint i = 0; i < 2 * G_N_ELEMENTS (types); i++) {
    FeclipMapType type = types[i / 2];
    g_autoptr (FeclipSettings) settings = golden_settings ();
    g_autoptr (FeclipDetector) detector = NULL;
    g_autoptr (FeclipResult) plain = NULL;
    g_autoptr (FeclipResult) few = NULL;
    g_autoptr (FeclipResult) both = NULL;

    g_object_set (settings, "map-type", type, "map-smoothing", i % 2 * 2.0,
                  NULL);
    detector = golden_detector_new (settings);
    plain = golden_analyse (detector, 0);
    both = few_shot_result (settings);
    g_object_set (settings, "map-type", FECLIP_MAP_TYPE_FEW_SHOT, NULL);
    few = few_shot_result (settings);
    g_assert_cmpint (both->map_type, ==,
                     type == FECLIP_MAP_TYPE_MARGIN ? FECLIP_MAP_TYPE_MARGIN
                                                    : FECLIP_MAP_TYPE_FEW_SHOT);
    g_assert_cmpuint (both->map_width, ==, i % 2 ? 112 : GRID);
    for (guint p = 0; p < both->map_width * both->map_height; p++)
      g_assert_cmpfloat_with_epsilon (both->map[p], plain->map[p] + few->map[p],
                                      TOLERANCE);
  }
}

/* Nothing of a known image is unusual, with adapters or without. */
static void
test_known_image (void)
{
  for (guint adapters = 0; adapters < 2; adapters++) {
    g_autoptr (FeclipSettings) settings = golden_settings ();
    g_autoptr (FeclipDetector) detector = NULL;
    g_autoptr (FeclipReferences) references = NULL;
    g_autoptr (FeclipResult) before = NULL;
    g_autoptr (FeclipResult) known = NULL;
    g_autoptr (FeclipResult) other = NULL;

    g_object_set (settings, "map-type", FECLIP_MAP_TYPE_FEW_SHOT, NULL);
    if (!adapters)
      g_object_set (settings, "adapter-file", NULL, "map-type",
                    FECLIP_MAP_TYPE_PROBABILITY, "tap-blocks", "1,3", NULL);
    detector = golden_detector_new (settings);
    references = references_for (detector);
    set (detector, references);
    before = golden_analyse (detector, 1);
    g_assert_cmpuint (before->map_width, ==, 0);
    g_assert_cmpuint (before->n_references, ==, 0);
    golden_add (references, detector, 1);
    known = golden_analyse (detector, 1);
    other = golden_analyse (detector, 0);
    g_assert_cmpint (known->map_type, ==, FECLIP_MAP_TYPE_FEW_SHOT);
    for (guint p = 0; p < PATCHES; p++)
      g_assert_cmpfloat (known->map[p], <, 1e-5);
    g_assert_cmpfloat_with_epsilon (known->score, before->score, 1e-5);
    g_assert_cmpfloat (other->map[0], >, 1e-3);
    feclip_references_clear (references);
    g_clear_pointer (&known, feclip_result_unref);
    known = golden_analyse (detector, 1);
    g_assert_cmpuint (known->map_width, ==, 0);
    g_assert_cmpfloat (known->score, ==, before->score);
  }
}

typedef struct {
  FeclipReferences *references;
  FeclipSettings *settings;
} Adder;

static gpointer
add_some (gpointer data)
{
  Adder *adder = data;
  g_autoptr (FeclipDetector) detector = golden_detector_new (adder->settings);

  for (guint i = 0; i < GOLDEN_IMAGES; i++)
    golden_add (adder->references, detector, i);
  return NULL;
}

/* One detector looks while another one learns: each frame meets whole images.
 */
static void
test_threads (void)
{
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (FeclipDetector) detector = golden_detector_new (settings);
  g_autoptr (FeclipReferences) references = references_for (detector);
  Adder adder = {references, settings};
  guint seen = 0;
  GThread *thread;

  set (detector, references);
  thread = g_thread_new ("adder", add_some, &adder);
  while (seen < GOLDEN_IMAGES) {
    g_autoptr (FeclipResult) result = golden_analyse (detector, 0);

    g_assert_cmpuint (result->n_references, >=, seen);
    seen = result->n_references;
    if (seen > 0) {
      FeclipResult *again = golden_analyse (detector, 0);

      g_assert_cmpfloat (again->score, <=, result->score + 1e-6);
      feclip_result_unref (again);
    }
  }
  g_thread_join (thread);
  g_assert_cmpuint (feclip_references_get_n_rows (references), ==,
                    GOLDEN_IMAGES * PATCHES);
}

/* Three corners of a triangle far apart, each with a crowd about it. */
static void
test_reduce_rows (void)
{
  enum { ROWS = 60, COLUMNS = 100, LIMIT = 3 };
  g_autoptr (GArray) rows =
      g_array_new (FALSE, FALSE, COLUMNS * sizeof (float));
  FeFeatures features = {.n_taps = 1, .taps = {rows}};
  gboolean corners[LIMIT] = {FALSE};

  for (guint r = 0; r < ROWS; r++) {
    float row[COLUMNS] = {[99] = (float)r / 1000};

    row[r * LIMIT / ROWS * 30] = 10;
    g_array_append_val (rows, row);
  }
  fe_features_reduce (&features, COLUMNS, LIMIT);
  g_assert_cmpuint (rows->len, ==, LIMIT);
  for (guint r = 0; r < LIMIT; r++) {
    const float *row = (const float *)(gpointer)rows->data + r * COLUMNS;

    for (guint i = 0; i < LIMIT; i++)
      corners[i] = corners[i] || row[i * 30] == 10;
  }
  for (guint i = 0; i < LIMIT; i++)
    g_assert_true (corners[i]);
  fe_features_reduce (&features, COLUMNS, LIMIT + 1);
  g_assert_cmpuint (rows->len, ==, LIMIT);
}

static void
test_reduce (void)
{
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (FeclipDetector) detector = golden_detector_new (settings);
  g_autoptr (FeclipReferences) references = references_for (detector);
  g_autoptr (FeclipResult) all = NULL;
  g_autoptr (FeclipResult) some = NULL;

  set (detector, references);
  golden_add (references, detector, 1);
  all = golden_analyse (detector, 0);
  feclip_references_reduce (references, 0);
  feclip_references_reduce (references, PATCHES);
  g_assert_cmpuint (feclip_references_get_n_rows (references), ==, PATCHES);
  feclip_references_reduce (references, 20);
  g_assert_cmpuint (feclip_references_get_n_rows (references), ==, 20);
  g_assert_cmpuint (feclip_references_get_count (references), ==, 1);
  some = golden_analyse (detector, 0);
  g_assert_cmpfloat (some->score, >, all->score);
  for (guint p = 0; p < PATCHES; p++)
    g_assert_cmpfloat (some->map[p], >=, all->map[p] - 1e-6);
  golden_add (references, detector, 0);
  g_assert_cmpuint (feclip_references_get_n_rows (references), ==,
                    PATCHES + 20);
}

/* More than a block holds: full blocks are shared with the next bank. */
static void
test_blocks (void)
{
  enum { COLUMNS = 16384, FULL = 1024, MORE = 70 };
  g_autoptr (GError) error = NULL;
  FeDevice *device = fe_device_open (NULL, &error);
  g_autoptr (GArray) rows = g_array_new (FALSE, TRUE, COLUMNS * sizeof (float));
  g_autoptr (FeReferenceBank) first = NULL;
  g_autoptr (FeReferenceBank) second = NULL;
  float row[COLUMNS];
  FeReferenceBankBlock *last;

  g_assert_no_error (error);
  g_array_set_size (rows, FULL + MORE);
  for (guint r = 0; r < FULL + MORE; r++)
    ((float *)(gpointer)rows->data)[(gsize)r * COLUMNS] = (float)r;
  g_array_set_size (rows, FULL + 1);
  first = fe_reference_bank_new (device, 1, &rows, COLUMNS, NULL, &error);
  g_assert_no_error (error);
  g_array_set_size (rows, FULL + MORE);
  ((float *)(gpointer)rows->data)[(gsize)(FULL + MORE - 1) * COLUMNS] = 7;
  second = fe_reference_bank_new (device, 1, &rows, COLUMNS, first, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (second->taps[0].blocks->len, ==, 2);
  g_assert_true (g_ptr_array_index (first->taps[0].blocks, 0)
                 == g_ptr_array_index (second->taps[0].blocks, 0));
  g_assert_cmpuint (fe_reference_bank_get_parts (second), ==, 5);
  last = g_ptr_array_index (second->taps[0].blocks, 1);
  g_assert_cmpuint (last->matrix.rows, ==, 128);
  fe_matrix_read (&last->matrix, 0, 127, 1, row, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (row[0], ==, 7);
  fe_device_unref (device);
}

/* The left or the right half of a frame twice as wide as high. */
static FeclipFrame
get_half (const FeclipFrame *frame, guint half)
{
  FeclipFrame cropped = *frame;

  cropped.width /= 2;
  cropped.planes[0] = frame->planes[0] + half * cropped.width * 4;
  return cropped;
}

/* Tiles are compared with what all tiles of normal images show, as if each
 * were an image. */
static void
test_tiles (void)
{
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (FeclipDetector) plain = golden_detector_new (settings);
  g_autoptr (FeclipReferences) halves = references_for (plain);
  g_autoptr (FeclipDetector) tiled = NULL;
  g_autoptr (FeclipReferences) wholes = NULL;
  g_autoptr (FeclipResult) whole = NULL;
  g_autoptr (GError) error = NULL;
  FeclipFrame normal, other;

  g_object_set (settings, "tiles", "2x1", "tile-overlap", 0.0, NULL);
  tiled = golden_detector_new (settings);
  wholes = references_for (tiled);
  set (plain, halves);
  set (tiled, wholes);
  golden_frame_init (&normal, 0);
  golden_frame_init (&other, 1);
  g_assert_cmpint (normal.format, ==, FECLIP_PIXEL_FORMAT_BGRX);
  normal.width = other.width = 200;
  normal.height = other.height = 100;

  feclip_references_add (wholes, tiled, &normal, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (feclip_references_get_count (wholes), ==, 1);
  g_assert_cmpuint (feclip_references_get_n_rows (wholes), ==, 2 * PATCHES);
  for (guint i = 0; i < 2; i++) {
    FeclipFrame half = get_half (&normal, i);

    feclip_references_add (halves, plain, &half, &error);
    g_assert_no_error (error);
  }
  whole = feclip_detector_analyse (tiled, &other, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (whole->tile_columns * whole->tile_rows, ==, 2);
  for (guint i = 0; i < 2; i++) {
    FeclipFrame half = get_half (&other, i);
    g_autoptr (FeclipResult) result =
        feclip_detector_analyse (plain, &half, &error);

    g_assert_no_error (error);
    g_assert_cmpfloat_with_epsilon (whole->tile_scores[i], result->score,
                                    TOLERANCE);
  }
  g_assert_cmpfloat (fabs (whole->tile_scores[0] - whole->tile_scores[1]), >,
                     TOLERANCE);
  golden_frame_clear (&normal);
  golden_frame_clear (&other);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/references/numbers", test_numbers);
  g_test_add_func ("/references/scores", test_scores);
  g_test_add_func ("/references/mean-top", test_mean_top);
  g_test_add_func ("/references/maps", test_maps);
  g_test_add_func ("/references/known-image", test_known_image);
  g_test_add_func ("/references/threads", test_threads);
  g_test_add_func ("/references/reduce-rows", test_reduce_rows);
  g_test_add_func ("/references/reduce", test_reduce);
  g_test_add_func ("/references/blocks", test_blocks);
  g_test_add_func ("/references/tiles", test_tiles);
  return g_test_run ();
}
