/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "detector_network.h"

#include <math.h>

/* A Gaussian beyond four standard deviations is below 4e-4 of its peak. */
#define SMOOTHING_REACH 4

guint
fe_detector_count_patches (const FeclipDetector *self)
{
  guint grid = fe_model_get_network (self->model)->config.grid_size;

  return grid * grid;
}

gboolean
fe_detector_has_prompt_map (const FeclipDetector *self)
{
  return feclip_model_has_adapters (self->model)
         && self->config.map_type != FECLIP_MAP_TYPE_FEW_SHOT;
}

gboolean
fe_detector_has_map (const FeclipDetector *self)
{
  return fe_detector_has_prompt_map (self) || self->few_shot.bank;
}

guint
fe_detector_get_map_first (const FeclipDetector *self)
{
  return self->config.n_taps
         + (fe_detector_has_prompt_map (self)
                ? 0
                : fe_detector_count_patches (self));
}

guint
fe_detector_get_map_edge (const FeclipDetector *self)
{
  const FeVisionConfig *vision = &fe_model_get_network (self->model)->config;

  if (!fe_detector_has_map (self))
    return 0;
  return self->enlarged ? vision->image_size : vision->grid_size;
}

static void
prepare_smoothing (FeclipDetector *self, guint image_size)
{
  double sigma = self->config.map_smoothing, sum = 0;
  guint radius = (guint)ceil (SMOOTHING_REACH * sigma);
  g_autofree float *weights = g_new (float, radius + 1);
  gsize pixels = (gsize)image_size * image_size;

  for (guint r = 0; r <= radius; r++) {
    weights[r] = (float)exp (-0.5 * r * r / (sigma * sigma));
    sum += (r ? 2 : 1) * weights[r];
  }
  for (guint r = 0; r <= radius; r++)
    weights[r] = (float)(weights[r] / sum);
  self->smoothing_radius = radius;
  self->smoothing = fe_arena_floats (self->arena, "smoothing weights",
                                     FE_BUFFER_DEVICE, radius + 1, weights);
  self->enlarged = fe_arena_floats (self->arena, "enlarged map",
                                    FE_BUFFER_READBACK, pixels, NULL);
  self->scratch = fe_arena_floats (self->arena, "smoothed map",
                                   FE_BUFFER_DEVICE, pixels, NULL);
}

void
fe_detector_prepare_activations (FeclipDetector *self)
{
  const FeVisionConfig *vision = &fe_model_get_network (self->model)->config;

  fe_vision_activations_init (&self->vision, self->arena, vision);
  self->values = fe_arena_floats (
      self->arena, "scores and maps", FE_BUFFER_READBACK,
      self->config.n_taps + 2 * fe_detector_count_patches (self), NULL);
  if (feclip_model_has_adapters (self->model))
    fe_adapter_activations_init (&self->adapters, self->arena,
                                 &self->config.adapter,
                                 vision->transformer.width, vision->embedding);
  if (self->config.map_smoothing > 0)
    prepare_smoothing (self, vision->image_size);
}

/* What a tap adds to the result, after its block and before its adapter: the
 * class token's score. */
static void
record_score (FeclipDetector *self, FeCommands *commands, guint tap)
{
  const FeNetwork *network = fe_model_get_network (self->model);

  fe_vision_project_class (commands, &network->config, &network->vision,
                           &self->vision);
  fe_op_similarity (commands, &(FeSimilarity){
                                  .z = self->vision.class_features,
                                  .text = self->text,
                                  .temperature = self->config.temperature,
                                  .type = FECLIP_MAP_TYPE_PROBABILITY,
                                  .weight = 1,
                                  .values = self->values,
                                  .first = tap,
                              });
}

/* The prompts' share of the map, after the adapter. */
static void
record_map (FeclipDetector *self, FeCommands *commands, guint tap)
{
  const FeNetwork *network = fe_model_get_network (self->model);
  const FeNormWeights *ln_post = &network->vision.ln_post;

  fe_adapters_project (commands, &network->adapters, ln_post->scale,
                       ln_post->shift, &self->vision.block.x, &self->adapters);
  fe_op_similarity (commands, &(FeSimilarity){
                                  .z = self->adapters.features,
                                  .text = self->text,
                                  .temperature = self->config.temperature,
                                  .type = self->config.map_type,
                                  .weight = 1.0 / self->config.n_taps,
                                  .accumulate = tap > 0,
                                  .values = self->values,
                                  .first = self->config.n_taps,
                              });
}

/* The references' share, by itself for the score and added to the map. */
static void
record_few_shot (FeclipDetector *self, FeCommands *commands, guint tap)
{
  const FeFewShot *few_shot = &self->few_shot;
  guint n_taps = self->config.n_taps;

  fe_few_shot_record_features (few_shot, commands, tap, &self->vision.block.x);
  fe_few_shot_record_nearest (few_shot, commands, tap);
  fe_few_shot_record_share (few_shot, commands, tap, tap > 0, self->values,
                            n_taps + fe_detector_count_patches (self));
  if (fe_detector_has_prompt_map (self))
    fe_few_shot_record_share (few_shot, commands, tap, TRUE, self->values,
                              n_taps);
}

/* All of a tap: what it adds to the result, or its features alone. */
static void
record_tap (FeclipDetector *self, FeCommands *commands, guint tap,
            gboolean features_only)
{
  const FeNetwork *network = fe_model_get_network (self->model);
  const FeMatrix *x = &self->vision.block.x;

  if (!features_only)
    record_score (self, commands, tap);
  if (feclip_model_has_adapters (self->model))
    fe_adapter_forward (commands, &self->config.adapter,
                        &network->adapters.taps[tap], x, &self->adapters);
  if (features_only) {
    fe_few_shot_record_features (&self->few_shot, commands, tap, x);
    return;
  }
  if (fe_detector_has_prompt_map (self))
    record_map (self, commands, tap);
  if (self->few_shot.bank)
    record_few_shot (self, commands, tap);
}

/* Blocks behind the last tap would change nothing. */
void
fe_detector_record_network (FeclipDetector *self, FeCommands *commands,
                            gboolean features_only)
{
  const FeNetwork *network = fe_model_get_network (self->model);
  const FeConfig *config = &self->config;
  guint tap = 0;

  fe_vision_embed (commands, &network->vision, &self->vision);
  for (guint i = 0; tap < config->n_taps; i++) {
    fe_block_forward (commands, &network->config.transformer,
                      &network->vision.blocks[i], config->activation, FALSE,
                      &self->vision.block);
    if (i == config->taps[tap])
      record_tap (self, commands, tap++, features_only);
  }
}

void
fe_detector_record_result (FeclipDetector *self, FeCommands *commands)
{
  const FeVisionConfig *vision = &fe_model_get_network (self->model)->config;

  fe_detector_record_network (self, commands, FALSE);
  if (!self->enlarged || !fe_detector_has_map (self))
    return;
  fe_op_enlarge (commands, self->values, fe_detector_get_map_first (self),
                 vision->grid_size, self->enlarged, vision->image_size);
  fe_op_smooth (commands, self->enlarged, self->smoothing,
                self->smoothing_radius, self->scratch, vision->image_size);
}
