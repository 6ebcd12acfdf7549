/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "training/training_step.h"

#include <feclip/error.h>

#include "training/adapters_backward.h"
#include "training/loss_head.h"
#include "compute/ops_backward.h"
#include "training/transformer_backward.h"

/* Shapes: B images at a time, T tokens, D channels, E embedding. */

/* A tap, and what its forward pass keeps for its backward pass. */
typedef struct {
  FeAdapterWeights weights;
  FeAdapterWeights gradients;
  FeAdapterWeights transposed; /* the matrices alone */
  FeAdapterTrace trace;
  FeMatrix x;              /* [B][T][D] input, borrowed */
  FeMatrix y;              /* [B][T][D] with the adapters' share */
  FeMatrix normed;         /* [B][T][D] by ln_post */
  FeMatrix features;       /* [B][T][E] */
  FeMatrix class_normed;   /* [B][D] */
  FeMatrix class_features; /* [B][E] */
} Tap;

/* A block after the first tap. */
typedef struct {
  const FeBlockWeights *weights;
  FeBlockTransposed transposed;
  FeBlockTrace trace;
  FeMatrix x; /* [B][T][D] input, borrowed */
  FeMatrix y; /* [B][T][D] output */
} Block;

struct _FeTrainingStep {
  FeNetwork *network;
  FeConfig config;
  FeTrainingOptions options;
  FeArena *arena;
  FeParameters *parameters;
  FeMatrix fc_patch_transposed; /* [D][E] */
  FeMatrix proj_transposed;     /* [D][E] */
  FeBuffer *schedule;           /* [4] of Adam */

  FeMatrix tokens; /* [B][T][D] the first tap's input */
  Tap *taps;
  Block *blocks; /* [last tap − first tap] */
  FeBlockScratch block_scratch;
  FeAdapterScratch adapter_scratch;
  FeLossHead head;
  FeMatrix gradient;            /* [B][T][D] of the token stream */
  FeMatrix norm_gradient;       /* [B][T][D] of what ln_post gives */
  FeMatrix feature_gradients;   /* [B][T][E] */
  FeMatrix turned_features;     /* [E][B·T] */
  FeMatrix turned_normed;       /* [D][B·T] */
  FeMatrix class_gradients;     /* [B][E] */
  FeMatrix class_norm_gradient; /* [B][D] */

  FeCommands *learn;   /* forward and backward */
  FeCommands *update;  /* Adam, then the work of `refresh` */
  FeCommands *refresh; /* transposes what is trained */
};

static guint
n_blocks (const FeTrainingStep *self)
{
  return self->config.taps[self->config.n_taps - 1] - self->config.taps[0];
}

void
fe_training_step_free (FeTrainingStep *self)
{
  if (!self)
    return;
  fe_commands_free (self->learn);
  fe_commands_free (self->update);
  fe_commands_free (self->refresh);
  fe_parameters_free (self->parameters);
  fe_arena_free (self->arena);
  fe_network_unref (self->network);
  g_free (self->taps);
  g_free (self->blocks);
  g_free (self);
}

FeParameters *
fe_training_step_get_parameters (FeTrainingStep *self)
{
  return self->parameters;
}

guint64
fe_training_step_get_size (const FeTrainingStep *self)
{
  return fe_arena_get_size (self->arena);
}

/* Transposes the frozen weights, once. */
static gboolean
transpose_frozen (FeTrainingStep *self, GError **error)
{
  const FeVisionWeights *vision = &self->network->vision;
  g_autoptr (FeCommands) commands =
      fe_commands_new (self->network->device, FALSE, error);

  if (!commands)
    return FALSE;
  for (guint i = 0; i < n_blocks (self); i++) {
    Block *block = &self->blocks[i];

    block->weights = &vision->blocks[self->config.taps[0] + 1 + i];
    fe_block_transpose (&block->transposed, commands, self->arena,
                        block->weights);
  }
  self->proj_transposed = fe_transposed (commands, self->arena,
                                         "fc_clip transposed", &vision->proj);
  return fe_arena_check (self->arena, error)
         && fe_commands_end (commands, error)
         && fe_commands_run (commands, error);
}

