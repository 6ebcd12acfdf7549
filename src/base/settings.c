/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/settings.h"

#include <feclip/feclip-enums.h>

G_DEFINE_FINAL_TYPE (FeclipSettings, feclip_settings, G_TYPE_OBJECT)

enum {
  PROP_0,
  PROP_MODEL_FILE,
  PROP_ADAPTER_FILE,
  PROP_TOKENIZER_FILE,
  PROP_DEVICE,
  PROP_WEIGHTS_STORAGE,
  PROP_PRECISION,
  PROP_NORMAL_PROMPT,
  PROP_ANOMALY_PROMPT,
  PROP_TAP_BLOCKS,
  PROP_LAMBDA,
  PROP_TEMPERATURE,
  PROP_USE_LOGIT_SCALE,
  PROP_LFS_STATISTIC,
  PROP_FFE_WINDOW,
  PROP_LFS_WINDOW,
  PROP_ACTIVATION,
  PROP_MAP_TYPE,
  PROP_MAP_SMOOTHING,
  PROP_FIT,
  PROP_TILES,
  PROP_TILE_OVERLAP,
  PROP_INCLUDE_REGIONS,
  PROP_IGNORE_REGIONS,
  PROP_REGIONS_FILE,
  PROP_REFERENCE_SCORE,
  PROP_REFERENCE_LIMIT,
  PROP_THRESHOLD,
  PROP_PIXEL_THRESHOLD,
  PROP_MIN_AREA,
  N_PROPS,
};

/* Address of a property's value. */
static void *
field (FeclipSettings *self, guint id)
{
  void *const fields[N_PROPS] = {
      [PROP_MODEL_FILE] = &self->model_file,
      [PROP_ADAPTER_FILE] = &self->adapter_file,
      [PROP_TOKENIZER_FILE] = &self->tokenizer_file,
      [PROP_DEVICE] = &self->device,
      [PROP_WEIGHTS_STORAGE] = &self->weights_storage,
      [PROP_PRECISION] = &self->precision,
      [PROP_NORMAL_PROMPT] = &self->normal_prompt,
      [PROP_ANOMALY_PROMPT] = &self->anomaly_prompt,
      [PROP_TAP_BLOCKS] = &self->tap_blocks,
      [PROP_LAMBDA] = &self->lambda,
      [PROP_TEMPERATURE] = &self->temperature,
      [PROP_USE_LOGIT_SCALE] = &self->use_logit_scale,
      [PROP_LFS_STATISTIC] = &self->lfs_statistic,
      [PROP_FFE_WINDOW] = &self->ffe_window,
      [PROP_LFS_WINDOW] = &self->lfs_window,
      [PROP_ACTIVATION] = &self->activation,
      [PROP_MAP_TYPE] = &self->map_type,
      [PROP_MAP_SMOOTHING] = &self->map_smoothing,
      [PROP_FIT] = &self->fit,
      [PROP_TILES] = &self->tiles,
      [PROP_TILE_OVERLAP] = &self->tile_overlap,
      [PROP_INCLUDE_REGIONS] = &self->include_regions,
      [PROP_IGNORE_REGIONS] = &self->ignore_regions,
      [PROP_REGIONS_FILE] = &self->regions_file,
      [PROP_REFERENCE_SCORE] = &self->reference_score,
      [PROP_REFERENCE_LIMIT] = &self->reference_limit,
      [PROP_THRESHOLD] = &self->threshold,
      [PROP_PIXEL_THRESHOLD] = &self->pixel_threshold,
      [PROP_MIN_AREA] = &self->min_area,
  };
  return fields[id];
}

static void
feclip_settings_set_property (GObject *object, guint id, const GValue *value,
                              GParamSpec *pspec)
{
  void *at = field (FECLIP_SETTINGS (object), id);

  if (G_IS_PARAM_SPEC_STRING (pspec)) {
    g_free (*(char **)at);
    *(char **)at = g_value_dup_string (value);
  } else if (G_IS_PARAM_SPEC_DOUBLE (pspec)) {
    *(double *)at = g_value_get_double (value);
  } else if (G_IS_PARAM_SPEC_UINT (pspec)) {
    *(guint *)at = g_value_get_uint (value);
  } else if (G_IS_PARAM_SPEC_BOOLEAN (pspec)) {
    *(gboolean *)at = g_value_get_boolean (value);
  } else {
    *(int *)at = g_value_get_enum (value);
  }
}

static void
feclip_settings_get_property (GObject *object, guint id, GValue *value,
                              GParamSpec *pspec)
{
  const void *at = field (FECLIP_SETTINGS (object), id);

  if (G_IS_PARAM_SPEC_STRING (pspec))
    g_value_set_string (value, *(char *const *)at);
  else if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    g_value_set_double (value, *(const double *)at);
  else if (G_IS_PARAM_SPEC_UINT (pspec))
    g_value_set_uint (value, *(const guint *)at);
  else if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    g_value_set_boolean (value, *(const gboolean *)at);
  else
    g_value_set_enum (value, *(const int *)at);
}

