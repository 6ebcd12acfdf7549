/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <feclip/detector.h>
#include <string.h>

#include "api/detector_private.h"
#include "base/settings.h"
#include "base/stopwatch.h"
#include "image/polygons.h"
#include "result/map_type.h"

G_DEFINE_FINAL_TYPE (FeclipDetector, feclip_detector, G_TYPE_OBJECT)

void
fe_detector_forget_frames (FeclipDetector *self)
{
  g_clear_pointer (&self->commands, fe_commands_free);
  g_clear_pointer (&self->tiles, g_ptr_array_unref);
  g_clear_pointer (&self->places, g_ptr_array_unref);
  fe_tile_merge_clear (&self->merge);
}

static void
feclip_detector_finalize (GObject *object)
{
  FeclipDetector *self = FECLIP_DETECTOR (object);

  fe_detector_forget_frames (self);
  fe_few_shot_clear (&self->few_shot);
  fe_preprocess_free (self->preprocess);
  fe_activations_unref (self->images);
  g_free (self->text);
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

FeDevice *
fe_detector_get_device (const FeclipDetector *self)
{
  return fe_model_get_network (self->model)->device;
}

/* Updates the bank to the references that there are now. */
static gboolean
take_references (FeclipDetector *self, GError **error)
{
  FeFewShot *few_shot = &self->few_shot;
  FeReferenceBank *bank = NULL;

  if (few_shot->references
      && !fe_references_get_bank (few_shot->references, &bank, error))
    return FALSE;
  if (bank == few_shot->bank) {
    fe_reference_bank_unref (bank);
    return TRUE;
  }
  fe_detector_forget_frames (self);
  return fe_few_shot_take (few_shot, fe_detector_get_device (self), bank,
                           error);
}

/* Records everything from a tile's pixels to the result. */
static void
record (FeclipDetector *self, FeCommands *commands)
{
  fe_preprocess_record (self->preprocess, commands);
  fe_detector_record_result (self, commands);
}

/* Records what turns each tile's pixels into patches, apart from the network
 * behind it, which is the same for all. */
static gboolean
record_tiles (FeclipDetector *self, guint n, GError **error)
{
  FeDevice *device = fe_detector_get_device (self);
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

/* Records the commands for the prepared frame. */
static gboolean
record_frames (FeclipDetector *self, GError **error)
{
  FeDevice *device = fe_detector_get_device (self);
  guint n = self->merge.columns * self->merge.rows;
  g_autoptr (FeCommands) commands = fe_commands_new (device, FALSE, error);

  if (!commands || (n > 1 && !record_tiles (self, n, error)))
    return FALSE;
  if (n > 1)
    fe_detector_record_result (self, commands);
  else
    record (self, commands);
  if (!fe_commands_end (commands, error))
    return FALSE;
  self->commands = g_steal_pointer (&commands);
  return TRUE;
}

gboolean
fe_detector_take_frame (FeclipDetector *self, const FeclipFrame *frame,
                        GError **error)
{
  gboolean changed = FALSE;

  if (!take_references (self, error)
      || !fe_preprocess_prepare (self->preprocess, frame, &changed, error))
    return FALSE;
  if (changed || !self->merge.ignored_tiles) {
    fe_detector_forget_frames (self);
    fe_tile_merge_init (&self->merge, self->preprocess,
                        fe_detector_get_map_edge (self));
  }
  return fe_preprocess_upload (self->preprocess, frame, error);
}

/* Reads the map as the frame is stored. */
static gboolean
read_map (FeclipDetector *self, guint image, float *map, guint edge,
          GError **error)
{
  const FeActivations *images = self->images;
  gsize size = (gsize)edge * edge * sizeof (float);
  g_autofree float *upright = g_malloc (size);
  gboolean ok;

  if (images->enlarged)
    ok = fe_buffer_read (images->enlarged[image], 0, upright, size, error);
  else
    ok = fe_buffer_read (images->values,
                         fe_detector_get_map_first (self, image)
                             * sizeof (float),
                         upright, size, error);
  if (ok)
    fe_preprocess_map_to_stored (self->preprocess, upright, edge, map);
  return ok;
}

/* Changes the prompts' score to that with references. */
static gboolean
read_few_shot_score (FeclipDetector *self, double *score, GError **error)
{
  const FeActivations *images = self->images;
  guint patches = fe_activations_count_patches (images);
  gsize size = patches * sizeof (float);
  g_autofree float *map = g_malloc (size);

  if (!fe_buffer_read (images->values,
                       fe_activations_get_few_shot_map (images)
                           * sizeof (float),
                       map, size, error))
    return FALSE;
  *score =
      fe_few_shot_score (self->config.reference_score, *score, map, patches);
  return TRUE;
}

/* The sum of a margin and a distance is on the scale of the margin, which is
 * larger. */
static FeclipMapType
get_map_type (const FeclipDetector *self)
{
  gboolean margin = self->config.map_type == FECLIP_MAP_TYPE_MARGIN;

  if (self->few_shot.bank
      && !(margin && fe_activations_have_prompt_map (self->images)))
    return FECLIP_MAP_TYPE_FEW_SHOT;
  return self->config.map_type;
}

/* Reads the scores of an image's taps, and adds their mean to *score. */
static gboolean
read_scores (FeclipDetector *self, guint image, double *tap_scores,
             double *score, GError **error)
{
  const FeActivations *images = self->images;
  guint n_taps = self->config.n_taps;

  for (guint i = 0; i < n_taps; i++) {
    gsize at = fe_activations_get_score (images, i, image) * sizeof (float);
    float value;

    if (!fe_buffer_read (images->values, at, &value, sizeof value, error))
      return FALSE;
    tap_scores[i] = value;
    *score += tap_scores[i] / n_taps;
  }
  return TRUE;
}

static FeclipResult *
read_result (FeclipDetector *self, guint image, guint tile, GError **error)
{
  guint edge = fe_detector_get_map_edge (self);
  guint n_taps = self->config.n_taps;
  g_autofree double *tap_scores = g_new (double, n_taps);
  g_autofree float *map = NULL;
  FeclipResult result = {
      .n_taps = n_taps,
      .tap_scores = tap_scores,
      .map_type = get_map_type (self),
      .n_references = self->few_shot.bank ? self->few_shot.bank->images : 0,
  };

  if (!read_scores (self, image, tap_scores, &result.score, error))
    return NULL;
  if (self->few_shot.bank && !read_few_shot_score (self, &result.score, error))
    return NULL;
  fe_preprocess_get_tile_region (self->preprocess, tile, &result.x, &result.y,
                                 &result.width, &result.height);
  if (fe_detector_has_map (self)) {
    map = g_new (float, (gsize)edge *edge);
    if (!read_map (self, image, map, edge, error))
      return NULL;
    result.map_width = result.map_height = edge;
    result.map = map;
  }
  return feclip_result_new (&result);
}

/* Makes the result of a tile that is ignored as a whole. */
static FeclipResult *
make_ignored_result (FeclipDetector *self, guint tile)
{
  guint edge = fe_detector_get_map_edge (self), n_taps = self->config.n_taps;
  g_autofree double *tap_scores = g_new0 (double, n_taps);
  g_autofree float *map = g_new (float, (gsize)edge *edge);
  FeclipResult result = {
      .n_taps = n_taps,
      .tap_scores = tap_scores,
      .map_type = get_map_type (self),
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
  FeclipResult *result;

  if (self->merge.ignored_tiles[tile])
    return make_ignored_result (self, tile);
  if (!fe_commands_run_after (self->commands, first, error))
    return NULL;
  fe_stopwatch_lap (&self->watch, &self->times.network);
  result = read_result (self, 0, tile, error);
  fe_stopwatch_lap (&self->watch, &self->times.result);
  return result;
}

static FeclipResult *
analyse_tiles (FeclipDetector *self, GError **error)
{
  g_autoptr (GPtrArray) results =
      g_ptr_array_new_with_free_func ((GDestroyNotify)feclip_result_unref);

  for (guint i = 0; i < self->merge.columns * self->merge.rows; i++) {
    FeclipResult *result = analyse_tile (self, i, error);

    if (!result)
      return NULL;
    g_ptr_array_add (results, result);
  }
  return fe_tile_merge_run (&self->merge,
                            (FeclipResult *const *)results->pdata);
}

gboolean
fe_detector_is_plain (const FeclipDetector *self)
{
  return self->merge.columns * self->merge.rows == 1
         && !self->merge.ignored_tiles[0] && !self->few_shot.bank;
}

FeclipResult *
fe_detector_run (FeclipDetector *self, GError **error)
{
  FeclipResult *result;

  if (!fe_activations_set_text (self->images, 0, self->text, error)
      || (!self->commands && !record_frames (self, error)))
    return NULL;
  fe_stopwatch_lap (&self->watch, &self->times.upload);
  result = fe_tile_merge_is_needed (&self->merge)
               ? analyse_tiles (self, error)
               : analyse_tile (self, 0, error);
  fe_stopwatch_lap (&self->watch, &self->times.result);
  return result;
}

static FeclipResult *
analyse_image (FeclipDetector *self, const FeclipFrame *frame, GError **error)
{
  g_autoptr (GMutexLocker) locker = NULL;

  fe_stopwatch_start (&self->watch);
  locker = g_mutex_locker_new (&self->images->lock);
  /* Waiting for a batch that ran counts as time of the network. */
  fe_stopwatch_lap (&self->watch, &self->times.network);
  return fe_detector_take_frame (self, frame, error)
             ? fe_detector_run (self, error)
             : NULL;
}

/* Analysis as one item of a batch */

FeCommands *
fe_detector_place (FeclipDetector *self, guint image, GError **error)
{
  FeMatrix patches = fe_activations_get_patches (self->images, image);
  g_autoptr (FeCommands) commands = NULL;

  if (!fe_activations_set_text (self->images, image, self->text, error))
    return NULL;
  if (!self->places) {
    self->places =
        g_ptr_array_new_with_free_func ((GDestroyNotify)fe_commands_free);
    g_ptr_array_set_size (self->places, self->images->capacity);
  }
  if (self->places->pdata[image])
    return self->places->pdata[image];
  commands = fe_commands_new (fe_detector_get_device (self), FALSE, error);
  if (!commands)
    return NULL;
  fe_preprocess_record_to (self->preprocess, &patches, commands);
  if (!fe_commands_end (commands, error))
    return NULL;
  return self->places->pdata[image] = g_steal_pointer (&commands);
}

FeclipResult *
fe_detector_read_place (FeclipDetector *self, guint image, GError **error)
{
  FeclipResult *result = read_result (self, image, 0, error);

  if (result && fe_tile_merge_is_needed (&self->merge)) {
    g_autoptr (FeclipResult) seen = result;

    return fe_tile_merge_run (&self->merge, (FeclipResult *const[]){seen});
  }
  return result;
}

FeclipResult *
feclip_detector_analyse (FeclipDetector *self, const FeclipFrame *frame,
                         GError **error)
{
  g_return_val_if_fail (FECLIP_IS_DETECTOR (self), NULL);
  g_return_val_if_fail (frame != NULL, NULL);

  fe_preprocess_set_view (self->preprocess, &(FeRect){0}, 0, 0);
  return analyse_image (self, frame, error);
}

/* Converts a result from shares of a part to shares of the frame that contains
 * it. */
static FeclipResult *
place_result (const FeclipResult *result, const FeRect *part,
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
  FeRect part = {x, y, width, height};
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
  result = analyse_image (self, &cropped, error);
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

/* Numbers in self->text: a row for each side, padded as matrices are. */
static guint
count_text (const FeclipDetector *self)
{
  return 2
         * fe_padded_columns (
             fe_model_get_network (self->model)->config.embedding);
}

/* Returns: what self->text is to hold; free it */
static float *
encode_text (const FeclipDetector *self, const FeclipSettings *settings,
             gboolean whole, GError **error)
{
  guint e = fe_model_get_network (self->model)->config.embedding;
  guint n = count_text (self);
  g_autofree float *features = g_new (float, 2 * (gsize)e);
  float *rows;

  if (!fe_model_encode_prompts (self->model, settings, self->config.activation,
                                whole, features, error))
    return NULL;
  rows = g_new0 (float, n);
  memcpy (rows, features, e * sizeof (float));
  memcpy (rows + n / 2, features + e, e * sizeof (float));
  return rows;
}

gboolean
feclip_detector_update_prompts (FeclipDetector *self, FeclipSettings *settings,
                                GError **error)
{
  float *text;

  g_return_val_if_fail (FECLIP_IS_DETECTOR (self), FALSE);
  g_return_val_if_fail (FECLIP_IS_SETTINGS (settings), FALSE);

  text = encode_text (self, settings, TRUE, error);
  if (!text)
    return FALSE;
  g_free (self->text);
  self->text = text;
  return TRUE;
}

/* Runs what turns a frame into patches, without the network behind it. */
static gboolean
warm_up_preprocessing (FeclipDetector *self, const FeclipFrame *frame,
                       GError **error)
{
  g_autoptr (FeCommands) commands = NULL;

  if (!fe_detector_take_frame (self, frame, error))
    return FALSE;
  commands = fe_commands_new (fe_detector_get_device (self), FALSE, error);
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
fe_detector_new (FeclipModel *model, FeclipSettings *settings,
                 FeActivations *images, GError **error)
{
  g_autoptr (FeclipDetector) self = g_object_new (FECLIP_TYPE_DETECTOR, NULL);
  FeNetwork *network = fe_model_get_network (model);
  g_autoptr (FePolygons) polygons = NULL;
  FeMatrix patches;

  self->model = g_object_ref (model);
  if (!fe_config_resolve (&self->config, settings, network, error)
      || !(polygons = read_regions (settings, error))
      || !(self->text = encode_text (self, settings, FALSE, error)))
    return NULL;
  self->in_batch = images != NULL;
  self->images = images ? fe_activations_ref (images)
                        : fe_activations_new (network, &self->config, 1, error);
  if (!self->images)
    return NULL;
  patches = fe_activations_get_patches (self->images, 0);
  self->preprocess = fe_preprocess_new (
      network->device, network->config.image_size, network->config.patch_size,
      self->config.fit, &patches);
  fe_preprocess_set_tiling (self->preprocess, &self->config.tiling);
  if (!warm_up (self, error))
    return NULL;
  set_regions (self, g_steal_pointer (&polygons));
  return g_steal_pointer (&self);
}

FeclipDetector *
feclip_detector_new (FeclipModel *model, FeclipSettings *settings,
                     GError **error)
{
  g_return_val_if_fail (FECLIP_IS_MODEL (model), NULL);
  g_return_val_if_fail (FECLIP_IS_SETTINGS (settings), NULL);

  return fe_detector_new (model, settings, NULL, error);
}

FeclipModel *
feclip_detector_get_model (FeclipDetector *self)
{
  g_return_val_if_fail (FECLIP_IS_DETECTOR (self), NULL);
  return self->model;
}

guint64
feclip_detector_get_activations_size (FeclipDetector *self)
{
  guint64 size;

  g_return_val_if_fail (FECLIP_IS_DETECTOR (self), 0);

  size = self->in_batch ? 0 : fe_arena_get_size (self->images->arena);
  if (self->few_shot.arena)
    size += fe_arena_get_size (self->few_shot.arena);
  return size;
}

void
feclip_detector_get_stage_times (FeclipDetector *self, FeclipStageTimes *times)
{
  g_return_if_fail (FECLIP_IS_DETECTOR (self));
  g_return_if_fail (times != NULL);

  *times = self->times;
}
