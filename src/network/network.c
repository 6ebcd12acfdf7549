/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "network/network.h"

#include <errno.h>
#include <feclip/error.h>
#include <glib/gstdio.h>
#include <string.h>

#include "network/text.h"

/* The networks that are loaded, so that models of the same files share memory,
 * and CLIP alone of each model file, which networks with different adapters
 * share. */
static FeSharedTable networks;

/* What a base is loaded from. */
typedef struct {
  FeDevice *device;
  const char *model_file;
  const char *identity; /* of the model file */
  FeArithmetic arithmetic;
} Source;

/* Returns a string that changes whenever the file at the path is replaced or
 * written; "" for NULL. Free it. */
static char *
file_identity (const char *path, GError **error)
{
  GStatBuf info;

  if (!path)
    return g_strdup ("");
  if (g_stat (path, &info) != 0) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE, "%s: %s", path,
                 g_strerror (errno));
    return NULL;
  }
  return g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT
                          ":%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT ".%ld",
                          (guint64)info.st_dev, (guint64)info.st_ino,
                          (gint64)info.st_size, (gint64)info.st_mtim.tv_sec,
                          (long)info.st_mtim.tv_nsec);
}

static FeNetwork *
network_new (FeDevice *device, FeArithmetic arithmetic)
{
  FeNetwork *self = g_new0 (FeNetwork, 1);

  fe_shared_init (&self->shared);
  self->arithmetic = arithmetic;
  self->device = fe_device_ref (device);
  self->arena = fe_arena_new (device);
  self->metadata =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->metadata_files =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

static void
network_free (FeNetwork *self)
{
  if (!self->base) {
    fe_vision_weights_clear (&self->vision);
    fe_prompt_cache_free (self->prompts);
  }
  g_hash_table_unref (self->metadata);
  g_hash_table_unref (self->metadata_files);
  fe_arena_free (self->arena);
  fe_device_unref (self->device);
  g_free (self->model_file);
  g_free (self->text_features);
  g_free (self->model_identity);
  fe_shared_clear (&self->shared);
  fe_network_unref (self->base);
  g_free (self);
}

FeNetwork *
fe_network_ref (FeNetwork *self)
{
  fe_shared_ref (&self->shared);
  return self;
}

void
fe_network_unref (FeNetwork *self)
{
  if (self && fe_shared_unref (&self->shared))
    network_free (self);
}

static void
add_metadata (FeNetwork *self, const FeWeights *weights)
{
  guint n = 0;
  g_autofree const char **keys = fe_weights_list_metadata (weights, &n);

  for (guint i = 0; i < n; i++) {
    g_hash_table_replace (
        self->metadata, g_strdup (keys[i]),
        g_strdup (fe_weights_get_metadata (weights, keys[i])));
    g_hash_table_replace (self->metadata_files, g_strdup (keys[i]),
                          g_strdup (fe_weights_get_path (weights)));
  }
}

static void
copy_metadata (FeNetwork *self, const FeNetwork *from)
{
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, from->metadata);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_hash_table_replace (self->metadata, g_strdup (key), g_strdup (value));
  g_hash_table_iter_init (&iter, from->metadata_files);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_hash_table_replace (self->metadata_files, g_strdup (key),
                          g_strdup (value));
}

static gboolean
load_text_features (FeNetwork *self, const FeWeights *weights, GError **error)
{
  guint e = self->config.embedding;
  const FeShape shape = FE_SHAPE (2, e);

  if (self->text_features || !fe_weights_has (weights, "text_features"))
    return TRUE;
  self->text_features = g_new (float, 2 * (gsize)e);
  if (!fe_weights_read (weights, "text_features", &shape, self->text_features,
                        error))
    return FALSE;
  if (fe_text_normalize (self->text_features, e)
      && fe_text_normalize (self->text_features + e, e))
    return TRUE;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
               "%s: tensor \"text_features\" has a row of zeros",
               fe_weights_get_path (weights));
  return FALSE;
}

