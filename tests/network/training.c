/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A training step against the golden numbers: losses, gradients, Adam. */
#include "training/training_step.h"

#include <math.h>
#include <string.h>

#include "support/golden.h"
#include "image/preprocess.h"

#define LOSS_TOLERANCE 1e-4
#define GRADIENT_TOLERANCE 1e-3
#define ADAM_TOLERANCE 1e-6
#define IMAGES 2

/* The golden batch: a defective and a good image. */
typedef struct {
  FeNetwork *network;
  FeConfig config;
  float *text;
  float *mask; /* [2][S][S] */
  float *tokens[IMAGES];
} Batch;

/* The whole tensor where the large set is at hand, else its first rows. */
static float *
train_tensor (const char *name, FeShape *shape)
{
  g_autofree char *path = golden_path ("train.safetensors");
  g_autoptr (GError) error = NULL;
  g_autoptr (FeWeights) trimmed = NULL;
  gsize n = 1;
  float *values = golden_tensor (name, shape);

  if (values)
    return values;
  trimmed = fe_weights_open (path, &error);
  g_assert_no_error (error);
  fe_weights_get_shape (trimmed, name, shape, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < shape->n_dims; i++)
    n *= shape->dims[i];
  values = g_new (float, n);
  fe_weights_read (trimmed, name, shape, values, &error);
  g_assert_no_error (error);
  return values;
}

/* What the first tapped block gives for an image. */
static float *
encode (const Batch *self, guint image)
{
  const FeVisionConfig *config = &self->network->config;
  g_autoptr (FeArena) arena = fe_arena_new (self->network->device);
  g_autoptr (FePreprocess) preprocess = NULL;
  g_autoptr (FeCommands) commands = NULL;
  g_autoptr (GError) error = NULL;
  float *tokens = g_new (float, config->tokens * config->transformer.width);
  FeVisionActivations vision;
  FeMatrix patches;

  fe_vision_activations_init (&vision, arena, config, 1);
  patches = vision.patches;
  patches.rows--;
  commands = fe_commands_new (self->network->device, FALSE, &error);
  g_assert_no_error (error);
  preprocess = golden_record_patches (self->network, image, &patches, commands);
  fe_vision_embed (commands, &self->network->vision, &vision);
  fe_block_forward (commands, &config->transformer,
                    &self->network->vision.blocks[0], self->config.activation,
                    FALSE, &vision.block);
  fe_commands_end (commands, &error);
  g_assert_no_error (error);
  fe_commands_run (commands, &error);
  g_assert_no_error (error);
  fe_matrix_read (&vision.block.x, 0, 0, config->tokens, tokens, &error);
  g_assert_no_error (error);
  return tokens;
}

static void
batch_init (Batch *self)
{
  FeShape shape;

  self->network = golden_network_new (&self->config);
  g_assert_cmpuint (self->config.taps[0], ==, 0);
  self->text = golden_tensor ("text_features", &shape);
  self->mask = train_tensor ("train.mask", &shape);
  for (guint i = 0; i < IMAGES; i++)
    self->tokens[i] = encode (self, i);
}

static void
batch_clear (Batch *self)
{
  fe_network_unref (self->network);
  g_free (self->text);
  g_free (self->mask);
  for (guint i = 0; i < IMAGES; i++)
    g_free (self->tokens[i]);
}

/* A step that begins with the golden adapters and takes some at a time. */
static FeTrainingStep *
begin (const Batch *self, guint images)
{
  const FeTrainingOptions options = {
      .images = images,
      .alpha = 0.25,
      .gamma = 2,
      .weights = {1, 1, 1},
      .rates = {[FE_RATE_ADAPTERS] = 5e-4, [FE_RATE_FC_PATCH] = 5e-6},
      .train_fc_patch = TRUE,
  };
  g_autofree char *path = golden_path ("adapter.safetensors");
  g_autoptr (GError) error = NULL;
  g_autoptr (FeWeights) weights = fe_weights_open (path, &error);
  FeTrainingStep *step = fe_training_step_new (self->network, &self->config,
                                               &options, self->text, &error);

  g_assert_no_error (error);
  fe_parameters_load (fe_training_step_get_parameters (step),
                      FE_PARAMETER_WEIGHTS, weights, "", &error);
  g_assert_no_error (error);
  fe_training_step_refresh (step, &error);
  g_assert_no_error (error);
  return step;
}

