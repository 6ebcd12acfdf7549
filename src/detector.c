/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <feclip/detector.h>

#include <math.h>
#include <string.h>

#include "config.h"
#include "few_shot.h"
#include "kernel_times.h"
#include "model.h"
#include "preprocess.h"
#include "settings.h"

/* A Gaussian beyond four standard deviations is below 4e-4 of its peak. */
#define SMOOTHING_REACH 4

struct _FeclipDetector {
  GObject parent;

  FeclipModel *model;
  FeConfig config;

  FeArena *arena;
  FeVisionActivations vision;
  FeAdapterActivations adapters; /* empty without adapters */
  FeBuffer *text;                /* [2][padded E], normalised */
  FeBuffer *values;              /* [n_taps] scores, [G·G] map, [G·G] M_few;
                                  * read back */
  FeBuffer *enlarged;            /* [S·S] map, read back; with smoothing */
  FeBuffer *scratch;             /* [S·S] */
  FeBuffer *smoothing;           /* [smoothing_radius + 1] */
  guint smoothing_radius;
  FeFewShot few_shot;

  FePreprocess *preprocess;
  FeCommands *commands; /* recorded for the frames that came last */
};

G_DEFINE_FINAL_TYPE (FeclipDetector, feclip_detector, G_TYPE_OBJECT)

static void
feclip_detector_finalize (GObject *object)
{
  FeclipDetector *self = FECLIP_DETECTOR (object);

  fe_commands_free (self->commands);
  fe_few_shot_clear (&self->few_shot);
  fe_preprocess_free (self->preprocess);
  fe_arena_free (self->arena);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (feclip_detector_parent_class)->finalize (object);
}

static void
feclip_detector_class_init (FeclipDetectorClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = feclip_detector_finalize;
}

static void
feclip_detector_init (FeclipDetector *self)
{
}

static guint
count_patches (const FeclipDetector *self)
{
  guint grid = fe_model_get_network (self->model)->config.grid_size;

  return grid * grid;
}

/* Whether the prompts make a map, or a share of one. */
static gboolean
has_prompt_map (const FeclipDetector *self)
{
  return feclip_model_has_adapters (self->model)
         && self->config.map_type != FECLIP_MAP_TYPE_FEW_SHOT;
}

static gboolean
has_map (const FeclipDetector *self)
{
  return has_prompt_map (self) || self->few_shot.bank;
}

/* Where the map that is shown begins among the values. */
static guint
map_first (const FeclipDetector *self)
{
  return self->config.n_taps
         + (has_prompt_map (self) ? 0 : count_patches (self));
}

/* Uploads the prompts' features, each row padded as matrices are. */
static gboolean
prepare_text (FeclipDetector *self, const FeclipSettings *settings,
              GError **error)
{
  guint e = fe_model_get_network (self->model)->config.embedding;
  guint padded = fe_padded_columns (e);
  g_autofree float *features = g_new (float, 2 * (gsize)e);
  g_autofree float *rows = g_new0 (float, 2 * (gsize)padded);

  if (!fe_model_encode_prompts (self->model, settings->normal_prompt,
                                settings->anomaly_prompt,
                                self->config.activation, features, error))
    return FALSE;
  memcpy (rows, features, e * sizeof (float));
  memcpy (rows + padded, features + e, e * sizeof (float));
  self->text = fe_arena_floats (self->arena, "text features", FE_BUFFER_DEVICE,
                                2 * padded, rows);
  return TRUE;
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

static void
prepare_activations (FeclipDetector *self)
{
  const FeVisionConfig *vision = &fe_model_get_network (self->model)->config;

  fe_vision_activations_init (&self->vision, self->arena, vision);
  self->values =
      fe_arena_floats (self->arena, "scores and maps", FE_BUFFER_READBACK,
                       self->config.n_taps + 2 * count_patches (self), NULL);
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
                            n_taps + count_patches (self));
  if (has_prompt_map (self))
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
  if (has_prompt_map (self))
    record_map (self, commands, tap);
  if (self->few_shot.bank)
    record_few_shot (self, commands, tap);
}