static void
init_taps (FeTrainingStep *self)
{
  const FeVisionConfig *vision = &self->network->config;
  guint d = vision->transformer.width, e = vision->embedding;
  guint t = vision->tokens, b = self->options.images;

  for (guint i = 0; i < self->config.n_taps; i++) {
    Tap *tap = &self->taps[i];

    tap->weights =
        fe_parameters_get_adapter (self->parameters, FE_PARAMETER_WEIGHTS, i);
    tap->gradients =
        fe_parameters_get_adapter (self->parameters, FE_PARAMETER_GRADIENT, i);
    tap->transposed.ffe_mlp =
        fe_arena_matrix (self->arena, "FFE's layer transposed", d, d, 1);
    tap->transposed.lfs_conv =
        fe_arena_matrix (self->arena, "LFS's layer transposed", 9 * d, d, 1);
    fe_adapter_trace_init (&tap->trace, self->arena, &self->config.adapter, d,
                           b);
    tap->y = fe_arena_stack (self->arena, "adapted tokens", t, d, b);
    tap->normed = fe_arena_stack (self->arena, "normed tokens", t, d, b);
    tap->features = fe_arena_stack (self->arena, "patch features", t, e, b);
    tap->class_normed =
        fe_arena_matrix (self->arena, "normed class tokens", b, d, 1);
    tap->class_features =
        fe_arena_matrix (self->arena, "class features", b, e, 1);
  }
}

static void
init_activations (FeTrainingStep *self, const float *text)
{
  const FeVisionConfig *vision = &self->network->config;
  guint d = vision->transformer.width, e = vision->embedding;
  guint t = vision->tokens, b = self->options.images;
  FeArena *arena = self->arena;
  const FeLossConfig loss = {
      .n_taps = self->config.n_taps,
      .images = b,
      .grid_size = vision->grid_size,
      .image_size = vision->image_size,
      .embedding = e,
      .temperature = self->config.temperature,
      .alpha = self->options.alpha,
      .gamma = self->options.gamma,
  };

  self->tokens = fe_arena_stack (arena, "tokens", t, d, b);
  init_taps (self);
  for (guint i = 0; i < n_blocks (self); i++) {
    fe_block_trace_init (&self->blocks[i].trace, arena, &vision->transformer, t,
                         b);
    self->blocks[i].y = fe_arena_stack (arena, "a block's tokens", t, d, b);
  }
  if (n_blocks (self))
    fe_block_scratch_init (&self->block_scratch, arena, &vision->transformer, t,
                           b);
  fe_adapter_scratch_init (&self->adapter_scratch, arena, &self->config.adapter,
                           d, b);
  fe_loss_head_init (&self->head, arena, &loss, text);
  self->gradient = fe_arena_stack (arena, "gradients of tokens", t, d, b);
  self->norm_gradient =
      fe_arena_stack (arena, "gradients of normed tokens", t, d, b);
  self->feature_gradients =
      fe_arena_stack (arena, "gradients of features", t, e, b);
  self->turned_features =
      fe_arena_turned (arena, "gradients transposed", &self->feature_gradients);
  self->turned_normed =
      fe_arena_turned (arena, "tokens transposed", &self->gradient);
  self->class_gradients =
      fe_arena_matrix (arena, "gradients of class features", b, e, 1);
  self->class_norm_gradient =
      fe_arena_matrix (arena, "gradients of class tokens", b, d, 1);
  self->fc_patch_transposed =
      fe_arena_matrix (arena, "fc_patch transposed", d, e, 1);
  self->schedule =
      fe_arena_floats (arena, "schedule", FE_BUFFER_UPLOAD, 4, NULL);
}

static FeTracedAdapter
adapter_of (const FeTrainingStep *self, const Tap *tap)
{
  return (FeTracedAdapter){
      .config = &self->config.adapter,
      .weights = &tap->weights,
      .trace = &tap->trace,
      .scratch = &self->adapter_scratch,
      .x = tap->x,
      .first = tap == self->taps,
  };
}

