/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "network/config.h"

#include <feclip/error.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <feclip/feclip-enums.h>

#define DEFAULT_LAMBDA 0.1
#define DEFAULT_TEMPERATURE 0.07
#define DEFAULT_WINDOW 3

static gboolean
bad_metadata (const FeNetwork *network, const char *key, const char *value,
              const char *expected, GError **error)
{
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
               "%s: metadata \"%s\" is \"%s\", not %s",
               (char *)g_hash_table_lookup (network->metadata_files, key), key,
               value, expected);
  return FALSE;
}

/* Reads a number in [least, most] from the metadata, if it is there. */
static gboolean
metadata_number (const FeNetwork *network, const char *key, double least,
                 double most, double *value, GError **error)
{
  const char *text = g_hash_table_lookup (network->metadata, key);
  g_autofree char *expected = NULL;
  char *end;
  double number;

  if (!text)
    return TRUE;
  number = g_ascii_strtod (text, &end);
  if (end != text && *end == '\0' && number >= least && number <= most) {
    *value = number;
    return TRUE;
  }
  expected = g_strdup_printf ("a number from %g to %g", least, most);
  return bad_metadata (network, key, text, expected, error);
}

/* Reads a value of an enumeration by its nick, if it is there. */
static gboolean
metadata_enum (const FeNetwork *network, const char *key, GType type,
               int *value, GError **error)
{
  const char *text = g_hash_table_lookup (network->metadata, key);
  g_autoptr (GString) nick = NULL;
  g_autofree char *expected = NULL;
  GEnumClass *values;
  GEnumValue *found;

  if (!text)
    return TRUE;
  nick = g_string_new (text);
  g_string_replace (nick, "_", "-", 0);
  g_string_ascii_down (nick);
  values = g_type_class_ref (type);
  found = g_enum_get_value_by_nick (values, nick->str);
  g_type_class_unref (values);
  if (found) {
    *value = found->value;
    return TRUE;
  }
  expected = g_strdup_printf ("a value of %s", g_type_name (type));
  return bad_metadata (network, key, text, expected, error);
}

static gboolean
bad_taps (GError **error, const char *list, const char *why)
{
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT, "tap-blocks \"%s\" %s",
               list, why);
  return FALSE;
}

static int
compare_taps (const void *a, const void *b)
{
  return (*(const guint *)a > *(const guint *)b)
         - (*(const guint *)a < *(const guint *)b);
}

static gboolean
parse_taps (FeConfig *self, const char *list, guint n_blocks, GError **error)
{
  g_auto (GStrv) items = g_strsplit (list, ",", -1);

  self->n_taps = 0;
  for (guint i = 0; items[i]; i++) {
    const char *item = g_strstrip (items[i]);
    guint64 block;

    if (!g_ascii_string_to_unsigned (item, 10, 0, G_MAXUINT, &block, NULL))
      return bad_taps (
          error, list,
          "is not a list of block numbers such as \"20,21,22,23\"");
    if (block >= n_blocks) {
      g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                   "tap-blocks \"%s\" names block %" G_GUINT64_FORMAT
                   ", the model has blocks 0 to %u",
                   list, block, n_blocks - 1);
      return FALSE;
    }
    if (self->n_taps == FE_MAX_TAPS)
      return bad_taps (error, list, "names too many blocks");
    self->taps[self->n_taps++] = (guint)block;
  }
  if (self->n_taps == 0)
    return bad_taps (error, list, "names no block");
  qsort (self->taps, self->n_taps, sizeof self->taps[0], compare_taps);
  for (guint i = 1; i < self->n_taps; i++) {
    if (self->taps[i] == self->taps[i - 1])
      return bad_taps (error, list, "names a block twice");
  }
  return TRUE;
}

static gboolean
resolve_taps (FeConfig *self, const FeclipSettings *settings,
              const FeNetwork *network, GError **error)
{
  guint n_blocks = network->config.transformer.n_blocks;
  guint n_adapters = network->adapters.n_taps;
  const char *list = settings->tap_blocks;

  if (!list && n_adapters)
    list = g_hash_table_lookup (network->metadata, "tap_indices");
  if (list) {
    if (!parse_taps (self, list, n_blocks, error))
      return FALSE;
    if (!n_adapters || self->n_taps == n_adapters)
      return TRUE;
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "tap-blocks \"%s\" names %u blocks, there are %u adapters",
                 list, self->n_taps, n_adapters);
    return FALSE;
  }

  self->n_taps = MAX (n_adapters, 1);
  if (self->n_taps > n_blocks) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "there are %u adapters, but the model has only %u blocks",
                 self->n_taps, n_blocks);
    return FALSE;
  }
  for (guint i = 0; i < self->n_taps; i++)
    self->taps[i] = n_blocks - self->n_taps + i;
  if (n_adapters && network->model_file)
    g_warning ("the adapters do not say which blocks they belong to: taking "
               "the last %u; set tap-blocks if that is wrong",
               n_adapters);
  return TRUE;
}

