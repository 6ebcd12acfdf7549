/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <feclip/trainer.h>

#include <feclip/error.h>
#include <math.h>
#include <string.h>

#include <feclip/feclip-enums.h>
#include "api/model.h"
#include "image/preprocess.h"
#include "base/settings.h"
#include "training/parameters.h"
#include "training/training_step.h"
#include "files/weights_writer.h"

#define LOSSES_PER_STEP 3
#define DEFAULT_TAPS 4

struct _FeclipTrainer {
  GObject parent;

  FeclipModel *model;
  FeConfig config;
  FeTrainingOptions options;
  float *text; /* [2][E] */

  /* For encoding: up to the first tapped block, one image at a time. */
  FeArena *arena;
  FeVisionActivations vision;
  FePreprocess *preprocess;
  FeCommands *encode;

  /* For training: from there on. */
  FeTrainingStep *step;
  FeTrainingImage *images; /* [options.images] */
  GPtrArray *samples;      /* GBytes: samples of the next run of the step */
  guint batch;             /* images since the last step */
  FeTrainingLosses sums;   /* of these images */
  GArray *losses;          /* float, [steps][LOSSES_PER_STEP] */
};

G_DEFINE_FINAL_TYPE (FeclipTrainer, feclip_trainer, G_TYPE_OBJECT)

static void
feclip_trainer_finalize (GObject *object)
{
  FeclipTrainer *self = FECLIP_TRAINER (object);

  fe_training_step_free (self->step);
  if (self->options.images)
    for (guint i = 0; self->images && i < self->options.images; i++)
      g_free ((float *)self->images[i].mask);
  g_free (self->images);
  g_ptr_array_unref (self->samples);
  g_array_unref (self->losses);
  fe_commands_free (self->encode);
  fe_preprocess_free (self->preprocess);
  fe_arena_free (self->arena);
  g_free (self->text);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (feclip_trainer_parent_class)->finalize (object);
}

static void
feclip_trainer_class_init (FeclipTrainerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = feclip_trainer_finalize;
}

static void
feclip_trainer_init (FeclipTrainer *self)
{
  self->samples =
      g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  self->losses = g_array_new (FALSE, FALSE, sizeof (float));
}

G_DEFINE_BOXED_TYPE (FeclipTrainingOptions, feclip_training_options,
                     feclip_training_options_copy, feclip_training_options_free)

FeclipTrainingOptions *
feclip_training_options_new (void)
{
  FeclipTrainingOptions *self = g_new (FeclipTrainingOptions, 1);

  *self = (FeclipTrainingOptions){
      .at_once = 4,
      .seed = 1,
      .train_fc_patch = TRUE,
      .learning_rate = 5e-4,
      .fc_patch_learning_rate = 5e-6,
      .focal_alpha = 0.25,
      .focal_gamma = 2,
      .score_weight = 1,
      .focal_weight = 1,
      .dice_weight = 1,
  };
  return self;
}

FeclipTrainingOptions *
feclip_training_options_copy (const FeclipTrainingOptions *options)
{
  g_return_val_if_fail (options != NULL, NULL);
  return g_memdup2 (options, sizeof *options);
}

void
feclip_training_options_free (FeclipTrainingOptions *options)
{
  g_free (options);
}

/* Whether all of them are in a range that training works with. */
static gboolean
check_options (const FeclipTrainingOptions *options, GError **error)
{
  const struct {
    const char *name;
    double value;
  } numbers[] = {
      {"learning rate", options->learning_rate},
      {"learning rate of fc_patch", options->fc_patch_learning_rate},
      {"focal loss's alpha", options->focal_alpha},
      {"focal loss's gamma", options->focal_gamma},
      {"score's weight", options->score_weight},
      {"focal loss's weight", options->focal_weight},
      {"Dice loss's weight", options->dice_weight},
  };

  if (options->at_once < 1 || options->at_once > 1024) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "%u images at once: the number must be from 1 to 1024",
                 options->at_once);
    return FALSE;
  }
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++) {
    if (!(numbers[i].value >= 0 && numbers[i].value <= 1000)) {
      g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                   "the %s is %g; it must be from 0 to 1000", numbers[i].name,
                   numbers[i].value);
      return FALSE;
    }
  }
  if (options->focal_alpha <= 1
      && (options->focal_gamma >= 1 || options->focal_gamma == 0))
    return TRUE;
  g_set_error (
      error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
      "the focal loss's alpha is %g and its gamma is %g; alpha must be "
      "from 0 to 1, gamma 0 or at least 1",
      options->focal_alpha, options->focal_gamma);
  return FALSE;
}