static FeTracedBlock
block_of (const FeTrainingStep *self, const Block *block)
{
  return (FeTracedBlock){
      .config = &self->network->config.transformer,
      .weights = block->weights,
      .activation = self->config.activation,
      .trace = &block->trace,
      .scratch = &self->block_scratch,
      .x = block->x,
  };
}

/* Rows between one image's class token and the next one's. */
static guint
class_step (const FeTrainingStep *self)
{
  return fe_matrix_stacked (&self->tokens).rows / self->options.images;
}

static void
tap_forward (FeTrainingStep *self, FeCommands *commands, guint index)
{
  const FeVisionWeights *vision = &self->network->vision;
  const FeParameter *fc_patch = fe_parameters_get_fc_patch (self->parameters);
  Tap *tap = &self->taps[index];
  const FeTracedAdapter adapter = adapter_of (self, tap);
  FeMatrix y = fe_matrix_stacked (&tap->y);
  FeMatrix normed = fe_matrix_stacked (&tap->normed);

  fe_traced_adapter_forward (commands, &adapter, &tap->y);
  fe_op_layer_norm (commands, "ln_post", &y, 0, vision->ln_post.scale,
                    vision->ln_post.shift, &normed);
  fe_op_matmul (commands, &(FeMatmul){
                              .use = "fc_patch",
                              .a = normed,
                              .b = fc_patch[0].matrices[FE_PARAMETER_WEIGHTS],
                              .bias = fc_patch[1].buffers[FE_PARAMETER_WEIGHTS],
                              .c = fe_matrix_stacked (&tap->features),
                          });
  fe_op_layer_norm_rows (commands,
                         &(FeLayerNorm){
                             .use = "ln_post",
                             .x = y,
                             .first = self->network->config.tokens - 1,
                             .step = class_step (self),
                             .scale = vision->ln_post.scale,
                             .shift = vision->ln_post.shift,
                             .y = tap->class_normed,
                         });
  fe_op_matmul (commands, &(FeMatmul){
                              .use = "fc_clip",
                              .a = tap->class_normed,
                              .b = vision->proj,
                              .c = tap->class_features,
                          });
  fe_loss_head_add_tap (commands, &self->head, index, &tap->class_features,
                        &tap->features);
}

/* From the gradients of the map to those of fc_patch and of the adapted
 * tokens. */
static void
map_backward (FeTrainingStep *self, FeCommands *commands, const Tap *tap,
              gboolean is_last)
{
  const FeParameter *fc_patch = fe_parameters_get_fc_patch (self->parameters);
  FeMatrix normed = fe_matrix_stacked (&self->norm_gradient);

  if (self->options.train_fc_patch)
    fe_layer_gradients (
        commands, &(FeLayerGradients){
                      .use = "fc_patch gradient",
                      .dy = self->feature_gradients,
                      .x = tap->normed,
                      .turned_dy = self->turned_features,
                      .turned_x = self->turned_normed,
                      .weights = fc_patch[0].matrices[FE_PARAMETER_GRADIENT],
                      .bias = fc_patch[1].buffers[FE_PARAMETER_GRADIENT],
                  });
  fe_op_matmul (commands, &(FeMatmul){
                              .use = "fc_patch backward",
                              .a = fe_matrix_stacked (&self->feature_gradients),
                              .b = self->fc_patch_transposed,
                              .c = normed,
                          });
  fe_op_layer_norm_backward (commands,
                             &(FeLayerNormBackward){
                                 .use = "ln_post",
                                 .x = fe_matrix_stacked (&tap->y),
                                 .step = 1,
                                 .scale = self->network->vision.ln_post.scale,
                                 .dy = normed,
                                 .dx = fe_matrix_stacked (&self->gradient),
                                 .accumulate = !is_last,
                             });
}

