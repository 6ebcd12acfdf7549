/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whole results against the golden numbers, and what models and detectors
 * promise. */
#include <math.h>
#include <string.h>

#include "support/golden.h"
#include "api/model.h"

#define TOLERANCE 2e-4

/* One result for settings, from the first image. */
static FeclipResult *
result_for (FeclipSettings *settings)
{
  g_autoptr (FeclipDetector) detector = golden_detector_new (settings);

  return golden_analyse (detector, 0);
}

static void
assert_map (const FeclipResult *result, const char *name)
{
  FeShape shape;
  g_autofree float *expected = golden_tensor (name, &shape);
  gsize n = (gsize)result->map_width * result->map_height;

  g_assert_nonnull (expected);
  g_assert_cmpuint (n, ==, shape.dims[0] * shape.dims[1]);
  g_assert_cmpfloat (largest_difference (result->map, expected, n), <,
                     TOLERANCE);
}

static void
assert_same (const FeclipResult *a, const FeclipResult *b)
{
  g_assert_cmpfloat (a->score, ==, b->score);
  g_assert_cmpmem (a->tap_scores, a->n_taps * sizeof (double), b->tap_scores,
                   b->n_taps * sizeof (double));
  g_assert_cmpmem (a->map, a->map_width * a->map_height * sizeof (float),
                   b->map, b->map_width * b->map_height * sizeof (float));
}

static void
test_results (void)
{
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (FeclipDetector) detector = golden_detector_new (settings);
  g_autoptr (JsonObject) expected = golden_expected ();
  JsonArray *images = json_object_get_array_member (expected, "images");

  for (guint i = 0; i < GOLDEN_IMAGES; i++) {
    g_autoptr (FeclipResult) result = golden_analyse (detector, i);
    JsonObject *image = json_array_get_object_element (images, i);
    JsonArray *taps = json_object_get_array_member (image, "tap_scores");
    g_autofree char *map = g_strdup_printf ("image%u.map", i);

    g_assert_cmpfloat_with_epsilon (
        result->score, json_object_get_double_member (image, "score"),
        TOLERANCE);
    g_assert_cmpuint (result->n_taps, ==, json_array_get_length (taps));
    for (guint t = 0; t < result->n_taps; t++)
      g_assert_cmpfloat_with_epsilon (result->tap_scores[t],
                                      json_array_get_double_element (taps, t),
                                      TOLERANCE);
    assert_map (result, map);
  }
}

static void
test_variants (void)
{
  g_autoptr (JsonObject) expected = golden_expected ();
  JsonArray *variants = json_object_get_array_member (expected, "variants");

  for (guint i = 0; i < json_array_get_length (variants); i++) {
    JsonObject *variant = json_array_get_object_element (variants, i);
    const char *statistic =
        json_object_get_string_member (variant, "lfs_statistic");
    JsonNode *temperature = json_object_get_member (variant, "temperature");
    gboolean logit_scale =
        json_node_get_value_type (temperature) == G_TYPE_STRING;
    g_autoptr (FeclipSettings) settings = golden_settings ();
    g_autoptr (FeclipResult) result = NULL;
    g_autofree char *map = g_strdup_printf (
        "variant.%s.%s.map", statistic, logit_scale ? "logit_scale" : "tau");

    g_object_set (settings, "use-logit-scale", logit_scale, "lfs-statistic",
                  strcmp (statistic, "mean") == 0  ? FECLIP_LFS_STATISTIC_MEAN
                  : strcmp (statistic, "abs") == 0 ? FECLIP_LFS_STATISTIC_ABS
                                                   : FECLIP_LFS_STATISTIC_POWER,
                  NULL);
    result = result_for (settings);
    g_assert_cmpfloat_with_epsilon (
        result->score, json_object_get_double_member (variant, "score"),
        TOLERANCE);
    assert_map (result, map);
  }
}

/* Without metadata it is OpenAI's activation; the other is another network. */
static void
test_activation (void)
{
  FeclipResult *results[3];

  for (guint i = 0; i < G_N_ELEMENTS (results); i++) {
    g_autoptr (FeclipSettings) settings = golden_settings ();

    g_object_set (settings, "activation", (FeclipActivation)i, NULL);
    results[i] = result_for (settings);
  }
  assert_same (results[FECLIP_ACTIVATION_AUTO],
               results[FECLIP_ACTIVATION_QUICK_GELU]);
  g_assert_cmpfloat (fabs (results[FECLIP_ACTIVATION_GELU]->score
                           - results[FECLIP_ACTIVATION_AUTO]->score),
                     >, 1e-6);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    feclip_result_unref (results[i]);
}