static FeNetwork *
get_network (const FeclipTrainer *self)
{
  return fe_model_get_network (self->model);
}

/* Takes the last blocks as taps where neither the settings nor adapters name
 * any. */
static void
choose_taps (FeclipTrainer *self, const FeclipSettings *settings)
{
  const FeNetwork *network = get_network (self);
  guint n_blocks = network->config.transformer.n_blocks;

  if (settings->tap_blocks || network->adapters.n_taps)
    return;
  self->config.n_taps = MIN (n_blocks, DEFAULT_TAPS);
  for (guint i = 0; i < self->config.n_taps; i++)
    self->config.taps[i] = n_blocks - self->config.n_taps + i;
}

static gboolean
copy_matrix (const FeMatrix *from, const FeMatrix *to, GError **error)
{
  g_autofree float *values = g_new (float, (gsize)from->rows * from->columns);

  return fe_matrix_read (from, 0, 0, from->rows, values, error)
         && fe_matrix_write (to, 0, values, error);
}

static gboolean
copy_floats (FeBuffer *from, FeBuffer *to, GError **error)
{
  gsize size = MIN (from->size, to->size);
  g_autofree float *values = g_malloc (size);

  return fe_buffer_read (from, 0, values, size, error)
         && fe_buffer_write (to, 0, values, size, error);
}

/* Training starts from the model's adapters. */
static gboolean
copy_adapters (FeclipTrainer *self, FeParameters *parameters, GError **error)
{
  const FeAdaptersWeights *adapters = &get_network (self)->adapters;
  const FeParameter *fc_patch = fe_parameters_get_fc_patch (parameters);

  for (guint i = 0; i < adapters->n_taps; i++) {
    const FeAdapterWeights *from = &adapters->taps[i];
    FeAdapterWeights to =
        fe_parameters_get_adapter (parameters, FE_PARAMETER_WEIGHTS, i);

    if (!copy_matrix (&from->ffe_mlp, &to.ffe_mlp, error)
        || !copy_floats (from->ffe_bias, to.ffe_bias, error)
        || !copy_matrix (&from->lfs_conv, &to.lfs_conv, error)
        || !copy_floats (from->lfs_bias, to.lfs_bias, error))
      return FALSE;
  }
  return copy_matrix (&adapters->fc_patch,
                      &fc_patch[0].matrices[FE_PARAMETER_WEIGHTS], error)
         && copy_floats (adapters->fc_patch_bias,
                         fc_patch[1].buffers[FE_PARAMETER_WEIGHTS], error);
}

static gboolean
prepare_step (FeclipTrainer *self, guint seed, GError **error)
{
  FeNetwork *network = get_network (self);
  gsize pixels = (gsize)network->config.image_size * network->config.image_size;
  FeParameters *parameters;
  gboolean ok;

  self->step = fe_training_step_new (network, &self->config, &self->options,
                                     self->text, error);
  if (!self->step)
    return FALSE;
  parameters = fe_training_step_get_parameters (self->step);
  ok = network->adapters.n_taps
           ? copy_adapters (self, parameters, error)
           : fe_parameters_randomize (parameters, seed, error);
  self->images = g_new0 (FeTrainingImage, self->options.images);
  for (guint i = 0; i < self->options.images; i++)
    self->images[i].mask = g_new0 (float, pixels);
  return ok && fe_training_step_refresh (self->step, error);
}

static gboolean
prepare_encoding (FeclipTrainer *self, GError **error)
{
  const FeNetwork *network = get_network (self);
  FeMatrix patches;

  self->arena = fe_arena_new (network->device);
  fe_vision_activations_init (&self->vision, self->arena, &network->config, 1);
  if (!fe_arena_check (self->arena, error))
    return FALSE;
  patches = self->vision.patches;
  patches.rows--; /* without the class token */
  self->preprocess = fe_preprocess_new (
      network->device, network->config.image_size, network->config.patch_size,
      self->config.fit, &patches);
  return TRUE;
}