/* From the gradients of the score to those of the class tokens. */
static void
score_backward (FeTrainingStep *self, FeCommands *commands, const Tap *tap)
{
  fe_op_matmul (commands, &(FeMatmul){
                              .use = "fc_clip backward",
                              .a = self->class_gradients,
                              .b = self->proj_transposed,
                              .c = self->class_norm_gradient,
                          });
  fe_op_layer_norm_backward (commands,
                             &(FeLayerNormBackward){
                                 .use = "ln_post",
                                 .x = fe_matrix_stacked (&tap->y),
                                 .first = self->network->config.tokens - 1,
                                 .step = class_step (self),
                                 .scale = self->network->vision.ln_post.scale,
                                 .dy = self->class_norm_gradient,
                                 .dx = fe_matrix_stacked (&self->gradient),
                                 .accumulate = TRUE,
                             });
}

static void
tap_backward (FeTrainingStep *self, FeCommands *commands, guint index)
{
  const Tap *tap = &self->taps[index];
  const FeTracedAdapter adapter = adapter_of (self, tap);

  fe_loss_head_backward (commands, &self->head, index,
                         &(FeLossHeadBackward){
                             .class_features = tap->class_features,
                             .features = tap->features,
                             .class_gradients = self->class_gradients,
                             .gradients = self->feature_gradients,
                         });
  map_backward (self, commands, tap, index + 1 == self->config.n_taps);
  score_backward (self, commands, tap);
  fe_traced_adapter_backward (commands, &adapter, &tap->transposed,
                              &tap->gradients, &self->gradient);
}

/* Records all taps and the blocks between them, forward and backward. */
static void
record_learning (FeTrainingStep *self, FeCommands *commands)
{
  guint first = self->config.taps[0], tap = 0;
  FeMatrix x = self->tokens;

  for (guint i = first; tap < self->config.n_taps; i++) {
    if (i > first) {
      Block *block = &self->blocks[i - first - 1];
      FeTracedBlock traced;

      block->x = x;
      traced = block_of (self, block);
      fe_traced_block_forward (commands, &traced, &block->y);
      x = block->y;
    }
    if (i == self->config.taps[tap]) {
      self->taps[tap].x = x;
      tap_forward (self, commands, tap);
      x = self->taps[tap++].y;
    }
  }
  fe_loss_head_run (commands, &self->head);
  for (guint i = first + n_blocks (self) + 1; i-- > first;) {
    if (tap > 0 && i == self->config.taps[tap - 1])
      tap_backward (self, commands, --tap);
    if (i > first) {
      const Block *block = &self->blocks[i - first - 1];
      const FeTracedBlock traced = block_of (self, block);

      fe_traced_block_backward (commands, &traced, &block->transposed,
                                &self->gradient);
    }
  }
}

/* Records the transposition of the parameters that are trained. */
static void
record_refresh (FeTrainingStep *self, FeCommands *commands)
{
  const FeParameter *fc_patch = fe_parameters_get_fc_patch (self->parameters);

  for (guint i = 0; i < self->config.n_taps; i++) {
    const Tap *tap = &self->taps[i];

    fe_op_transpose (commands, &tap->weights.ffe_mlp, &tap->transposed.ffe_mlp);
    fe_op_transpose (commands, &tap->weights.lfs_conv,
                     &tap->transposed.lfs_conv);
  }
  fe_op_transpose (commands, &fc_patch->matrices[FE_PARAMETER_WEIGHTS],
                   &self->fc_patch_transposed);
}

static void
record_update (FeTrainingStep *self, FeCommands *commands)
{
  for (guint i = 0; i < self->parameters->n; i++) {
    const FeParameter *parameter = &self->parameters->list[i];

    if (parameter->rate == FE_RATE_FC_PATCH && !self->options.train_fc_patch)
      continue;
    fe_op_adam (commands,
                &(FeAdam){
                    .weights = parameter->buffers[FE_PARAMETER_WEIGHTS],
                    .gradient = parameter->buffers[FE_PARAMETER_GRADIENT],
                    .mean = parameter->buffers[FE_PARAMETER_MEAN],
                    .square = parameter->buffers[FE_PARAMETER_SQUARE],
                    .scale = parameter->scale,
                    .rate = parameter->rate,
                },
                self->schedule);
  }
  record_refresh (self, commands);
}