static gboolean
resolve_window (guint *window, guint setting, const char *name,
                const FeNetwork *network, const char *key, guint least,
                GError **error)
{
  double value = DEFAULT_WINDOW;

  if (setting)
    value = setting;
  else if (!metadata_number (network, key, 0, G_MAXINT, &value, error))
    return FALSE;
  *window = (guint)value;
  if (value >= least && value <= 7 && value == *window
      && (least == 2 || *window % 2 == 1))
    return TRUE;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT, "%s is %g, not %s",
               name, value, least == 2 ? "2 to 7" : "3, 5 or 7");
  return FALSE;
}

static gboolean
resolve_temperature (FeConfig *self, const FeclipSettings *settings,
                     const FeNetwork *network, GError **error)
{
  if (settings->use_logit_scale) {
    if (network->logit_scale == 0) {
      g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                   "use-logit-scale is set, but %s holds no logit_scale",
                   network->model_file ? network->model_file : "the model");
      return FALSE;
    }
    self->temperature = exp (-network->logit_scale);
    return TRUE;
  }
  self->temperature = DEFAULT_TEMPERATURE;
  if (settings->temperature > 0)
    self->temperature = settings->temperature;
  else
    return metadata_number (network, "temperature", 1e-6, 1000,
                            &self->temperature, error);
  return TRUE;
}

static gboolean
resolve_lambda (FeConfig *self, const FeclipSettings *settings,
                const FeNetwork *network, GError **error)
{
  self->adapter.lambda = DEFAULT_LAMBDA;
  if (settings->lambda < 0)
    return metadata_number (network, "lambda", 0, 1, &self->adapter.lambda,
                            error);
  self->adapter.lambda = settings->lambda;
  return TRUE;
}

static gboolean
resolve_enums (FeConfig *self, const FeclipSettings *settings,
               const FeNetwork *network, GError **error)
{
  int statistic = settings->lfs_statistic;
  int activation = settings->activation;

  if (statistic == FECLIP_LFS_STATISTIC_AUTO
      && !metadata_enum (network, "lfs_statistic", FECLIP_TYPE_LFS_STATISTIC,
                         &statistic, error))
    return FALSE;
  if (activation == FECLIP_ACTIVATION_AUTO
      && !metadata_enum (network, "activation", FECLIP_TYPE_ACTIVATION,
                         &activation, error))
    return FALSE;
  self->adapter.statistic = statistic == FECLIP_LFS_STATISTIC_AUTO
                                ? FECLIP_LFS_STATISTIC_MEAN
                                : (FeclipLfsStatistic)statistic;
  self->activation = activation == FECLIP_ACTIVATION_AUTO
                         ? FECLIP_ACTIVATION_QUICK_GELU
                         : (FeclipActivation)activation;
  return TRUE;
}

gboolean
fe_config_resolve (FeConfig *self, const FeclipSettings *settings,
                   const FeNetwork *network, GError **error)
{
  *self = (FeConfig){
      .adapter.grid = network->config.grid_size,
      .map_type = settings->map_type,
      .map_smoothing = settings->map_smoothing,
      .fit = settings->fit,
      .reference_score = settings->reference_score,
  };
  return resolve_taps (self, settings, network, error)
         && resolve_window (&self->adapter.ffe_window, settings->ffe_window,
                            "ffe-window", network, "ffe_window", 2, error)
         && resolve_window (&self->adapter.lfs_window, settings->lfs_window,
                            "lfs-window", network, "lfs_window", 3, error)
         && resolve_temperature (self, settings, network, error)
         && resolve_lambda (self, settings, network, error)
         && resolve_enums (self, settings, network, error)
         && fe_tiling_parse (&self->tiling, settings->tiles,
                             settings->tile_overlap, error);
}