FeclipTrainer *
feclip_trainer_new (FeclipModel *model, FeclipSettings *settings,
                    const FeclipTrainingOptions *options, GError **error)
{
  g_autoptr (FeclipTrainer) self = NULL;
  const FeNetwork *network;

  g_return_val_if_fail (FECLIP_IS_MODEL (model), NULL);
  g_return_val_if_fail (FECLIP_IS_SETTINGS (settings), NULL);
  g_return_val_if_fail (options != NULL, NULL);

  if (!check_options (options, error))
    return NULL;
  network = fe_model_get_network (model);
  self = g_object_new (FECLIP_TYPE_TRAINER, NULL);
  self->model = g_object_ref (model);
  self->options = (FeTrainingOptions){
      .images = options->at_once,
      .alpha = options->focal_alpha,
      .gamma = options->focal_gamma,
      .weights = {options->score_weight, options->focal_weight,
                  options->dice_weight},
      .rates = {[FE_RATE_ADAPTERS] = options->learning_rate,
                [FE_RATE_FC_PATCH] = options->fc_patch_learning_rate},
      .train_fc_patch = options->train_fc_patch,
  };
  self->text = g_new (float, 2 * (gsize)network->config.embedding);
  if (!fe_config_resolve (&self->config, settings, network, error)
      || !fe_model_encode_prompts (model, settings, self->config.activation,
                                   FALSE, self->text, error))
    return NULL;
  choose_taps (self, settings);
  if (!prepare_encoding (self, error)
      || !prepare_step (self, options->seed, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* Layout of a sample in bytes: tokens, then the mask. */
static void
sample_layout (const FeclipTrainer *self, gsize *tokens, gsize *mask)
{
  const FeVisionConfig *vision = &get_network (self)->config;

  *tokens = (gsize)vision->tokens * vision->transformer.width * sizeof (float);
  *mask = (gsize)vision->image_size * vision->image_size;
}

static FeCommands *
record_encoding (FeclipTrainer *self, GError **error)
{
  const FeNetwork *network = get_network (self);
  g_autoptr (FeCommands) commands =
      fe_commands_new (network->device, FALSE, error);

  if (!commands)
    return NULL;
  fe_preprocess_record (self->preprocess, commands);
  fe_vision_embed (commands, &network->vision, &self->vision);
  for (guint i = 0; i <= self->config.taps[0]; i++)
    fe_block_forward (commands, &network->config.transformer,
                      &network->vision.blocks[i], self->config.activation,
                      FALSE, &self->vision.block);
  return fe_commands_end (commands, error) ? g_steal_pointer (&commands) : NULL;
}

/* Crops the mask to what the network sees: the pixel nearest to the centre of
 * each of the network's pixels. */
static void
crop_mask (FeclipTrainer *self, const FeclipFrame *frame, const guint8 *mask,
           guint8 *cropped)
{
  guint size = get_network (self)->config.image_size;
  double left, top, width, height;

  fe_preprocess_get_region (self->preprocess, &left, &top, &width, &height);
  for (guint y = 0; y < size; y++) {
    gsize row = (gsize)((top + height * (y + 0.5) / size) * frame->height);

    row = MIN (row, frame->height - 1);
    for (guint x = 0; x < size; x++) {
      gsize column = (gsize)((left + width * (x + 0.5) / size) * frame->width);

      column = MIN (column, frame->width - 1);
      cropped[(gsize)y * size + x] = mask[row * frame->width + column] != 0;
    }
  }
}

GBytes *
feclip_trainer_encode (FeclipTrainer *self, const FeclipFrame *frame,
                       const guint8 *mask, GError **error)
{
  const FeVisionConfig *vision;
  gsize tokens_size, mask_size;
  gboolean changed = FALSE;
  g_autofree guint8 *sample = NULL;

  g_return_val_if_fail (FECLIP_IS_TRAINER (self), NULL);
  g_return_val_if_fail (frame != NULL, NULL);

  vision = &get_network (self)->config;
  if (frame->orientation > FECLIP_ORIENTATION_UPRIGHT) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "an image to learn from must be upright");
    return NULL;
  }
  if (!fe_preprocess_prepare (self->preprocess, frame, &changed, error))
    return NULL;
  if (changed || !self->encode) {
    g_clear_pointer (&self->encode, fe_commands_free);
    self->encode = record_encoding (self, error);
  }
  if (!self->encode || !fe_preprocess_upload (self->preprocess, frame, error)
      || !fe_commands_run (self->encode, error))
    return NULL;
  sample_layout (self, &tokens_size, &mask_size);
  sample = g_malloc0 (tokens_size + mask_size);
  if (!fe_matrix_read (&self->vision.block.x, 0, 0, vision->tokens,
                       (float *)sample, error))
    return NULL;
  if (mask)
    crop_mask (self, frame, mask, sample + tokens_size);
  return g_bytes_new_take (g_steal_pointer (&sample), tokens_size + mask_size);
}

/* Runs the step on the samples that were added. */
static gboolean
flush (FeclipTrainer *self, GError **error)
{
  guint n = self->samples->len;
  gboolean ok =
      n == 0
      || fe_training_step_add (self->step, self->images, n, &self->sums, error);

  g_ptr_array_set_size (self->samples, 0);
  self->batch += n;
  return ok;
}

gboolean
feclip_trainer_add (FeclipTrainer *self, GBytes *sample, GError **error)
{
  gsize tokens_size, mask_size, size;
  FeTrainingImage *image;
  const guint8 *data;
  float *mask;

  g_return_val_if_fail (FECLIP_IS_TRAINER (self), FALSE);
  g_return_val_if_fail (sample != NULL, FALSE);

  sample_layout (self, &tokens_size, &mask_size);
  data = g_bytes_get_data (sample, &size);
  if (size != tokens_size + mask_size) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "a sample has %" G_GSIZE_FORMAT
                 " bytes instead of %" G_GSIZE_FORMAT,
                 size, tokens_size + mask_size);
    return FALSE;
  }
  image = &self->images[self->samples->len];
  mask = (float *)image->mask;
  image->tokens = (const float *)data;
  image->defective = FALSE;
  for (gsize i = 0; i < mask_size; i++) {
    mask[i] = data[tokens_size + i];
    image->defective |= data[tokens_size + i] != 0;
  }
  g_ptr_array_add (self->samples, g_bytes_ref (sample));
  return self->samples->len < self->options.images || flush (self, error);
}