static FeCommands *
record (FeTrainingStep *self,
        void (*what) (FeTrainingStep *self, FeCommands *commands),
        GError **error)
{
  g_autoptr (FeCommands) commands =
      fe_commands_new (self->network->device, FALSE, error);

  if (!commands)
    return NULL;
  what (self, commands);
  return fe_commands_end (commands, error) ? g_steal_pointer (&commands) : NULL;
}

FeTrainingStep *
fe_training_step_new (FeNetwork *network, const FeConfig *config,
                      const FeTrainingOptions *options, const float *text,
                      GError **error)
{
  g_autoptr (FeTrainingStep) self = g_new0 (FeTrainingStep, 1);
  const FeVisionConfig *vision = &network->config;

  self->network = fe_network_ref (network);
  self->config = *config;
  self->options = *options;
  self->arena = fe_arena_new (network->device);
  self->taps = g_new0 (Tap, config->n_taps);
  self->blocks = g_new0 (Block, n_blocks (self) + 1);
  if (network->vision.proj.half || network->vision.blocks[0].fc.half) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "training needs weights in single precision: set "
                 "weights-storage to fp32");
    return NULL;
  }
  self->parameters =
      fe_parameters_new (self->arena, config->n_taps, vision->transformer.width,
                         vision->embedding, config->adapter.lambda);
  init_activations (self, text);
  if (!transpose_frozen (self, error) || !fe_arena_check (self->arena, error))
    return NULL;
  self->learn = record (self, record_learning, error);
  if (self->learn)
    self->update = record (self, record_update, error);
  if (self->update)
    self->refresh = record (self, record_refresh, error);
  return self->refresh ? g_steal_pointer (&self) : NULL;
}

gboolean
fe_training_step_refresh (FeTrainingStep *self, GError **error)
{
  return fe_commands_run (self->refresh, error);
}

/* Uploads images. The weight of unused batch items is 0. */
static gboolean
upload (FeTrainingStep *self, const FeTrainingImage *images, guint n,
        GError **error)
{
  gsize size = 4 * self->options.images * sizeof (float);
  g_autofree float *targets = g_malloc0 (size);

  g_assert (n <= self->options.images);
  for (guint i = 0; i < n; i++) {
    targets[4 * i] = images[i].defective;
    for (guint j = 0; j < 3; j++)
      targets[4 * i + 1 + j] = (float)self->options.weights[j];
    if (!fe_matrix_write (&self->tokens, i, images[i].tokens, error)
        || !fe_matrix_write (&self->head.masks, i, images[i].mask, error))
      return FALSE;
  }
  return fe_buffer_write (self->head.losses.targets, 0, targets, size, error);
}

gboolean
fe_training_step_add (FeTrainingStep *self, const FeTrainingImage *images,
                      guint n, FeTrainingLosses *losses, GError **error)
{
  guint n_taps = self->config.n_taps, b = self->options.images;
  gsize size = 4 * (gsize)n_taps * b * sizeof (float);
  g_autofree float *table = g_malloc (size);

  if (!upload (self, images, n, error) || !fe_commands_run (self->learn, error)
      || !fe_buffer_read (self->head.losses.losses, 0, table, size, error))
    return FALSE;
  for (guint tap = 0; tap < n_taps; tap++) {
    for (guint i = 0; i < n; i++) {
      const float *row = table + 4 * (tap * b + i);

      losses->score += (double)row[0] / n_taps;
      losses->focal += (double)row[1] / n_taps;
      losses->dice += (double)row[2] / n_taps;
    }
  }
  return TRUE;
}

gboolean
fe_training_step_update (FeTrainingStep *self, guint64 step, guint batch,
                         GError **error)
{
  float schedule[4];

  fe_adam_schedule (step, 1.0 / batch, self->options.rates, schedule);
  return fe_buffer_write (self->schedule, 0, schedule, sizeof schedule, error)
         && fe_commands_run (self->update, error);
}
