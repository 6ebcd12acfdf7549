/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Weight files as users have them: every layout tells the same numbers. */
#include <string.h>

#include <feclip/weights-info.h>

#include "files/weights.h"
#include "support/scratch.h"

static FeWeights *
open_golden (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  FeWeights *weights = fe_weights_open (path, &error);

  g_assert_no_error (error);
  g_assert_nonnull (weights);
  g_assert_cmpstr (fe_weights_get_path (weights), ==, path);
  return weights;
}

static FeWeights *
open_data (const char *name)
{
  return open_golden (FECLIP_TEST_DATA "/golden", name);
}

static guint64
count (const FeShape *shape)
{
  guint64 n = 1;

  for (guint i = 0; i < shape->n_dims; i++)
    n *= shape->dims[i];
  return n;
}

static float *
read_tensor (FeWeights *weights, const char *name, FeShape *shape)
{
  g_autoptr (GError) error = NULL;
  float *numbers;

  fe_weights_get_shape (weights, name, shape, &error);
  g_assert_no_error (error);
  numbers = g_new (float, count (shape));
  fe_weights_read (weights, name, shape, numbers, &error);
  g_assert_no_error (error);
  return numbers;
}

/* Every tensor of `few` is in `many` with the same shape and numbers. */
static void
assert_contained (FeWeights *few, FeWeights *many)
{
  guint n_names;
  g_autofree const char **names = fe_weights_list (few, &n_names);

  g_assert_cmpuint (n_names, >, 0);
  for (guint i = 0; i < n_names; i++) {
    FeShape a_shape, b_shape;
    g_autofree float *a = read_tensor (few, names[i], &a_shape);
    g_autofree float *b = read_tensor (many, names[i], &b_shape);

    g_assert_cmpmem (&a_shape, sizeof a_shape, &b_shape, sizeof b_shape);
    g_assert_cmpmem (a, count (&a_shape) * sizeof *a, b,
                     count (&b_shape) * sizeof *b);
  }
}

static guint
count_tensors (FeWeights *weights)
{
  guint n_names;

  g_free (fe_weights_list (weights, &n_names));
  return n_names;
}

static void
test_layouts (void)
{
  g_autoptr (FeWeights) model = open_data ("model.safetensors");
  g_autoptr (FeWeights) hugging_face = open_data ("model-hf.safetensors");
  g_autoptr (FeWeights) checkpoint = open_data ("checkpoint.pt");
  g_autoptr (FeWeights) adapter = open_data ("adapter.safetensors");

  g_assert_cmpstr (fe_weights_get_layout (model), ==, "open_clip");
  g_assert_cmpstr (fe_weights_get_layout (hugging_face), ==, "Hugging Face");
  g_assert_cmpstr (fe_weights_get_layout (checkpoint), ==,
                   "FE-CLIP checkpoint");
  g_assert_cmpstr (fe_weights_get_layout (adapter), ==, "FE-CLIP adapter");
  g_assert_cmpstr (fe_weights_get_container (model), ==, "safetensors");
  g_assert_cmpstr (fe_weights_get_container (checkpoint), ==,
                   "PyTorch checkpoint");

  assert_contained (model, hugging_face);
  assert_contained (hugging_face, model);
  assert_contained (model, checkpoint);
  assert_contained (adapter, checkpoint);
  g_assert_cmpuint (count_tensors (checkpoint), ==,
                    count_tensors (model) + count_tensors (adapter));
  g_assert_false (fe_weights_has (checkpoint, "text_features"));
}

/* The full files hold fp32; the committed ones are exact copies in F16. */
static void
test_full_precision (void)
{
  static const char *const files[] = {"model.safetensors",
                                      "model-hf.safetensors", "checkpoint.pt",
                                      "adapter.safetensors"};
  const char *folder = g_getenv ("FECLIP_GOLDEN");

  if (folder == NULL) {
    g_test_skip ("FECLIP_GOLDEN is not set: fp32 copies were not compared");
    return;
  }
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autoptr (FeWeights) half = open_data (files[i]);
    g_autoptr (FeWeights) full = open_golden (folder, files[i]);
    const char *name = fe_weights_has (full, "fc_patch.bias") ? "fc_patch.bias"
                                                              : "visual.proj";

    g_assert_cmpint (fe_weights_get_dtype (half, name), ==, FE_DTYPE_F16);
    g_assert_cmpint (fe_weights_get_dtype (full, name), ==, FE_DTYPE_F32);
    assert_contained (half, full);
    assert_contained (full, half);
  }
}