/* Every layout, in F16 and, where the full set is at hand, in F32, gives the
 * same bits. */
static void
test_layouts (void)
{
  static const struct {
    const char *model;
    gboolean adapter;
  } layouts[] = {
      {"model.safetensors", TRUE},
      {"model-hf.safetensors", TRUE},
      {"checkpoint.pt", FALSE},
  };
  const char *full = g_getenv ("FECLIP_GOLDEN");
  g_autoptr (FeclipSettings) first = golden_settings ();
  g_autoptr (FeclipResult) expected = result_for (first);

  for (guint i = 0; i < G_N_ELEMENTS (layouts); i++) {
    for (guint widened = 0; widened < (full ? 2 : 1); widened++) {
      g_autoptr (FeclipSettings) settings = golden_settings ();
      g_autofree char *model =
          widened ? g_build_filename (full, layouts[i].model, NULL)
                  : golden_path (layouts[i].model);
      g_autofree char *adapter =
          widened ? g_build_filename (full, "adapter.safetensors", NULL)
                  : golden_path ("adapter.safetensors");
      g_autoptr (FeclipResult) result = NULL;

      g_object_set (settings, "model-file", model, "adapter-file",
                    layouts[i].adapter ? adapter : NULL, "tap-blocks",
                    "0,1,2,3", NULL);
      result = result_for (settings);
      assert_same (result, expected);
    }
  }
  if (!full)
    g_test_skip ("FECLIP_GOLDEN is not set: F32 copies were not compared");
}

static void
test_storage (void)
{
  g_autoptr (FeclipSettings) wide = golden_settings ();
  g_autoptr (FeclipSettings) half = golden_settings ();
  g_autoptr (FeclipResult) a = NULL, b = NULL;

  g_object_set (wide, "weights-storage", FECLIP_WEIGHTS_STORAGE_FP32, NULL);
  g_object_set (half, "weights-storage", FECLIP_WEIGHTS_STORAGE_FP16, NULL);
  a = result_for (wide);
  b = result_for (half);
  assert_same (a, b);
}

/* How far half precision may be off, and what it does not go with. */
static void
test_precision (void)
{
  const double most = 5e-3;
  g_autoptr (FeclipSettings) single = golden_settings ();
  g_autoptr (FeclipSettings) half = golden_settings ();
  g_autoptr (FeclipResult) a = NULL, b = NULL;
  g_autoptr (FeclipModel) none = NULL;
  g_autoptr (GError) error = NULL;
  double worst = 0;

  g_object_set (half, "precision", FECLIP_PRECISION_FP16, NULL);
  a = result_for (single);
  b = result_for (half);
  for (guint i = 0; i < a->map_width * a->map_height; i++)
    worst = MAX (worst, fabs ((double)a->map[i] - b->map[i]));
  g_test_message ("fp16: score off by %g, map by %g",
                  fabs (a->score - b->score), worst);
  g_assert_cmpfloat (worst, <, most);
  g_assert_cmpfloat_with_epsilon (a->score, b->score, most);

  g_object_set (half, "weights-storage", FECLIP_WEIGHTS_STORAGE_FP32, NULL);
  none = feclip_model_new (half, &error);
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT);
  g_assert_nonnull (strstr (error->message, "weights-storage"));
}

/* λ = 0 leaves the features alone: the score is CLIP's, tap by tap. */
static void
test_lambda (void)
{
  g_autoptr (FeclipSettings) off = golden_settings ();
  g_autoptr (FeclipSettings) plain = golden_settings ();
  g_autoptr (FeclipResult) adapted = NULL, bare = NULL;

  g_object_set (off, "lambda", 0.0, NULL);
  adapted = result_for (off);
  g_object_set (plain, "adapter-file", NULL, "tap-blocks", "0,1,2,3", NULL);
  bare = result_for (plain);

  g_assert_null (bare->map);
  g_assert_cmpuint (bare->map_width, ==, 0);
  g_assert_cmpuint (bare->n_taps, ==, 4);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpfloat_with_epsilon (adapted->tap_scores[i], bare->tap_scores[i],
                                    1e-6);
}