gboolean
feclip_trainer_update (FeclipTrainer *self, GError **error)
{
  float losses[LOSSES_PER_STEP];
  guint step;

  g_return_val_if_fail (FECLIP_IS_TRAINER (self), FALSE);

  if (!flush (self, error))
    return FALSE;
  g_return_val_if_fail (self->batch > 0, FALSE);
  losses[0] = (float)(self->sums.score / self->batch);
  losses[1] = (float)(self->sums.focal / self->batch);
  losses[2] = (float)(self->sums.dice / self->batch);
  step = feclip_trainer_get_steps (self) + 1;
  if (!isfinite (losses[0] + losses[1] + losses[2])) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "the losses are no longer finite in step %u: try a smaller "
                 "learning rate",
                 step);
    return FALSE;
  }
  if (!fe_training_step_update (self->step, step, self->batch, error))
    return FALSE;
  g_array_append_vals (self->losses, losses, LOSSES_PER_STEP);
  self->batch = 0;
  self->sums = (FeTrainingLosses){0};
  return TRUE;
}

guint
feclip_trainer_get_steps (FeclipTrainer *self)
{
  g_return_val_if_fail (FECLIP_IS_TRAINER (self), 0);
  return self->losses->len / LOSSES_PER_STEP;
}

const float *
feclip_trainer_get_losses (FeclipTrainer *self, guint *n)
{
  g_return_val_if_fail (FECLIP_IS_TRAINER (self), NULL);
  g_return_val_if_fail (n != NULL, NULL);

  *n = self->losses->len;
  return (const float *)self->losses->data;
}

static const char *
get_nick (GType type, int value)
{
  GEnumClass *values = g_type_class_ref (type);
  const char *nick = g_enum_get_value (values, value)->value_nick;

  g_type_class_unref (values); /* the nick is static and stays valid */
  return nick;
}

static void
set_number (FeWeightsWriter *writer, const char *key, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  fe_weights_writer_set (writer, key,
                         g_ascii_formatd (text, sizeof text, "%.9g", value));
}

static void
set_metadata (const FeclipTrainer *self, FeWeightsWriter *writer)
{
  const FeConfig *config = &self->config;
  g_autoptr (GString) taps = g_string_new (NULL);

  for (guint i = 0; i < config->n_taps; i++)
    g_string_append_printf (taps, "%s%u", i ? "," : "", config->taps[i]);
  fe_weights_writer_set (writer, "tap_indices", taps->str);
  set_number (writer, "lambda", config->adapter.lambda);
  set_number (writer, "temperature", config->temperature);
  set_number (writer, "ffe_window", config->adapter.ffe_window);
  set_number (writer, "lfs_window", config->adapter.lfs_window);
  fe_weights_writer_set (
      writer, "lfs_statistic",
      get_nick (FECLIP_TYPE_LFS_STATISTIC, (int)config->adapter.statistic));
  fe_weights_writer_set (
      writer, "activation",
      get_nick (FECLIP_TYPE_ACTIVATION, (int)config->activation));
}

