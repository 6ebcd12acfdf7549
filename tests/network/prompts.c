/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prompts, one or several for each side, and adapters on a CLIP that is loaded
 * already. */
#include <math.h>
#include <string.h>

#include "support/golden.h"
#include "support/scratch.h"
#include "api/model.h"
#include "base/settings.h"

#define NORMAL "A photo of a normal object"
#define DAMAGED "A photo of a damaged object"

static FeclipModel *
open_model (FeclipSettings *settings)
{
  g_autoptr (GError) error = NULL;
  FeclipModel *model = feclip_model_new (settings, &error);

  g_assert_no_error (error);
  return model;
}

static guint
embedding (FeclipModel *model)
{
  return fe_model_get_network (model)->config.embedding;
}

/* Returns: [2][E], free it, or NULL with an error */
static float *
encode (FeclipModel *model, const char *normal, const char *anomaly,
        gboolean whole, GError **error)
{
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autofree float *features = g_new (float, 2 * embedding (model));

  g_object_set (settings, "normal-prompt", normal, "anomaly-prompt", anomaly,
                NULL);
  if (!fe_model_encode_prompts (model, settings, FECLIP_ACTIVATION_QUICK_GELU,
                                whole, features, error))
    return NULL;
  return g_steal_pointer (&features);
}

static void
assert_features (FeclipModel *model, const char *text, const float *wanted,
                 double tolerance)
{
  g_autoptr (GError) error = NULL;
  g_autofree float *found = encode (model, text, text, FALSE, &error);
  guint e = embedding (model);

  g_assert_no_error (error);
  g_assert_cmpfloat (largest_difference (found, wanted, e), <=, tolerance);
  g_assert_cmpfloat (largest_difference (found + e, wanted, e), <=, tolerance);
}

/* The normalised mean of the features that single prompts have. */
static void
mean (const float *a, double times, const float *b, guint n, float *result)
{
  double square = 0;

  for (guint i = 0; i < n; i++) {
    double sum = times * a[i] + b[i];

    square += sum * sum;
    result[i] = (float)sum;
  }
  for (guint i = 0; i < n; i++)
    result[i] = (float)(result[i] / sqrt (square));
}

static void
test_average (void)
{
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (FeclipModel) model = open_model (settings);
  g_autoptr (GError) error = NULL;
  g_autofree float *single = encode (model, NORMAL, DAMAGED, FALSE, &error);
  g_autofree float *usual = encode (model, NULL, NULL, FALSE, &error);
  guint e = embedding (model);
  g_autofree float *even = g_new (float, e), *twice = g_new (float, e);
  FeShape shape;
  g_autofree float *golden = golden_tensor ("text_features", &shape);

  g_assert_no_error (error);
  g_assert_cmpfloat (largest_difference (single, golden, 2 * e), <, 1e-4);
  g_assert_cmpmem (single, 2 * e * sizeof (float), usual,
                   2 * e * sizeof (float));
  assert_features (model, "  " NORMAL "\n", single, 0);
  mean (single, 1, single + e, e, even);
  mean (single, 2, single + e, e, twice);
  g_assert_cmpfloat (largest_difference (even, twice, e), >, 1e-3);
  assert_features (model, NORMAL "|" DAMAGED, even, 1e-6);
  assert_features (model, "\n" DAMAGED " \n\n " NORMAL "\r\n", even, 1e-6);
  assert_features (model, NORMAL " | " NORMAL "\n" DAMAGED, twice, 1e-6);
}

static void
assert_refused (FeclipModel *model, const char *normal, const char *anomaly,
                gboolean whole, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autofree float *features = encode (model, normal, anomaly, whole, &error);

  g_assert_null (features);
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, words));
}

static void
test_refusals (void)
{
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (FeclipModel) model = open_model (settings);

  assert_refused (model, "|", NULL, FALSE, "normal-prompt: there is an empty");
  assert_refused (model, NULL, NORMAL "|", FALSE,
                  "anomaly-prompt: there is an");
  assert_refused (model, " \n ", NULL, FALSE, "normal-prompt: the prompt is");
  assert_refused (model, NORMAL, NORMAL "|a nut", FALSE, "tokenizer-file");
}

/* What is cut when a detector is made is refused when it is to change. */
static void
test_too_long (void)
{
  const char *vocabulary = g_getenv ("FECLIP_VOCABULARY");
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (FeclipModel) model = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree float *once = NULL, *again = NULL;

  if (!vocabulary) {
    g_test_skip ("FECLIP_VOCABULARY is not set: no long prompt was encoded");
    return;
  }
  g_object_set (settings, "tokenizer-file", vocabulary, NULL);
  model = open_model (settings);
  for (guint i = 0; i < 80; i++)
    g_string_append (text, "normal ");
  assert_refused (model, text->str, NULL, TRUE, "more than 77 tokens");
  g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "*ignored*");
  once = encode (model, text->str, NULL, FALSE, NULL);
  g_test_assert_expected_messages ();
  again = encode (model, text->str, NULL, FALSE, NULL);
  g_assert_cmpmem (once, embedding (model) * sizeof (float), again,
                   embedding (model) * sizeof (float));
  assert_refused (model, text->str, NULL, TRUE, "more than 77 tokens");
}