static gboolean
load_logit_scale (FeNetwork *self, const FeWeights *weights, GError **error)
{
  FeShape shape;
  float value;

  if (!fe_weights_has (weights, "logit_scale"))
    return TRUE;
  if (!fe_weights_get_shape (weights, "logit_scale", &shape, error))
    return FALSE;
  if (shape.n_dims > 1 || (shape.n_dims == 1 && shape.dims[0] != 1)) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "%s: tensor \"logit_scale\" is not a single number",
                 fe_weights_get_path (weights));
    return FALSE;
  }
  if (!fe_weights_read (weights, "logit_scale", &shape, &value, error))
    return FALSE;
  if (value < -20 || value > 20) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "%s: tensor \"logit_scale\" is %g, not from -20 to 20",
                 fe_weights_get_path (weights), value);
    return FALSE;
  }
  self->logit_scale = value;
  return TRUE;
}

static gboolean
load_vision (FeNetwork *self, const FeWeights *weights, GError **error)
{
  FeWeightLoader loader = {
      .arena = self->arena,
      .weights = weights,
      .arithmetic = self->arithmetic,
  };
  gboolean ok;

  if (!fe_vision_config_read (&self->config, weights, error))
    return FALSE;
  fe_vision_load (&self->vision, &loader, &self->config);
  ok = fe_weight_loader_check (&loader, error);
  fe_weight_loader_clear (&loader);
  return ok && load_logit_scale (self, weights, error);
}

static gboolean
load_adapters (FeNetwork *self, const FeWeights *weights, gboolean required,
               GError **error)
{
  FeWeightLoader loader = {
      .arena = self->arena,
      .weights = weights,
      .arithmetic = self->arithmetic,
  };
  gboolean ok;
  guint n_taps;

  if (!fe_adapters_count (weights, &n_taps, error))
    return FALSE;
  if (required && n_taps == 0) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "%s: holds no adapters (no tensor \"ffe.0.mlp.0.weight\")",
                 fe_weights_get_path (weights));
    return FALSE;
  }
  fe_adapters_load (&self->adapters, &loader, n_taps,
                    self->config.transformer.width, self->config.embedding);
  ok = fe_weight_loader_check (&loader, error);
  fe_weight_loader_clear (&loader);
  return ok;
}

static FeNetwork *
load_base (const Source *source, GError **error)
{
  g_autoptr (FeWeights) weights = fe_weights_open (source->model_file, error);
  FeNetwork *self;

  if (!weights)
    return NULL;
  self = network_new (source->device, source->arithmetic);
  self->model_file = g_strdup (source->model_file);
  self->model_identity = g_strdup (source->identity);
  add_metadata (self, weights);
  if (!load_vision (self, weights, error)
      || !load_text_features (self, weights, error)) {
    network_free (self);
    return NULL;
  }
  self->prompts = fe_prompt_cache_new (self->config.embedding);
  return self;
}

/* Loads the adapters and what belongs to them, on top of `base`. */
static FeNetwork *
load_adapted (FeNetwork *base, const char *adapter_file, GError **error)
{
  g_autoptr (FeWeights) adapters = adapter_file
                                       ? fe_weights_open (adapter_file, error)
                                       : fe_network_reopen (base, error);
  FeNetwork *self;

  if (!adapters)
    return NULL;
  self = network_new (base->device, base->arithmetic);
  self->base = fe_network_ref (base);
  self->vision = base->vision;
  self->prompts = base->prompts;
  self->model_file = g_strdup (base->model_file);
  self->config = base->config;
  self->logit_scale = base->logit_scale;
  copy_metadata (self, base);
  if (adapter_file)
    add_metadata (self, adapters);
  if (!load_adapters (self, adapters, adapter_file != NULL, error)
      || !load_text_features (self, adapters, error)) {
    network_free (self);
    return NULL;
  }
  if (!self->text_features && base->text_features)
    self->text_features =
        g_memdup2 (base->text_features,
                   2 * (gsize)base->config.embedding * sizeof (float));
  return self;
}

static FeNetwork *
open_base (const Source *source, GError **error)
{
  g_autofree char *key =
      g_strdup_printf ("%p/%s/%d.%d", (void *)source->device, source->identity,
                       source->arithmetic.storage, source->arithmetic.coopmat);
  FeNetwork *self = (FeNetwork *)fe_shared_table_begin (&networks, key);

  if (self)
    return self;
  self = load_base (source, error);
  fe_shared_table_end (&networks, key, (FeShared *)self);
  return self;
}