/* Rows read in pieces are the rows of the whole, in tensors that the file
 * stores as such, turned, and in three parts. */
static void
test_rows (void)
{
  static const char *const names[] = {
      "visual.proj", "visual.transformer.resblocks.1.attn.in_proj_weight",
      "visual.transformer.resblocks.1.attn.in_proj_bias", "visual.conv1.weight",
      "logit_scale"};
  g_autoptr (FeWeights) weights = open_data ("model-hf.safetensors");

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GError) error = NULL;
    FeShape shape;
    g_autofree float *whole = read_tensor (weights, names[i], &shape);
    const guint64 n = count (&shape), rows = shape.n_dims ? shape.dims[0] : 1;
    g_autofree float *pieces = g_new (float, n);
    const guint64 step = rows / 5 + 1;

    for (guint64 row = 0; row < rows; row += step) {
      fe_weights_read_rows (weights, names[i], &shape, row,
                            MIN (step, rows - row), pieces + row * (n / rows),
                            &error);
      g_assert_no_error (error);
    }
    g_assert_cmpmem (whole, n * sizeof *whole, pieces, n * sizeof *pieces);
    g_assert_true (fe_weights_read_rows (weights, names[i], &shape, rows, 0,
                                         NULL, &error));
  }
}

static void
test_released_pages (void)
{
  g_autoptr (FeWeights) weights = open_data ("adapter.safetensors");
  FeShape shape;
  g_autofree float *before = read_tensor (weights, "fc_patch.weight", &shape);
  g_autofree float *after = NULL;

  fe_weights_release_pages (weights);
  after = read_tensor (weights, "fc_patch.weight", &shape);
  g_assert_cmpmem (before, count (&shape) * sizeof *before, after,
                   count (&shape) * sizeof *after);
}

static void
test_metadata (void)
{
  g_autoptr (FeWeights) adapter = open_data ("adapter.safetensors");
  g_autoptr (FeWeights) checkpoint = open_data ("checkpoint.pt");
  g_autofree const char **keys = NULL;
  guint n_keys;

  g_assert_cmpstr (fe_weights_get_metadata (adapter, "tap_indices"), ==,
                   "0,1,2,3");
  g_assert_null (fe_weights_get_metadata (adapter, "lambda"));
  keys = fe_weights_list_metadata (checkpoint, &n_keys);
  g_assert_cmpuint (n_keys, ==, 2);
  g_assert_cmpstr (keys[0], ==, "epoch");
  g_assert_cmpstr (fe_weights_get_metadata (checkpoint, "epoch"), ==, "8");
  g_assert_cmpstr (keys[1], ==, "loss");
  g_assert_cmpstr (fe_weights_get_metadata (checkpoint, "loss"), ==, "0.5");
}