/* Adds both images' gradients and compares the mean losses. */
static void
learn (const Batch *self, FeTrainingStep *step, guint at_a_time,
       const char *name)
{
  gsize pixels = (gsize)self->network->config.image_size
                 * self->network->config.image_size;
  const FeTrainingImage images[IMAGES] = {
      {self->tokens[0], self->mask, TRUE},
      {self->tokens[1], self->mask + pixels, FALSE},
  };
  g_autoptr (JsonObject) expected = golden_expected ();
  JsonObject *training = json_object_get_object_member (expected, "training");
  JsonObject *losses = json_object_get_object_member (training, name);
  g_autoptr (GError) error = NULL;
  FeTrainingLosses sums = {0};

  for (guint i = 0; i < IMAGES; i += at_a_time) {
    fe_training_step_add (step, images + i, MIN (at_a_time, IMAGES - i), &sums,
                          &error);
    g_assert_no_error (error);
  }
  g_test_message ("%s: %.6f %.6f %.6f", name, sums.score / IMAGES,
                  sums.focal / IMAGES, sums.dice / IMAGES);
  g_assert_cmpfloat_with_epsilon (sums.score / IMAGES,
                                  json_object_get_double_member (losses, "bce"),
                                  LOSS_TOLERANCE);
  g_assert_cmpfloat_with_epsilon (
      sums.focal / IMAGES, json_object_get_double_member (losses, "focal"),
      LOSS_TOLERANCE);
  g_assert_cmpfloat_with_epsilon (
      sums.dice / IMAGES, json_object_get_double_member (losses, "dice"),
      LOSS_TOLERANCE);
}

static void
check_gradients (FeTrainingStep *step)
{
  const FeParameters *parameters = fe_training_step_get_parameters (step);

  for (guint i = 0; i < parameters->n; i++) {
    const FeParameter *parameter = &parameters->list[i];
    gsize size = fe_parameter_get_size (parameter), n = 1;
    g_autofree float *found = g_new (float, size);
    g_autofree char *name = g_strconcat ("train.grad.", parameter->name, NULL);
    FeShape shape;
    g_autofree float *wanted = train_tensor (name, &shape);
    g_autoptr (GError) error = NULL;
    double difference;

    fe_parameter_read (parameter, FE_PARAMETER_GRADIENT, found, &error);
    g_assert_no_error (error);
    for (gsize j = 0; j < size; j++)
      found[j] *= (float)(parameter->scale / IMAGES);
    for (guint j = 0; j < shape.n_dims; j++)
      n *= shape.dims[j];
    difference = relative_difference (found, wanted, n);
    g_test_message ("%s: relative difference %.2g", name, difference);
    g_assert_cmpfloat (difference, <, GRADIENT_TOLERANCE);
  }
}

/* However many images go at a time, with and without an empty place. */
static void
test_step (gconstpointer data)
{
  guint at_a_time = GPOINTER_TO_UINT (data);
  g_autoptr (FeTrainingStep) step = NULL;
  g_autoptr (GError) error = NULL;
  Batch batch;

  batch_init (&batch);
  step = begin (&batch, at_a_time);
  learn (&batch, step, at_a_time, "step0");
  check_gradients (step);
  fe_training_step_update (step, 1, IMAGES, &error);
  g_assert_no_error (error);
  learn (&batch, step, at_a_time, "step1");
  batch_clear (&batch);
}

/* Adam with the golden gradients. */
static void
test_adam (void)
{
  g_autoptr (FeTrainingStep) step = NULL;
  g_autoptr (GError) error = NULL;
  const FeParameters *parameters;
  Batch batch;

  batch_init (&batch);
  step = begin (&batch, 1);
  parameters = fe_training_step_get_parameters (step);
  for (guint i = 0; i < parameters->n; i++) {
    const FeParameter *parameter = &parameters->list[i];
    g_autofree char *name = g_strconcat ("train.grad.", parameter->name, NULL);
    FeShape shape;
    g_autofree float *values = train_tensor (name, &shape);
    g_autofree float *gradient =
        g_new0 (float, fe_parameter_get_size (parameter));
    gsize n = 1;

    for (guint j = 0; j < shape.n_dims; j++)
      n *= shape.dims[j];
    for (gsize j = 0; j < n; j++)
      gradient[j] = (float)(values[j] / parameter->scale);
    fe_parameter_write (parameter, FE_PARAMETER_GRADIENT, gradient, &error);
    g_assert_no_error (error);
  }
  fe_training_step_update (step, 1, 1, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < parameters->n; i++) {
    const FeParameter *parameter = &parameters->list[i];
    g_autofree char *name =
        g_strconcat ("train.after1.", parameter->name, NULL);
    gsize size = fe_parameter_get_size (parameter), n = 1;
    g_autofree float *found = g_new (float, size);
    FeShape shape;
    g_autofree float *wanted = train_tensor (name, &shape);

    for (guint j = 0; j < shape.n_dims; j++)
      n *= shape.dims[j];
    fe_parameter_read (parameter, FE_PARAMETER_WEIGHTS, found, &error);
    g_assert_no_error (error);
    g_assert_cmpfloat (largest_difference (found, wanted, n), <,
                       ADAM_TOLERANCE);
    fe_parameter_read (parameter, FE_PARAMETER_GRADIENT, found, &error);
    for (gsize j = 0; j < size; j++)
      g_assert_cmpfloat (found[j], ==, 0);
  }
  batch_clear (&batch);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/training/step/one-by-one", GUINT_TO_POINTER (1),
                        test_step);
  g_test_add_data_func ("/training/step/together", GUINT_TO_POINTER (2),
                        test_step);
  g_test_add_data_func ("/training/step/with-an-empty-place",
                        GUINT_TO_POINTER (3), test_step);
  g_test_add_func ("/training/adam", test_adam);
  return g_test_run ();
}