/* `identity` is that of the adapter file. */
static FeNetwork *
open_adapted (FeNetwork *base, const char *adapter_file, const char *identity,
              GError **error)
{
  g_autofree char *key =
      g_strdup_printf ("%s/adapters %s", base->shared.key, identity);
  FeNetwork *self = (FeNetwork *)fe_shared_table_begin (&networks, key);

  if (self)
    return self;
  self = load_adapted (base, adapter_file, error);
  fe_shared_table_end (&networks, key, (FeShared *)self);
  return self;
}

FeNetwork *
fe_network_open (FeDevice *device, const char *model_file,
                 const char *adapter_file, FeArithmetic arithmetic,
                 GError **error)
{
  g_autofree char *model = file_identity (model_file, error);
  g_autofree char *adapter = NULL;
  g_autoptr (FeNetwork) base = NULL;
  const Source source = {device, model_file, model, arithmetic};

  if (!model || !(adapter = file_identity (adapter_file, error))
      || !(base = open_base (&source, error)))
    return NULL;
  return open_adapted (base, adapter_file, adapter, error);
}

FeNetwork *
fe_network_open_like (const FeNetwork *like, const char *adapter_file,
                      GError **error)
{
  g_autofree char *adapter = file_identity (adapter_file, error);

  g_assert (like->base);
  return adapter ? open_adapted (like->base, adapter_file, adapter, error)
                 : NULL;
}

guint64
fe_network_get_size (const FeNetwork *self)
{
  return fe_arena_get_size (self->arena)
         + (self->base ? fe_arena_get_size (self->base->arena) : 0);
}

FeWeights *
fe_network_reopen (const FeNetwork *self, GError **error)
{
  g_autofree char *identity = file_identity (self->model_file, error);
  const FeNetwork *base = self->base ? self->base : self;

  if (!identity)
    return NULL;
  if (g_strcmp0 (identity, base->model_identity) != 0) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
                 "%s: has changed since it was loaded", self->model_file);
    return NULL;
  }
  return fe_weights_open (self->model_file, error);
}

/* The sizes of networks with random weights. */
static const struct {
  const char *name;
  guint patch, grid, width, embedding, blocks;
} sizes[] = {
    {"tiny", 14, 8, 128, 64, 4},
    {"ViT-B-32-224", 32, 7, 768, 512, 12},
    {"ViT-B-16-224", 16, 14, 768, 512, 12},
    {"ViT-L-14-336", 14, 24, 1024, 768, 24},
};

#define RANDOM_TAPS 4

static void
fill_random (FeNetwork *self, guint seed)
{
  FeWeightLoader loader = {
      .arena = self->arena,
      .random = g_rand_new_with_seed (seed),
      .arithmetic = self->arithmetic,
  };
  guint e = self->config.embedding;

  fe_vision_load (&self->vision, &loader, &self->config);
  fe_adapters_load (&self->adapters, &loader, RANDOM_TAPS,
                    self->config.transformer.width, e);
  self->text_features = g_new (float, 2 * (gsize)e);
  for (guint i = 0; i < 2 * e; i++)
    self->text_features[i] = (float)g_rand_double_range (loader.random, -1, 1);
  fe_text_normalize (self->text_features, e);
  fe_text_normalize (self->text_features + e, e);
  fe_weight_loader_clear (&loader);
  g_rand_free (loader.random);
}

FeNetwork *
fe_network_new_random (FeDevice *device, const char *size, guint seed,
                       FeArithmetic arithmetic, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    FeNetwork *self;

    if (strcmp (sizes[i].name, size) != 0)
      continue;
    self = network_new (device, arithmetic);
    self->config = (FeVisionConfig){
        .image_size = sizes[i].patch * sizes[i].grid,
        .patch_size = sizes[i].patch,
        .grid_size = sizes[i].grid,
        .tokens = sizes[i].grid * sizes[i].grid + 1,
        .embedding = sizes[i].embedding,
        .transformer = {sizes[i].width, 4 * sizes[i].width, sizes[i].blocks},
    };
    fill_random (self, seed);
    if (fe_arena_check (self->arena, error))
      return self;
    network_free (self);
    return NULL;
  }
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
               "\"%s\" is not a known size; there are: tiny, ViT-B-32-224, "
               "ViT-B-16-224, ViT-L-14-336",
               size);
  return NULL;
}