/* Records everything from the frame's pixels to the last tap. Blocks behind it
 * would change nothing. */
static void
record_network (FeclipDetector *self, FeCommands *commands,
                gboolean features_only)
{
  const FeNetwork *network = fe_model_get_network (self->model);
  const FeConfig *config = &self->config;
  guint tap = 0;

  fe_preprocess_record (self->preprocess, commands);
  fe_vision_embed (commands, &network->vision, &self->vision);
  for (guint i = 0; tap < config->n_taps; i++) {
    fe_block_forward (commands, &network->config.transformer,
                      &network->vision.blocks[i], config->activation, FALSE,
                      &self->vision.block);
    if (i == config->taps[tap])
      record_tap (self, commands, tap++, features_only);
  }
}

/* Records everything from the frame's pixels to the result. */
static void
record (FeclipDetector *self, FeCommands *commands)
{
  const FeVisionConfig *vision = &fe_model_get_network (self->model)->config;

  record_network (self, commands, FALSE);
  if (!self->enlarged || !has_map (self))
    return;
  fe_op_enlarge (commands, self->values, map_first (self), vision->grid_size,
                 self->enlarged, vision->image_size);
  fe_op_smooth (commands, self->enlarged, self->smoothing,
                self->smoothing_radius, self->scratch, vision->image_size);
}

/* Takes the references that there are now. */
static gboolean
take_references (FeclipDetector *self, GError **error)
{
  FeFewShot *few_shot = &self->few_shot;
  FeBank *bank = NULL;

  if (few_shot->references
      && !fe_references_get_bank (few_shot->references, &bank, error))
    return FALSE;
  if (bank == few_shot->bank) {
    fe_bank_unref (bank);
    return TRUE;
  }
  g_clear_pointer (&self->commands, fe_commands_free);
  return fe_few_shot_take (few_shot, fe_detector_get_device (self), bank,
                           error);
}

/* Uploads a frame and has commands that fit it. */
static gboolean
prepare (FeclipDetector *self, const FeclipFrame *frame, GError **error)
{
  FeDevice *device = fe_model_get_network (self->model)->device;
  g_autoptr (FeCommands) commands = NULL;
  gboolean changed = FALSE;

  if (!take_references (self, error)
      || !fe_preprocess_prepare (self->preprocess, frame, &changed, error))
    return FALSE;
  if (changed || !self->commands) {
    g_clear_pointer (&self->commands, fe_commands_free);
    commands = fe_commands_new (device, FALSE, error);
    if (!commands)
      return FALSE;
    record (self, commands);
    if (!fe_commands_end (commands, error))
      return FALSE;
    self->commands = g_steal_pointer (&commands);
  }
  return fe_preprocess_upload (self->preprocess, frame, error);
}

/* Reads the map as the frame is stored. */
static gboolean
read_map (FeclipDetector *self, float *map, guint edge, GError **error)
{
  gsize size = (gsize)edge * edge * sizeof (float);
  g_autofree float *upright = g_malloc (size);
  gboolean ok;

  if (self->enlarged)
    ok = fe_buffer_read (self->enlarged, 0, upright, size, error);
  else
    ok = fe_buffer_read (self->values, map_first (self) * sizeof (float),
                         upright, size, error);
  if (ok)
    fe_preprocess_unturn_map (self->preprocess, upright, edge, map);
  return ok;
}

/* What the references make of the prompts' score. */
static gboolean
read_few_shot_score (FeclipDetector *self, double *score, GError **error)
{
  guint patches = count_patches (self);
  gsize size = patches * sizeof (float);
  g_autofree float *map = g_malloc (size);

  if (!fe_buffer_read (self->values,
                       (self->config.n_taps + patches) * sizeof (float), map,
                       size, error))
    return FALSE;
  *score =
      fe_few_shot_score (self->config.reference_score, *score, map, patches);
  return TRUE;
}

