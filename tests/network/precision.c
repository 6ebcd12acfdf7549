/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Half precision beside single: the same weights and images analysed with
 * precision=fp16 and precision=fp32, and how far results are apart. */
#include <math.h>
#include <string.h>

#include "support/golden.h"

/* The most that a pixel of the map, 0…1, and the score may be off. */
#define MOST 5e-3

#define IMAGES 2
static const char *const images[IMAGES] = {
    "builtin/chip-tiles-000.png",
    "builtin/good-tiles-001.png",
};

/* What one precision made of the first n images. */
typedef struct {
  guint n;
  guint64 weights; /* bytes */
  FeclipResult *results[IMAGES];
} Run;

static void
run_clear (Run *self)
{
  for (guint i = 0; i < self->n; i++)
    feclip_result_unref (self->results[i]);
}

/* size NULL: the built-in model. Nothing but results is kept, as two models of
 * the paper's size at a time would take 2 GB. */
static void
run_init (Run *self, const char *size, FeclipPrecision precision)
{
  g_autoptr (FeclipSettings) settings = feclip_settings_new ();
  g_autoptr (FeclipModel) model = NULL;
  g_autoptr (FeclipDetector) detector = NULL;
  g_autoptr (GError) error = NULL;

  g_object_set (settings, "precision", precision, NULL);
  model = size ? feclip_model_new_random (settings, size, 1, &error)
               : feclip_model_new (settings, &error);
  g_assert_no_error (error);
  self->weights = feclip_model_get_weights_size (model);
  detector = feclip_detector_new (model, settings, &error);
  g_assert_no_error (error);

  for (guint i = 0; i < self->n; i++) {
    g_autofree char *path =
        g_build_filename (FECLIP_TEST_DATA, images[i], NULL);
    FeclipFrame frame;

    golden_frame_init_from (&frame, path);
    self->results[i] = feclip_detector_analyse (detector, &frame, &error);
    g_assert_no_error (error);
    golden_frame_clear (&frame);
  }
}

/* What differs between two maps, and what there is in the first to be lost. */
static void
compare (const FeclipResult *single, const FeclipResult *half, const char *name)
{
  guint n = single->map_width * single->map_height;
  double largest = 0, squares = 0;
  float least = 1, most = 0;

  g_assert_cmpuint (half->map_width * half->map_height, ==, n);
  for (guint i = 0; i < n; i++) {
    double difference = fabs ((double)single->map[i] - half->map[i]);

    largest = MAX (largest, difference);
    squares += difference * difference;
    least = MIN (least, single->map[i]);
    most = MAX (most, single->map[i]);
  }
  g_test_message ("%s: map %.4f to %.4f, off by %.1e at most, %.1e in the root "
                  "mean square; score %.4f, off by %.1e",
                  name, (double)least, (double)most, largest,
                  sqrt (squares / n), single->score,
                  fabs (single->score - half->score));
  g_assert_cmpfloat (most - least, >, 0.1);
  g_assert_cmpfloat (largest, <, MOST);
  g_assert_cmpfloat_with_epsilon (single->score, half->score, MOST);
}

static void
compare_runs (const Run *single, const Run *half)
{
  g_test_message ("%.1f MB of weights in fp32, %.1f MB in fp16",
                  single->weights / 1e6, half->weights / 1e6);
  for (guint i = 0; i < single->n; i++)
    compare (single->results[i], half->results[i], images[i]);
}

/* Its file is in half precision, so that weights are the same numbers in both:
 * what may differ is the other operand of products, with cooperative
 * matrices. */
static void
test_builtin (void)
{
  Run single = {.n = IMAGES}, half = {.n = IMAGES};

  run_init (&single, NULL, FECLIP_PRECISION_FP32);
  run_init (&half, NULL, FECLIP_PRECISION_FP16);
  compare_runs (&single, &half);
  run_clear (&single);
  run_clear (&half);
}

/* Weights that are rounded, through as many layers as there ever are. */
static void
test_full_size (void)
{
  Run single = {.n = 1}, half = {.n = 1};
  const char *size = g_getenv ("FECLIP_FULL_SIZE");

  if (!size || g_str_equal (size, "0")) {
    g_test_skip ("FECLIP_FULL_SIZE is not 1: it takes 2 GB and a minute");
    return;
  }
  if (g_str_equal (size, "1"))
    size = "ViT-L-14-336";
  run_init (&single, size, FECLIP_PRECISION_FP32);
  run_init (&half, size, FECLIP_PRECISION_FP16);
  g_assert_cmpuint (half.weights, <, single.weights * 6 / 10);
  compare_runs (&single, &half);
  run_clear (&single);
  run_clear (&half);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/precision/builtin", test_builtin);
  g_test_add_func ("/precision/full-size", test_full_size);
  return g_test_run ();
}
