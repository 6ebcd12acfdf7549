/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "api/detector_private.h"

/* One run of the network. */
typedef struct {
  const FeActivations *images;
  const FeNetwork *network;
  guint n;
  FeVisionActivations vision; /* of the first n */
  FeAdapterActivations adapters;
  const FeFewShot *few_shot; /* of one image, or NULL */
  gboolean features_only;
} Run;

gboolean
fe_detector_has_map (const FeclipDetector *self)
{
  return fe_activations_have_prompt_map (self->images) || self->few_shot.bank;
}

guint
fe_detector_get_map_edge (const FeclipDetector *self)
{
  const FeVisionConfig *vision = &fe_model_get_network (self->model)->config;

  if (!fe_detector_has_map (self))
    return 0;
  return self->images->enlarged ? vision->image_size : vision->grid_size;
}

guint
fe_detector_get_map_first (const FeclipDetector *self, guint image)
{
  return fe_activations_have_prompt_map (self->images)
             ? fe_activations_get_map (self->images, image)
             : fe_activations_get_few_shot_map (self->images);
}

/* Records the scores of a tap from its class tokens, after its block and before
 * its adapter. */
static void
record_score (const Run *run, FeCommands *commands, guint tap)
{
  const FeActivations *images = run->images;

  fe_vision_project_class (commands, &run->network->config,
                           &run->network->vision, &run->vision);
  fe_op_similarity (commands,
                    &(FeSimilarity){
                        .z = run->vision.class_features,
                        .text = images->text,
                        .text_of = FE_TEXT_OF_ROWS,
                        .temperature = images->config.temperature,
                        .type = FECLIP_MAP_TYPE_PROBABILITY,
                        .weight = 1,
                        .values = images->values,
                        .first = fe_activations_get_score (images, tap, 0),
                    });
}

/* Records the prompts' share of the maps, after the adapter. */
static void
record_map (const Run *run, FeCommands *commands, guint tap)
{
  const FeActivations *images = run->images;
  const FeNormWeights *ln_post = &run->network->vision.ln_post;

  fe_adapters_project (commands, &run->network->adapters, ln_post->scale,
                       ln_post->shift, &run->vision.block.x, &run->adapters);
  fe_op_similarity (commands, &(FeSimilarity){
                                  .z = run->adapters.features,
                                  .text = images->text,
                                  .text_of = FE_TEXT_OF_IMAGES,
                                  .temperature = images->config.temperature,
                                  .type = images->config.map_type,
                                  .weight = 1.0 / images->config.n_taps,
                                  .accumulate = tap > 0,
                                  .values = images->values,
                                  .first = fe_activations_get_map (images, 0),
                              });
}

/* Records the references' share: by itself for the score, and added to the
 * map. */
static void
record_few_shot (const Run *run, FeCommands *commands, guint tap)
{
  const FeActivations *images = run->images;
  const FeFewShot *few_shot = run->few_shot;

  fe_few_shot_record_features (few_shot, commands, tap, &run->vision.block.x);
  fe_few_shot_record_nearest (few_shot, commands, tap);
  fe_few_shot_record_share (few_shot, commands, tap, tap > 0, images->values,
                            fe_activations_get_few_shot_map (images));
  if (fe_activations_have_prompt_map (images))
    fe_few_shot_record_share (few_shot, commands, tap, TRUE, images->values,
                              fe_activations_get_map (images, 0));
}

/* Records what a tap adds to the results, or its features alone. */
static void
record_tap (const Run *run, FeCommands *commands, guint tap)
{
  const FeActivations *images = run->images;
  const FeMatrix *x = &run->vision.block.x;

  if (!run->features_only)
    record_score (run, commands, tap);
  if (images->network->adapters.n_taps > 0)
    fe_adapter_forward (commands, &images->config.adapter,
                        &run->network->adapters.taps[tap], x, &run->adapters);
  if (run->features_only) {
    fe_few_shot_record_features (run->few_shot, commands, tap, x);
    return;
  }
  if (fe_activations_have_prompt_map (images))
    record_map (run, commands, tap);
  if (run->few_shot && run->few_shot->bank)
    record_few_shot (run, commands, tap);
}

static Run
run_of (const FeActivations *images, guint n, const FeFewShot *few_shot,
        gboolean features_only)
{
  Run run = {
      .images = images,
      .network = images->network,
      .n = n,
      .vision = fe_vision_activations_first (&images->vision, n),
      .few_shot = few_shot,
      .features_only = features_only,
  };

  if (images->network->adapters.n_taps > 0)
    run.adapters = fe_adapter_activations_first (&images->adapters, n);
  return run;
}

/* Blocks after the last tap are skipped: they would change nothing. */
static void
record_network (const Run *run, FeCommands *commands)
{
  const FeConfig *config = &run->images->config;
  const FeNetwork *network = run->network;
  guint tap = 0;

  fe_vision_embed (commands, &network->vision, &run->vision);
  for (guint i = 0; tap < config->n_taps; i++) {
    fe_block_forward (commands, &network->config.transformer,
                      &network->vision.blocks[i], config->activation, FALSE,
                      &run->vision.block);
    if (i == config->taps[tap])
      record_tap (run, commands, tap++);
  }
}

void
fe_detector_record_features (FeclipDetector *self, FeCommands *commands)
{
  const Run run = run_of (self->images, 1, &self->few_shot, TRUE);

  record_network (&run, commands);
}

static void
record_result (const Run *run, FeCommands *commands, const guint *maps)
{
  const FeActivations *images = run->images;
  const FeVisionConfig *vision = &run->network->config;

  record_network (run, commands);
  for (guint i = 0; images->enlarged && maps && i < run->n; i++) {
    FeBuffer *enlarged = images->enlarged[i];

    fe_op_upsample (commands, images->values, maps[i], vision->grid_size,
                    enlarged, vision->image_size);
    fe_op_smooth (commands, enlarged, images->smoothing,
                  images->smoothing_radius, images->scratch,
                  vision->image_size);
  }
}

void
fe_detector_record_result (FeclipDetector *self, FeCommands *commands)
{
  const Run run = run_of (self->images, 1, &self->few_shot, FALSE);
  const guint map = fe_detector_get_map_first (self, 0);

  record_result (&run, commands, fe_detector_has_map (self) ? &map : NULL);
}

void
fe_activations_record_results (const FeActivations *self, guint n,
                               FeCommands *commands)
{
  const Run run = run_of (self, n, NULL, FALSE);
  guint maps[FE_ACTIVATIONS_MAX];

  for (guint i = 0; i < n; i++)
    maps[i] = fe_activations_get_map (self, i);
  record_result (&run, commands,
                 fe_activations_have_prompt_map (self) ? maps : NULL);
}