/* A sum with a margin is on the margin's scale, as it is larger. */
static FeclipMapType
get_map_type (const FeclipDetector *self)
{
  gboolean margin = self->config.map_type == FECLIP_MAP_TYPE_MARGIN;

  if (self->few_shot.bank && !(margin && has_prompt_map (self)))
    return FECLIP_MAP_TYPE_FEW_SHOT;
  return self->config.map_type;
}

static FeclipResult *
read_result (FeclipDetector *self, GError **error)
{
  const FeVisionConfig *vision = &fe_model_get_network (self->model)->config;
  guint edge = self->enlarged ? vision->image_size : vision->grid_size;
  guint n_taps = self->config.n_taps;
  g_autofree float *scores = g_new (float, n_taps);
  g_autofree double *tap_scores = g_new (double, n_taps);
  g_autofree float *map = NULL;
  FeclipResult result = {
      .n_taps = n_taps,
      .tap_scores = tap_scores,
      .map_type = get_map_type (self),
      .n_references = self->few_shot.bank ? self->few_shot.bank->pictures : 0,
  };

  if (!fe_buffer_read (self->values, 0, scores, n_taps * sizeof (float), error))
    return NULL;
  for (guint i = 0; i < n_taps; i++) {
    tap_scores[i] = scores[i];
    result.score += tap_scores[i] / n_taps;
  }
  if (self->few_shot.bank && !read_few_shot_score (self, &result.score, error))
    return NULL;
  fe_preprocess_get_region (self->preprocess, &result.x, &result.y,
                            &result.width, &result.height);
  if (has_map (self)) {
    map = g_new (float, (gsize)edge *edge);
    if (!read_map (self, map, edge, error))
      return NULL;
    result.map_width = result.map_height = edge;
    result.map = map;
  }
  return feclip_result_new (&result);
}

FeclipResult *
feclip_detector_analyse (FeclipDetector *self, const FeclipFrame *frame,
                         GError **error)
{
  g_return_val_if_fail (FECLIP_IS_DETECTOR (self), NULL);
  g_return_val_if_fail (frame != NULL, NULL);

  if (!prepare (self, frame, error) || !fe_commands_run (self->commands, error))
    return NULL;
  return read_result (self, error);
}

static gboolean
run_features (FeclipDetector *self, const FeclipFrame *frame, GError **error)
{
  g_autoptr (FeCommands) commands = NULL;
  gboolean changed = FALSE;

  if (!fe_preprocess_prepare (self->preprocess, frame, &changed, error))
    return FALSE;
  if (changed)
    g_clear_pointer (&self->commands, fe_commands_free);
  commands = fe_commands_new (fe_detector_get_device (self), FALSE, error);
  if (!commands)
    return FALSE;
  record_network (self, commands, TRUE);
  return fe_commands_end (commands, error)
         && fe_preprocess_upload (self->preprocess, frame, error)
         && fe_commands_run (commands, error);
}

static gboolean
prepare_few_shot (FeclipDetector *self, GError **error)
{
  const FeVisionConfig *vision = &fe_model_get_network (self->model)->config;

  return fe_few_shot_prepare (&self->few_shot, fe_detector_get_device (self),
                              self->config.n_taps, count_patches (self),
                              vision->transformer.width, error);
}

gboolean
fe_detector_get_features (FeclipDetector *self, const FeclipFrame *frame,
                          float *const *features, GError **error)
{
  if (!prepare_few_shot (self, error) || !run_features (self, frame, error))
    return FALSE;
  for (guint i = 0; i < self->config.n_taps; i++) {
    if (!fe_matrix_read (&self->few_shot.features[i], 0, 0,
                         count_patches (self), features[i], error))
      return FALSE;
  }
  return TRUE;
}

gboolean
fe_detector_get_origin (FeclipDetector *self, FeReferencesOrigin *origin,
                        GError **error)
{
  return fe_references_origin_init (origin, &self->config,
                                    fe_model_get_network (self->model), error);
}

FeDevice *
fe_detector_get_device (FeclipDetector *self)
{
  return fe_model_get_network (self->model)->device;
}

