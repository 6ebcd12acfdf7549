/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <feclip/detector.h>

#include <math.h>
#include <string.h>

#include "config.h"
#include "join.h"
#include "kernel_time.h"
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
  FeBuffer *values;              /* [n_taps] scores, [G·G] map; read back */
  FeBuffer *enlarged;            /* [S·S] map, read back; with smoothing */
  FeBuffer *scratch;             /* [S·S] */
  FeBuffer *smoothing;           /* [smoothing_radius + 1] */
  guint smoothing_radius;

  FePreprocess *preprocess;

  /* For the frames that came last. */
  FeCommands *commands; /* all, or what lies behind a tile's pixels */
  GPtrArray *tiles;     /* FeCommands for each tile's pixels; NULL: no tiles */
  FeJoin join;
};

G_DEFINE_FINAL_TYPE (FeclipDetector, feclip_detector, G_TYPE_OBJECT)

static void
forget_frames (FeclipDetector *self)
{
  g_clear_pointer (&self->commands, fe_commands_free);
  g_clear_pointer (&self->tiles, g_ptr_array_unref);
  fe_join_clear (&self->join);
}

static void
feclip_detector_finalize (GObject *object)
{
  FeclipDetector *self = FECLIP_DETECTOR (object);

  forget_frames (self);
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

static gboolean
has_map (const FeclipDetector *self)
{
  return feclip_model_has_adapters (self->model);
}

/* Of a map as the network makes it, 0 if it makes none. */
static guint
get_map_edge (const FeclipDetector *self)
{
  const FeVisionConfig *vision = &fe_model_get_network (self->model)->config;

  if (!has_map (self))
    return 0;
  return self->enlarged ? vision->image_size : vision->grid_size;
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
  guint patches = vision->grid_size * vision->grid_size;

  fe_vision_activations_init (&self->vision, self->arena, vision);
  self->values =
      fe_arena_floats (self->arena, "scores and map", FE_BUFFER_READBACK,
                       self->config.n_taps + patches, NULL);
  if (!has_map (self))
    return;
  fe_adapter_activations_init (&self->adapters, self->arena,
                               &self->config.adapter, vision->transformer.width,
                               vision->embedding);
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

/* The adapter, and its share of the map. */
static void
record_adapter (FeclipDetector *self, FeCommands *commands, guint tap)
{
  const FeNetwork *network = fe_model_get_network (self->model);
  const FeNormWeights *ln_post = &network->vision.ln_post;

  fe_adapter_forward (commands, &self->config.adapter,
                      &network->adapters.taps[tap], &self->vision.block.x,
                      &self->adapters);
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

/* Records everything from the patches to the result. Blocks behind the last tap
 * would change nothing. */
static void
record_network (FeclipDetector *self, FeCommands *commands)
{
  const FeNetwork *network = fe_model_get_network (self->model);
  const FeConfig *config = &self->config;
  guint tap = 0;

  fe_vision_embed (commands, &network->vision, &self->vision);
  for (guint i = 0; tap < config->n_taps; i++) {
    fe_block_forward (commands, &network->config.transformer,
                      &network->vision.blocks[i], config->activation, FALSE,
                      &self->vision.block);
    if (i != config->taps[tap])
      continue;
    record_score (self, commands, tap);
    if (has_map (self))
      record_adapter (self, commands, tap);
    tap++;
  }
  if (self->enlarged) {
    fe_op_enlarge (commands, self->values, config->n_taps,
                   network->config.grid_size, self->enlarged,
                   network->config.image_size);
    fe_op_smooth (commands, self->enlarged, self->smoothing,
                  self->smoothing_radius, self->scratch,
                  network->config.image_size);
  }
}

/* Records everything from a tile's pixels to the result. */
static void
record (FeclipDetector *self, FeCommands *commands)
{
  fe_preprocess_record (self->preprocess, commands);
  record_network (self, commands);
}

/* Records what turns each tile's pixels into patches, apart from the network
 * behind it, which is the same for all. */
static gboolean
record_tiles (FeclipDetector *self, guint n, GError **error)
{
  FeDevice *device = fe_model_get_network (self->model)->device;
  g_autoptr (GPtrArray) tiles =
      g_ptr_array_new_with_free_func ((GDestroyNotify)fe_commands_free);

  for (guint i = 0; i < n; i++) {
    FeCommands *commands = fe_commands_new (device, FALSE, error);

    if (!commands)
      return FALSE;
    g_ptr_array_add (tiles, commands);
    fe_preprocess_record_tile (self->preprocess, i, commands);
    if (!fe_commands_end (commands, error))
      return FALSE;
  }
  self->tiles = g_steal_pointer (&tiles);
  return TRUE;
}

/* Has commands for the frames prepared for. */
static gboolean
record_frames (FeclipDetector *self, GError **error)
{
  FeDevice *device = fe_model_get_network (self->model)->device;
  const FeTiles *tiles = fe_preprocess_get_tiles (self->preprocess);
  guint n = tiles->columns * tiles->rows;
  g_autoptr (FeCommands) commands = fe_commands_new (device, FALSE, error);

  forget_frames (self);
  if (!commands || (n > 1 && !record_tiles (self, n, error)))
    return FALSE;
  if (n > 1)
    record_network (self, commands);
  else
    record (self, commands);
  if (!fe_commands_end (commands, error))
    return FALSE;
  fe_join_init (&self->join, self->preprocess, get_map_edge (self));
  self->commands = g_steal_pointer (&commands);
  return TRUE;
}

/* Uploads a frame and has commands that fit it. */
static gboolean
prepare (FeclipDetector *self, const FeclipFrame *frame, GError **error)
{
  gboolean changed = FALSE;

  if (!fe_preprocess_prepare (self->preprocess, frame, &changed, error))
    return FALSE;
  if ((changed || !self->commands) && !record_frames (self, error))
    return FALSE;
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
    ok = fe_buffer_read (self->values, self->config.n_taps * sizeof (float),
                         upright, size, error);
  if (ok)
    fe_preprocess_unturn_map (self->preprocess, upright, edge, map);
  return ok;
}

static FeclipResult *
read_result (FeclipDetector *self, guint tile, GError **error)
{
  guint edge = get_map_edge (self);
  guint n_taps = self->config.n_taps;
  g_autofree float *scores = g_new (float, n_taps);
  g_autofree double *tap_scores = g_new (double, n_taps);
  g_autofree float *map = NULL;
  FeclipResult result = {
      .n_taps = n_taps,
      .tap_scores = tap_scores,
      .map_type = self->config.map_type,
  };

  if (!fe_buffer_read (self->values, 0, scores, n_taps * sizeof (float), error))
    return NULL;
  for (guint i = 0; i < n_taps; i++) {
    tap_scores[i] = scores[i];
    result.score += tap_scores[i] / n_taps;
  }
  fe_preprocess_get_tile_region (self->preprocess, tile, &result.x, &result.y,
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

/* The result of a tile of which nothing counts. */
static FeclipResult *
make_hidden_result (FeclipDetector *self, guint tile)
{
  guint edge = get_map_edge (self), n_taps = self->config.n_taps;
  g_autofree double *tap_scores = g_new0 (double, n_taps);
  g_autofree float *map = g_new (float, (gsize)edge *edge);
  FeclipResult result = {
      .n_taps = n_taps,
      .tap_scores = tap_scores,
      .map_type = self->config.map_type,
      .map_width = edge,
      .map_height = edge,
      .map = edge ? map : NULL,
  };

  for (gsize i = 0; i < (gsize)edge * edge; i++)
    map[i] = fe_map_type_get_floor (result.map_type);
  fe_preprocess_get_tile_region (self->preprocess, tile, &result.x, &result.y,
                                 &result.width, &result.height);
  return feclip_result_new (&result);
}

/* Runs the network on one tile of the uploaded frame. */
static FeclipResult *
analyse_tile (FeclipDetector *self, guint tile, GError **error)
{
  FeCommands *first =
      self->tiles ? g_ptr_array_index (self->tiles, tile) : NULL;

  if (self->join.hidden[tile])
    return make_hidden_result (self, tile);
  if (!fe_commands_run_after (self->commands, first, error))
    return NULL;
  return read_result (self, tile, error);
}

static FeclipResult *
analyse_tiles (FeclipDetector *self, GError **error)
{
  g_autoptr (GPtrArray) results =
      g_ptr_array_new_with_free_func ((GDestroyNotify)feclip_result_unref);

  for (guint i = 0; i < self->join.columns * self->join.rows; i++) {
    FeclipResult *result = analyse_tile (self, i, error);

    if (!result)
      return NULL;
    g_ptr_array_add (results, result);
  }
  return fe_join_run (&self->join, (FeclipResult *const *)results->pdata);
}

static FeclipResult *
analyse_picture (FeclipDetector *self, const FeclipFrame *frame, GError **error)
{
  if (!prepare (self, frame, error))
    return NULL;
  return fe_join_is_needed (&self->join) ? analyse_tiles (self, error)
                                         : analyse_tile (self, 0, error);
}

FeclipResult *
feclip_detector_analyse (FeclipDetector *self, const FeclipFrame *frame,
                         GError **error)
{
  g_return_val_if_fail (FECLIP_IS_DETECTOR (self), NULL);
  g_return_val_if_fail (frame != NULL, NULL);

  fe_preprocess_set_view (self->preprocess, &(FePart){0}, 0, 0);
  return analyse_picture (self, frame, error);
}

/* Turns shares of a part into shares of the frame it was cut from. */
static FeclipResult *
place_result (const FeclipResult *result, const FePart *part,
              const FeclipFrame *frame)
{
  FeclipResult placed = *result;

  placed.x = (part->x + result->x * part->width) / frame->width;
  placed.y = (part->y + result->y * part->height) / frame->height;
  placed.width = result->width * part->width / frame->width;
  placed.height = result->height * part->height / frame->height;
  return feclip_result_new (&placed);
}

FeclipResult *
feclip_detector_analyse_part (FeclipDetector *self, const FeclipFrame *frame,
                              guint x, guint y, guint width, guint height,
                              GError **error)
{
  FePart part = {x, y, width, height};
  g_autoptr (FeclipResult) result = NULL;
  FeclipFrame cropped;

  g_return_val_if_fail (FECLIP_IS_DETECTOR (self), NULL);
  g_return_val_if_fail (frame != NULL, NULL);

  if (!fe_frame_check (frame, error))
    return NULL;
  if (width == 0 || height == 0 || x >= frame->width || y >= frame->height
      || width > frame->width - x || height > frame->height - y) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "a part of %u×%u pixels at %u,%u does not lie in a frame of "
                 "%u×%u pixels",
                 width, height, x, y, frame->width, frame->height);
    return NULL;
  }
  fe_frame_crop (frame, &part, &cropped);
  fe_preprocess_set_view (self->preprocess, &part, frame->width, frame->height);
  result = analyse_picture (self, &cropped, error);
  return result ? place_result (result, &part, frame) : NULL;
}

static FePolygons *
read_regions (const FeclipSettings *settings, GError **error)
{
  return fe_polygons_new (settings->include_regions, settings->ignore_regions,
                          settings->regions_file, error);
}

/* Takes the polygons over. */
static void
set_regions (FeclipDetector *self, FePolygons *polygons)
{
  if (fe_polygons_is_empty (polygons))
    g_clear_pointer (&polygons, fe_polygons_free);
  fe_preprocess_take_polygons (self->preprocess, polygons);
}

gboolean
feclip_detector_update_regions (FeclipDetector *self, FeclipSettings *settings,
                                GError **error)
{
  FePolygons *polygons;

  g_return_val_if_fail (FECLIP_IS_DETECTOR (self), FALSE);
  g_return_val_if_fail (FECLIP_IS_SETTINGS (settings), FALSE);

  polygons = read_regions (settings, error);
  if (polygons)
    set_regions (self, polygons);
  return polygons != NULL;
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
  g_autoptr (FePolygons) polygons = NULL;
  const FeNetwork *network;
  FeMatrix patches;

  g_return_val_if_fail (FECLIP_IS_MODEL (model), NULL);
  g_return_val_if_fail (FECLIP_IS_SETTINGS (settings), NULL);

  network = fe_model_get_network (model);
  self = g_object_new (FECLIP_TYPE_DETECTOR, NULL);
  self->model = g_object_ref (model);
  self->arena = fe_arena_new (network->device);
  if (!fe_config_resolve (&self->config, settings, network, error)
      || !(polygons = read_regions (settings, error))
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
  fe_preprocess_set_tiling (self->preprocess, &self->config.tiling);
  if (!warm_up (self, error))
    return NULL;
  set_regions (self, g_steal_pointer (&polygons));
  return g_steal_pointer (&self);
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