static FeclipWeightsInfo *
describe (const char *name)
{
  g_autofree char *path =
      g_build_filename (FECLIP_TEST_DATA "/golden", name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (FeclipWeightsInfo) info = feclip_weights_info_new (path, &error);

  g_assert_no_error (error);
  return feclip_weights_info_copy (info);
}

static void
test_info (void)
{
  g_autoptr (FeclipWeightsInfo) checkpoint = describe ("checkpoint.pt");
  g_autoptr (FeclipWeightsInfo) model = describe ("model-hf.safetensors");
  g_autoptr (FeclipWeightsInfo) adapter = describe ("adapter.safetensors");
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (checkpoint->layout, ==, "FE-CLIP checkpoint");
  g_assert_cmpstr (checkpoint->dtypes, ==, "F16");
  g_assert_cmpuint (checkpoint->n_tensors, ==,
                    model->n_tensors + adapter->n_tensors);
  g_assert_cmpuint (checkpoint->n_parameters, ==,
                    model->n_parameters + adapter->n_parameters);
  g_assert_cmpuint (checkpoint->n_taps, ==, 4);
  g_assert_null (checkpoint->tap_blocks);
  g_assert_cmpuint (g_strv_length (checkpoint->missing), ==, 0);
  g_assert_cmpstr (checkpoint->metadata[0], ==, "epoch = 8");

  g_assert_cmpuint (model->n_tensors, ==, 86);
  g_assert_cmpuint (model->image_size, ==, 112);
  g_assert_cmpuint (model->patch_size, ==, 14);
  g_assert_cmpuint (model->grid_size, ==, 8);
  g_assert_cmpuint (model->width, ==, 128);
  g_assert_cmpuint (model->embedding, ==, 64);
  g_assert_cmpuint (model->n_blocks, ==, 4);
  g_assert_cmpuint (model->text_width, ==, 64);
  g_assert_cmpuint (model->text_blocks, ==, 2);
  g_assert_false (model->has_text_features);
  g_assert_cmpuint (model->n_taps, ==, 0);
  g_assert_cmpuint (g_strv_length (model->missing), ==, 1);

  g_assert_cmpuint (adapter->image_size, ==, 0);
  g_assert_cmpuint (adapter->width, ==, 128);
  g_assert_cmpuint (adapter->embedding, ==, 64);
  g_assert_cmpuint (adapter->n_taps, ==, 4);
  g_assert_cmpstr (adapter->tap_blocks, ==, "0,1,2,3");
  g_assert_cmpuint (g_strv_length (adapter->missing), ==, 2);

  g_assert_null (
      feclip_weights_info_new (FECLIP_TEST_DATA "/golden/README.md", &error));
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT);
}

static void
test_wrong_use (void)
{
  g_autoptr (FeWeights) model = open_data ("model.safetensors");
  g_autofree char *path = g_strdup (fe_weights_get_path (model));
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  float number;

  g_assert_false (fe_weights_read (model, "visual.proj", &FE_SHAPE (64, 128),
                                   &number, &error));
  text = g_strdup_printf ("%s: tensor \"visual.proj\" has shape [128, 64], "
                          "expected [64, 128]",
                          path);
  g_assert_cmpstr (error->message, ==, text);
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT);
  g_clear_error (&error);
  g_clear_pointer (&text, g_free);

  g_assert_false (fe_weights_read (model, "fc_patch.bias", &FE_SHAPE (64),
                                   &number, &error));
  text = g_strdup_printf ("%s: tensor \"fc_patch.bias\" is missing", path);
  g_assert_cmpstr (error->message, ==, text);
  g_clear_error (&error);

  g_assert_true (
      fe_weights_read (model, "logit_scale", &FE_SHAPE (1), &number, &error));
  g_assert_no_error (error);
  g_assert_cmpfloat (number, >, 0);
}

static void
test_no_weights (void)
{
  static const struct {
    const char *path;
    FeclipError code;
    const char *message;
  } rows[] = {
      {NOWHERE "/model.safetensors", FECLIP_ERROR_FILE,
       NOWHERE "/model.safetensors: No such file or directory"},
      {FECLIP_TEST_DATA, FECLIP_ERROR_FILE,
       FECLIP_TEST_DATA ": this is not a regular file"},
      {FECLIP_TEST_DATA "/golden/image0.png", FECLIP_ERROR_FORMAT,
       FECLIP_TEST_DATA
       "/golden/image0.png: this is neither a safetensors file nor a PyTorch "
       "zip checkpoint"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (fe_weights_open (rows[i].path, &error));
    g_assert_error (error, FECLIP_ERROR, (gint)rows[i].code);
    g_assert_cmpstr (error->message, ==, rows[i].message);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/weights/layouts", test_layouts);
  g_test_add_func ("/weights/full-precision", test_full_precision);
  g_test_add_func ("/weights/rows", test_rows);
  g_test_add_func ("/weights/released-pages", test_released_pages);
  g_test_add_func ("/weights/metadata", test_metadata);
  g_test_add_func ("/weights/info", test_info);
  g_test_add_func ("/weights/wrong-use", test_wrong_use);
  g_test_add_func ("/weights/no-weights", test_no_weights);
  return g_test_run ();
}