/* Without a tap list the last block alone scores plain CLIP. */
static void
test_plain_clip (void)
{
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (FeclipResult) result = NULL;

  g_object_set (settings, "adapter-file", NULL, NULL);
  result = result_for (settings);
  g_assert_cmpuint (result->n_taps, ==, 1);
  g_assert_null (result->map);
}

/* A margin's logistic is the probability wherever there is one tap. */
static void
test_margin (void)
{
  g_autoptr (FeclipSettings) probability = golden_settings ();
  g_autoptr (FeclipSettings) margin = golden_settings ();
  g_autoptr (FeclipResult) p = NULL, m = NULL;
  double mean_p = 0, mean_m = 0;

  g_object_set (margin, "map-type", FECLIP_MAP_TYPE_MARGIN, NULL);
  p = result_for (probability);
  m = result_for (margin);
  g_assert_cmpint (m->map_type, ==, FECLIP_MAP_TYPE_MARGIN);
  g_assert_cmpfloat (p->score, ==, m->score);
  for (guint i = 0; i < 64; i++) {
    mean_p += p->map[i] / 64;
    mean_m += 1 / (1 + exp (-m->map[i])) / 64;
  }
  g_assert_cmpfloat_with_epsilon (mean_p, mean_m, 0.02);
}

/* The smoothed map against a direct sum over the enlarged golden one. */
static void
test_smoothing (void)
{
  const double sigma = 2;
  const int radius = 8, edge = 112;
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (FeclipResult) result = NULL;
  FeShape shape;
  g_autofree float *map = golden_tensor ("image0.map_full", &shape);
  g_autofree float *expected = g_new (float, edge *edge);

  g_object_set (settings, "map-smoothing", sigma, NULL);
  result = result_for (settings);
  g_assert_cmpuint (result->map_width, ==, edge);
  for (int at = 0; at < edge * edge; at++) {
    double sum = 0, weights = 0;

    for (int dy = -radius; dy <= radius; dy++) {
      for (int dx = -radius; dx <= radius; dx++) {
        int y = at / edge + dy, x = at % edge + dx;
        double w = exp (-0.5 * (dx * dx + dy * dy) / (sigma * sigma));

        y = y < 0 ? -1 - y : y >= edge ? 2 * edge - 1 - y : y;
        x = x < 0 ? -1 - x : x >= edge ? 2 * edge - 1 - x : x;
        sum += w * map[y * edge + x];
        weights += w;
      }
    }
    expected[at] = (float)(sum / weights);
  }
  g_assert_cmpfloat (largest_difference (result->map, expected, edge * edge), <,
                     TOLERANCE);
}

/* Windows that the grid is no multiple of, and every neighbourhood. */
static void
test_windows (void)
{
  for (guint p = 2; p <= 7; p++) {
    g_autoptr (FeclipSettings) settings = golden_settings ();
    g_autoptr (FeclipResult) result = NULL;

    g_object_set (settings, "ffe-window", p, "lfs-window", 3 + p % 3 * 2, NULL);
    result = result_for (settings);
    g_assert_cmpfloat (result->score, >, 0);
    g_assert_cmpfloat (result->score, <, 1);
  }
}

static void
test_shared_memory (void)
{
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (FeclipModel) a = feclip_model_new (settings, NULL);
  g_autoptr (FeclipModel) b = feclip_model_new (settings, NULL);
  g_autoptr (FeclipModel) c = NULL;

  g_assert_true (a != b);
  g_assert_true (fe_model_get_network (a) == fe_model_get_network (b));
  g_object_set (settings, "adapter-file", NULL, NULL);
  c = feclip_model_new (settings, NULL);
  g_assert_true (fe_model_get_network (a) != fe_model_get_network (c));
}

static gpointer
analyse_all (gpointer data)
{
  FeclipResult **results = g_new (FeclipResult *, 4 * GOLDEN_IMAGES);

  for (guint i = 0; i < 4 * GOLDEN_IMAGES; i++)
    results[i] = golden_analyse (data, i % GOLDEN_IMAGES);
  return results;
}