static void
feclip_settings_finalize (GObject *object)
{
  FeclipSettings *self = FECLIP_SETTINGS (object);

  g_free (self->model_file);
  g_free (self->adapter_file);
  g_free (self->tokenizer_file);
  g_free (self->device);
  g_free (self->normal_prompt);
  g_free (self->anomaly_prompt);
  g_free (self->tap_blocks);
  g_free (self->tiles);
  g_free (self->include_regions);
  g_free (self->ignore_regions);
  g_free (self->regions_file);
  G_OBJECT_CLASS (feclip_settings_parent_class)->finalize (object);
}

#define FLAGS (G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS)

/* Properties that feclip_model_new() reads. */
static void
define_model (GParamSpec *props[N_PROPS])
{
  props[PROP_MODEL_FILE] = g_param_spec_string (
      "model-file", "Model file",
      "CLIP weights: safetensors (open_clip or Hugging Face names) or "
      "an FE-CLIP PyTorch checkpoint; unset: the small built-in model",
      NULL, FLAGS);
  props[PROP_ADAPTER_FILE] = g_param_spec_string (
      "adapter-file", "Adapter file",
      "Weights of FFE, LFS and fc_patch; unset: those in the model "
      "file",
      NULL, FLAGS);
  props[PROP_TOKENIZER_FILE] = g_param_spec_string (
      "tokenizer-file", "Tokenizer file",
      "merges.txt, tokenizer.json or bpe_simple_vocab_16e6.txt.gz; "
      "unset: searched in the folder of the model file; default "
      "prompts need none",
      NULL, FLAGS);
  props[PROP_DEVICE] = g_param_spec_string (
      "device", "Device",
      "Vulkan device: index, part of its name, or UUID; unset: the "
      "best one",
      NULL, FLAGS);
  props[PROP_WEIGHTS_STORAGE] = g_param_spec_enum (
      "weights-storage", "Weights storage",
      "Number format of the weights in device memory; auto: as in the "
      "file",
      FECLIP_TYPE_WEIGHTS_STORAGE, FECLIP_WEIGHTS_STORAGE_AUTO, FLAGS);
  props[PROP_PRECISION] = g_param_spec_enum (
      "precision", "Precision",
      "Number format of the operands of matrix products; auto: fp16 "
      "where the device has cooperative matrices, else fp32",
      FECLIP_TYPE_PRECISION, FECLIP_PRECISION_AUTO, FLAGS);
}

/* Prompts and temperature. */
static void
define_prompts (GParamSpec *props[N_PROPS])
{
  props[PROP_NORMAL_PROMPT] = g_param_spec_string (
      "normal-prompt", "Normal prompt",
      "Text that describes a normal frame, or several separated by "
      "\"|\", whose features are averaged; unset: the text features "
      "in the weight file, or \"A photo of a normal object\"",
      NULL, FLAGS);
  props[PROP_ANOMALY_PROMPT] = g_param_spec_string (
      "anomaly-prompt", "Anomaly prompt",
      "Text that describes a defective frame, or several separated by "
      "\"|\", whose features are averaged; unset: the text features "
      "in the weight file, or \"A photo of a damaged object\"",
      NULL, FLAGS);
  props[PROP_TEMPERATURE] = g_param_spec_double (
      "temperature", "Temperature",
      "Divisor of the similarities in the softmax; 0: from the "
      "metadata of the weights, else 0.07",
      0, 100, 0, FLAGS);
  props[PROP_USE_LOGIT_SCALE] = g_param_spec_boolean (
      "use-logit-scale", "Use logit scale",
      "Use CLIP's own learned temperature instead of temperature", FALSE,
      FLAGS);
}

/* Parameters of CLIP and its adapters. */
static void
define_network (GParamSpec *props[N_PROPS])
{
  props[PROP_TAP_BLOCKS] = g_param_spec_string (
      "tap-blocks", "Tap blocks",
      "Transformer blocks with an adapter, counted from 0, such as "
      "\"20,21,22,23\"; unset: from the metadata of the weights, else "
      "the last blocks, one per adapter",
      NULL, FLAGS);
  props[PROP_LAMBDA] = g_param_spec_double (
      "lambda", "Lambda",
      "Weight of the adapters in the features, 0 to 1; -1: from the "
      "metadata of the weights, else 0.1",
      -1, 1, -1, FLAGS);
  props[PROP_LFS_STATISTIC] = g_param_spec_enum (
      "lfs-statistic", "LFS statistic",
      "Statistic of each neighbourhood's spectrum that LFS computes",
      FECLIP_TYPE_LFS_STATISTIC, FECLIP_LFS_STATISTIC_AUTO, FLAGS);
  props[PROP_FFE_WINDOW] = g_param_spec_uint (
      "ffe-window", "FFE window",
      "Edge of FFE's windows in patches, 2 to 7; 0: from the metadata "
      "of the weights, else 3",
      0, 7, 0, FLAGS);
  props[PROP_LFS_WINDOW] = g_param_spec_uint (
      "lfs-window", "LFS window",
      "Edge of LFS's neighbourhoods in patches, 3, 5 or 7; 0: from "
      "the metadata of the weights, else 3",
      0, 7, 0, FLAGS);
  props[PROP_ACTIVATION] = g_param_spec_enum (
      "activation", "Activation",
      "Activation in CLIP's MLPs: quick-gelu for OpenAI's weights, "
      "gelu for most LAION weights",
      FECLIP_TYPE_ACTIVATION, FECLIP_ACTIVATION_AUTO, FLAGS);
}