gboolean
feclip_detector_set_references (FeclipDetector *self,
                                FeclipReferences *references, GError **error)
{
  FeReferencesOrigin origin = {0};
  gboolean ok;

  g_return_val_if_fail (FECLIP_IS_DETECTOR (self), FALSE);
  g_return_val_if_fail (!references || FECLIP_IS_REFERENCES (references),
                        FALSE);

  ok = fe_detector_get_origin (self, &origin, error)
       && (!references
           || fe_references_origin_check (fe_references_get_origin (references),
                                          &origin, "the references are", error))
       && prepare_few_shot (self, error);
  fe_references_origin_clear (&origin);
  if (ok)
    g_set_object (&self->few_shot.references, references);
  return ok;
}

/* Runs what turns a frame into patches, without the network behind it. */
static gboolean
warm_up_preprocessing (FeclipDetector *self, const FeclipFrame *frame,
                       GError **error)
{
  g_autoptr (FeCommands) commands = NULL;

  if (!prepare (self, frame, error))
    return FALSE;
  commands = fe_commands_new (fe_model_get_network (self->model)->device, FALSE,
                              error);
  if (!commands)
    return FALSE;
  fe_preprocess_record (self->preprocess, commands);
  return fe_commands_end (commands, error) && fe_commands_run (commands, error);
}

/* Runs every pipeline once, on grey pixels: some drivers compile as late as
 * that. Subsampled formats have a kernel of their own. */
static gboolean
warm_up (FeclipDetector *self, GError **error)
{
  static const guint8 gray = 128;
  const FeclipFrame plain = {
      .format = FECLIP_PIXEL_FORMAT_GRAY8,
      .width = 1,
      .height = 1,
      .planes = {&gray},
      .strides = {1},
  };
  const FeclipFrame subsampled = {
      .format = FECLIP_PIXEL_FORMAT_I420,
      .width = 1,
      .height = 1,
      .planes = {&gray, &gray, &gray},
      .strides = {1, 1, 1},
  };
  g_autoptr (FeclipResult) result = NULL;

  if (!warm_up_preprocessing (self, &subsampled, error))
    return FALSE;
  result = feclip_detector_analyse (self, &plain, error);
  return result != NULL;
}

FeclipDetector *
feclip_detector_new (FeclipModel *model, FeclipSettings *settings,
                     GError **error)
{
  g_autoptr (FeclipDetector) self = NULL;
  const FeNetwork *network;
  FeMatrix patches;

  g_return_val_if_fail (FECLIP_IS_MODEL (model), NULL);
  g_return_val_if_fail (FECLIP_IS_SETTINGS (settings), NULL);

  network = fe_model_get_network (model);
  self = g_object_new (FECLIP_TYPE_DETECTOR, NULL);
  self->model = g_object_ref (model);
  self->arena = fe_arena_new (network->device);
  if (!fe_config_resolve (&self->config, settings, network, error)
      || !prepare_text (self, settings, error))
    return NULL;
  prepare_activations (self);
  if (!fe_arena_check (self->arena, error))
    return NULL;
  patches = self->vision.patches;
  patches.rows--; /* without the class token */
  self->preprocess = fe_preprocess_new (
      network->device, network->config.image_size, network->config.patch_size,
      self->config.fit, &patches);
  return warm_up (self, error) ? g_steal_pointer (&self) : NULL;
}

GPtrArray *
feclip_detector_profile (FeclipDetector *self, const FeclipFrame *frame,
                         GError **error)
{
  g_autoptr (FeCommands) commands = NULL;

  g_return_val_if_fail (FECLIP_IS_DETECTOR (self), NULL);
  g_return_val_if_fail (frame != NULL, NULL);

  if (!prepare (self, frame, error))
    return NULL;
  commands =
      fe_commands_new (fe_model_get_network (self->model)->device, TRUE, error);
  if (!commands)
    return NULL;
  record (self, commands);
  if (!fe_commands_end (commands, error) || !fe_commands_run (commands, error))
    return NULL;
  return fe_kernel_times_new (commands, error);
}