static FeclipDetector *
make_detector (FeclipModel *model, FeclipSettings *settings)
{
  g_autoptr (GError) error = NULL;
  FeclipDetector *detector = feclip_detector_new (model, settings, &error);

  g_assert_no_error (error);
  return detector;
}

static void
assert_same (const FeclipResult *a, const FeclipResult *b)
{
  g_assert_cmpfloat (a->score, ==, b->score);
  g_assert_cmpmem (a->map, a->map_width * a->map_height * sizeof (float),
                   b->map, b->map_width * b->map_height * sizeof (float));
}

static void
test_update (void)
{
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (FeclipModel) model = open_model (settings);
  g_autoptr (FeclipDetector) detector = make_detector (model, settings);
  g_autoptr (FeclipDetector) fresh = NULL;
  g_autoptr (FeclipResult) before = golden_analyse (detector, 3);
  g_autoptr (FeclipResult) after = NULL, kept = NULL, wanted = NULL;
  g_autoptr (GError) error = NULL;

  g_object_set (settings, "normal-prompt", NORMAL "|" DAMAGED "|" NORMAL,
                "anomaly-prompt", DAMAGED "|" NORMAL, NULL);
  fresh = make_detector (model, settings);
  wanted = golden_analyse (fresh, 3);
  g_assert_cmpfloat (before->score, !=, wanted->score);
  g_assert_true (feclip_model_prepare_prompts (model, settings, &error));
  g_assert_true (feclip_detector_update_prompts (detector, settings, &error));
  after = golden_analyse (detector, 3);
  assert_same (after, wanted);
  g_object_set (settings, "normal-prompt", "||", NULL);
  g_assert_false (feclip_model_prepare_prompts (model, settings, NULL));
  g_assert_false (feclip_detector_update_prompts (detector, settings, NULL));
  kept = golden_analyse (detector, 3);
  assert_same (kept, wanted);
}

/* Other adapters take memory for themselves alone. */
static void
test_adapters (void)
{
  g_autofree char *checkpoint = golden_path ("checkpoint.pt");
  g_autofree char *adapter = golden_path ("adapter.safetensors");
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (FeclipModel) plain = NULL, same = NULL, full = NULL, none = NULL;
  g_autoptr (FeclipModel) missing = NULL, other = NULL;
  g_autoptr (GError) error = NULL;
  guint64 clip;

  g_object_set (settings, "adapter-file", NULL, NULL);
  plain = open_model (settings);
  clip = feclip_model_get_weights_size (plain);
  full = feclip_model_new_with_adapters (plain, adapter, &error);
  g_assert_no_error (error);
  g_assert_true (feclip_model_has_adapters (full));
  g_assert_false (feclip_model_has_adapters (plain));
  g_assert_cmpuint (feclip_model_get_weights_size (full), >, clip);
  g_assert_true (fe_model_get_network (full)->vision.blocks
                 == fe_model_get_network (plain)->vision.blocks);
  g_assert_cmpuint (fe_arena_get_size (fe_model_get_network (full)->arena)
                        + clip,
                    ==, feclip_model_get_weights_size (full));

  same = feclip_model_new_with_adapters (full, adapter, &error);
  g_assert_true (same == full);
  /* The same as a model of both files. */
  g_object_set (settings, "adapter-file", adapter, NULL);
  other = open_model (settings);
  g_assert_true (fe_model_get_network (other) == fe_model_get_network (full));
  none = feclip_model_new_with_adapters (full, NULL, &error);
  g_assert_true (fe_model_get_network (none) == fe_model_get_network (plain));
  missing = feclip_model_new_with_adapters (full, NOWHERE "/a.pt", &error);
  g_assert_null (missing);
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE);
  g_assert_nonnull (strstr (error->message, NOWHERE "/a.pt"));

  /* Those of a checkpoint are as good; its CLIP is not looked at. */
  missing = NULL;
  g_clear_object (&other);
  g_clear_error (&error);
  other = feclip_model_new_with_adapters (plain, checkpoint, &error);
  g_assert_no_error (error);
  g_assert_true (feclip_model_has_adapters (other));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/prompts/average", test_average);
  g_test_add_func ("/prompts/refusals", test_refusals);
  g_test_add_func ("/prompts/too-long", test_too_long);
  g_test_add_func ("/prompts/update", test_update);
  g_test_add_func ("/prompts/adapters", test_adapters);
  return g_test_run ();
}