/* What the network sees of a frame. */
static void
define_view (GParamSpec *props[N_PROPS])
{
  props[PROP_FIT] = g_param_spec_enum (
      "fit", "Fit",
      "How a frame that is not square is fitted to the network's "
      "square input",
      FECLIP_TYPE_FIT, FECLIP_FIT_CROP, FLAGS);
  props[PROP_TILES] = g_param_spec_string (
      "tiles", "Tiles",
      "Columns and rows of overlapping tiles, each analysed as an "
      "image of its own, such as \"4x2\"; \"auto\": tiles of about "
      "the size of the network's image; \"1x1\": no tiling",
      "1x1", FLAGS);
  props[PROP_TILE_OVERLAP] = g_param_spec_double (
      "tile-overlap", "Tile overlap",
      "Smallest overlap of neighbouring tiles, as a fraction of a "
      "tile",
      0, 0.5, 0.1, FLAGS);
  props[PROP_INCLUDE_REGIONS] = g_param_spec_string (
      "include-regions", "Include regions",
      "Polygons to analyse; everything outside is ignored. Corners as "
      "fractions of the frame: \"0.1,0.1 0.9,0.1 0.5,0.9; …\"; unset: "
      "the whole frame",
      NULL, FLAGS);
  props[PROP_IGNORE_REGIONS] = g_param_spec_string (
      "ignore-regions", "Ignore regions",
      "Polygons to ignore, in the format of include-regions", NULL, FLAGS);
  props[PROP_REGIONS_FILE] = g_param_spec_string (
      "regions-file", "Regions file",
      "JSON file with more polygons: {\"include\": [[[x,y],…],…], "
      "\"ignore\": […]}",
      NULL, FLAGS);
}

/* Maps, scores and thresholds. */
static void
define_output (GParamSpec *props[N_PROPS])
{
  props[PROP_MAP_TYPE] = g_param_spec_enum (
      "map-type", "Map type", "Meaning of the map's values",
      FECLIP_TYPE_MAP_TYPE, FECLIP_MAP_TYPE_PROBABILITY, FLAGS);
  props[PROP_MAP_SMOOTHING] = g_param_spec_double (
      "map-smoothing", "Map smoothing",
      "Standard deviation, in pixels of the network's image, of a "
      "Gaussian over the upsampled map; 0: no smoothing",
      0, 64, 0, FLAGS);
  props[PROP_REFERENCE_SCORE] = g_param_spec_enum (
      "reference-score", "Reference score",
      "Score of a frame if there are normal references: score of the "
      "prompts plus the largest distance or the mean of the top 2 %, "
      "or one of these distances alone",
      FECLIP_TYPE_REFERENCE_SCORE, FECLIP_REFERENCE_SCORE_SUM_MAX, FLAGS);
  props[PROP_REFERENCE_LIMIT] = g_param_spec_uint (
      "reference-limit", "Reference limit",
      "Patches of the references to keep per tap, selected as a "
      "coreset that covers the others best; 0: all",
      0, G_MAXINT, 0, FLAGS);
  props[PROP_THRESHOLD] = g_param_spec_double (
      "threshold", "Threshold",
      "A frame whose score is at or above this value is anomalous", -1000, 1000,
      0.5, FLAGS);
  props[PROP_PIXEL_THRESHOLD] = g_param_spec_double (
      "pixel-threshold", "Pixel threshold",
      "A pixel whose map value is at or above this value is defective", -1000,
      1000, 0.5, FLAGS);
  props[PROP_MIN_AREA] = g_param_spec_double (
      "min-area", "Minimum area",
      "Smaller defects are omitted; the score does not change; below "
      "1: a fraction of the frame, from 1 on: pixels",
      0, G_MAXUINT32, 0, FLAGS);
}

static void
feclip_settings_class_init (FeclipSettingsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamSpec *props[N_PROPS] = {NULL};

  define_model (props);
  define_prompts (props);
  define_network (props);
  define_view (props);
  define_output (props);

  object_class->set_property = feclip_settings_set_property;
  object_class->get_property = feclip_settings_get_property;
  object_class->finalize = feclip_settings_finalize;
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
feclip_settings_init (FeclipSettings *self)
{
}

FeclipSettings *
feclip_settings_new (void)
{
  return g_object_new (FECLIP_TYPE_SETTINGS, NULL);
}