static gboolean
add_parameters (const FeclipTrainer *self, FeParameterTensor tensor,
                const char *prefix, FeWeightsWriter *writer, GError **error)
{
  const FeParameters *parameters = fe_training_step_get_parameters (self->step);

  for (guint i = 0; i < parameters->n; i++) {
    const FeParameter *parameter = &parameters->list[i];
    g_autofree char *name = g_strconcat (prefix, parameter->name, NULL);
    g_autofree float *values = g_new (float, fe_parameter_get_size (parameter));

    if (!fe_parameter_read (parameter, tensor, values, error))
      return FALSE;
    fe_weights_writer_add (writer, name, &parameter->shape,
                           g_steal_pointer (&values));
  }
  return TRUE;
}

gboolean
feclip_trainer_save_adapter (FeclipTrainer *self, const char *path,
                             GError **error)
{
  g_autoptr (FeWeightsWriter) writer = fe_weights_writer_new ();
  guint e;

  g_return_val_if_fail (FECLIP_IS_TRAINER (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  e = get_network (self)->config.embedding;
  set_metadata (self, writer);
  fe_weights_writer_add (writer, "text_features", &FE_SHAPE (2, e),
                         g_memdup2 (self->text, 2 * e * sizeof (float)));
  return add_parameters (self, FE_PARAMETER_WEIGHTS, "", writer, error)
         && fe_weights_writer_save (writer, path, error);
}

gboolean
feclip_trainer_save (FeclipTrainer *self, const char *path, const char *run,
                     GError **error)
{
  g_autoptr (FeWeightsWriter) writer = fe_weights_writer_new ();
  guint steps;

  g_return_val_if_fail (FECLIP_IS_TRAINER (self), FALSE);
  g_return_val_if_fail (path != NULL && run != NULL, FALSE);
  g_return_val_if_fail (self->batch == 0 && self->samples->len == 0, FALSE);

  steps = feclip_trainer_get_steps (self);
  set_metadata (self, writer);
  fe_weights_writer_set (writer, "run", run);
  if (steps)
    fe_weights_writer_add (
        writer, "losses", &FE_SHAPE (steps, LOSSES_PER_STEP),
        g_memdup2 (self->losses->data, self->losses->len * sizeof (float)));
  return add_parameters (self, FE_PARAMETER_WEIGHTS, "", writer, error)
         && add_parameters (self, FE_PARAMETER_MEAN, "mean.", writer, error)
         && add_parameters (self, FE_PARAMETER_SQUARE, "square.", writer, error)
         && fe_weights_writer_save (writer, path, error);
}

static gboolean
load_losses (FeclipTrainer *self, const FeWeights *weights, GError **error)
{
  FeShape shape;

  g_array_set_size (self->losses, 0);
  if (!fe_weights_has (weights, "losses"))
    return TRUE;
  if (!fe_weights_get_shape (weights, "losses", &shape, error))
    return FALSE;
  if (shape.n_dims != 2 || shape.dims[1] != LOSSES_PER_STEP
      || shape.dims[0] > G_MAXUINT / LOSSES_PER_STEP) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "%s: tensor \"losses\" does not have three columns",
                 fe_weights_get_path (weights));
    return FALSE;
  }
  g_array_set_size (self->losses, (guint)shape.dims[0] * LOSSES_PER_STEP);
  return fe_weights_read (weights, "losses", &shape,
                          (float *)self->losses->data, error);
}

gboolean
feclip_trainer_load (FeclipTrainer *self, const char *path, const char *run,
                     GError **error)
{
  g_autoptr (FeWeights) weights = NULL;
  FeParameters *parameters;

  g_return_val_if_fail (FECLIP_IS_TRAINER (self), FALSE);
  g_return_val_if_fail (path != NULL && run != NULL, FALSE);

  weights = fe_weights_open (path, error);
  if (!weights)
    return FALSE;
  if (g_strcmp0 (fe_weights_get_metadata (weights, "run"), run) != 0) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "%s: belongs to a training run with other settings", path);
    return FALSE;
  }
  parameters = fe_training_step_get_parameters (self->step);
  return fe_parameters_load (parameters, FE_PARAMETER_WEIGHTS, weights, "",
                             error)
         && fe_parameters_load (parameters, FE_PARAMETER_MEAN, weights, "mean.",
                                error)
         && fe_parameters_load (parameters, FE_PARAMETER_SQUARE, weights,
                                "square.", error)
         && load_losses (self, weights, error)
         && fe_training_step_refresh (self->step, error);
}