/* Two detectors on one model in two threads agree with one alone. */
static void
test_threads (void)
{
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (FeclipModel) model = feclip_model_new (settings, NULL);
  FeclipDetector *detectors[3];
  FeclipResult **results[3];
  GThread *threads[2];

  for (guint i = 0; i < 3; i++)
    detectors[i] = feclip_detector_new (model, settings, NULL);
  for (guint i = 0; i < 2; i++)
    threads[i] = g_thread_new ("stream", analyse_all, detectors[i]);
  for (guint i = 0; i < 2; i++)
    results[i] = g_thread_join (threads[i]);
  results[2] = analyse_all (detectors[2]);

  for (guint i = 0; i < 4 * GOLDEN_IMAGES; i++) {
    assert_same (results[0][i], results[2][i]);
    assert_same (results[1][i], results[2][i]);
    for (guint d = 0; d < 3; d++)
      feclip_result_unref (results[d][i]);
  }
  for (guint d = 0; d < 3; d++) {
    g_free (results[d]);
    g_object_unref (detectors[d]);
  }
}

/* Prompts beyond the default ones need a vocabulary; ready ones do not. */
static void
test_prompts (void)
{
  const char *vocabulary = g_getenv ("FECLIP_VOCABULARY");
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (FeclipResult) usual = result_for (settings);
  g_autoptr (FeclipResult) spelt = NULL, swapped = NULL;

  g_object_set (settings, "normal-prompt", "A photo of a normal object", NULL);
  spelt = result_for (settings);
  assert_same (usual, spelt);

  if (!vocabulary) {
    g_test_skip ("FECLIP_VOCABULARY is not set: no other prompt was encoded");
    return;
  }
  g_object_set (settings, "tokenizer-file", vocabulary, "normal-prompt",
                "a PHOTO of a  damaged object", "anomaly-prompt",
                "a photo of a normal object", NULL);
  swapped = result_for (settings);
  g_assert_cmpfloat_with_epsilon (swapped->score, 1 - usual->score, 1e-5);
}

/* What an analysis took is told by stages, and memory comes and goes with those
 * who need it. */
static void
test_costs (void)
{
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (GError) error = NULL;
  g_autoptr (FeclipModel) model = feclip_model_new (settings, &error);
  g_autoptr (FeclipDetector) detector = NULL;
  g_autoptr (FeclipResult) result = NULL;
  guint64 alone = feclip_model_get_device_memory (model, NULL);
  FeclipStageTimes before, after;
  gint64 start;
  double took;

  g_assert_cmpuint (alone, >=, feclip_model_get_weights_size (model));
  detector = feclip_detector_new (model, settings, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (feclip_detector_get_activations_size (detector), >, 0);
  g_assert_cmpuint (feclip_model_get_device_memory (model, NULL), >=,
                    alone + feclip_detector_get_activations_size (detector));

  feclip_detector_get_stage_times (detector, &before);
  start = g_get_monotonic_time ();
  result = golden_analyse (detector, 0);
  took = (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  feclip_detector_get_stage_times (detector, &after);
  g_assert_cmpfloat (after.upload, >=, before.upload);
  g_assert_cmpfloat (after.result, >=, before.result);
  g_assert_cmpfloat (after.network, >, before.network);
  g_assert_cmpfloat (after.upload + after.network + after.result, <=,
                     before.upload + before.network + before.result + took
                         + 1e-9);

  g_clear_object (&detector);
  g_assert_cmpuint (feclip_model_get_device_memory (model, NULL), ==, alone);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/detector/results", test_results);
  g_test_add_func ("/detector/variants", test_variants);
  g_test_add_func ("/detector/activation", test_activation);
  g_test_add_func ("/detector/layouts", test_layouts);
  g_test_add_func ("/detector/storage", test_storage);
  g_test_add_func ("/detector/precision", test_precision);
  g_test_add_func ("/detector/lambda", test_lambda);
  g_test_add_func ("/detector/plain-clip", test_plain_clip);
  g_test_add_func ("/detector/margin", test_margin);
  g_test_add_func ("/detector/smoothing", test_smoothing);
  g_test_add_func ("/detector/windows", test_windows);
  g_test_add_func ("/detector/shared-memory", test_shared_memory);
  g_test_add_func ("/detector/threads", test_threads);
  g_test_add_func ("/detector/prompts", test_prompts);
  g_test_add_func ("/detector/costs", test_costs);
  return g_test_run ();
}
