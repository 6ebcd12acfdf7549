/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _GNU_SOURCE
#include "api/model.h"

#include <dlfcn.h>
#include <feclip/error.h>
#include <string.h>

#include "base/settings.h"
#include "network/config.h"
#include "network/prompts.h"

#define BUILTIN_FILE "builtin-model.safetensors"

struct _FeclipModel {
  GObject parent;

  FeNetwork *network;
  char *tokenizer_file; /* NULL: looked for beside the weights */
};

G_DEFINE_FINAL_TYPE (FeclipModel, feclip_model, G_TYPE_OBJECT)

static void
feclip_model_finalize (GObject *object)
{
  FeclipModel *self = FECLIP_MODEL (object);

  fe_network_unref (self->network);
  g_free (self->tokenizer_file);
  G_OBJECT_CLASS (feclip_model_parent_class)->finalize (object);
}

static void
feclip_model_class_init (FeclipModelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = feclip_model_finalize;
}

static void
feclip_model_init (FeclipModel *self)
{
}

static FeclipModel *
model_new (FeNetwork *network, const char *tokenizer_file)
{
  FeclipModel *self = g_object_new (FECLIP_TYPE_MODEL, NULL);

  self->network = network;
  self->tokenizer_file = g_strdup (tokenizer_file);
  return self;
}

/* Beside the library or program that holds this function: for the library in
 * the build folder. */
static char *
find_beside_library (void)
{
  g_autofree char *folder = NULL;
  Dl_info info;

  if (!dladdr ((void *)find_beside_library, &info) || !info.dli_fname)
    return NULL;
  folder = g_path_get_dirname (info.dli_fname);
  return g_build_filename (folder, BUILTIN_FILE, NULL);
}

char *
feclip_model_find_builtin (void)
{
  const char *chosen = g_getenv ("FECLIP_BUILTIN_MODEL");
  g_autofree char *beside = NULL;
  const char *installed = FECLIP_DATA_FOLDER "/" BUILTIN_FILE;

  if (chosen && *chosen)
    return g_strdup (chosen);
  beside = find_beside_library ();
  if (beside && g_file_test (beside, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&beside);
  return g_file_test (installed, G_FILE_TEST_EXISTS) ? g_strdup (installed)
                                                     : NULL;
}

static const char *
set_or_null (const char *text)
{
  return text && *text ? text : NULL;
}

static gboolean
choose_arithmetic (const FeclipSettings *settings, const FeDevice *device,
                   FeArithmetic *arithmetic, GError **error)
{
  gboolean single = settings->weights_storage == FECLIP_WEIGHTS_STORAGE_FP32;
  gboolean half = settings->precision == FECLIP_PRECISION_FP16
                  || (settings->precision == FECLIP_PRECISION_AUTO
                      && device->coopmat.k && !single);

  if (half && single) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "precision fp16 keeps weights in fp16, but weights-storage is "
                 "fp32");
    return FALSE;
  }
  arithmetic->storage =
      half ? FECLIP_WEIGHTS_STORAGE_FP16 : settings->weights_storage;
  arithmetic->coopmat = half && device->coopmat.k;
  return TRUE;
}

FeclipModel *
feclip_model_new (FeclipSettings *settings, GError **error)
{
  g_autoptr (FeDevice) device = NULL;
  g_autofree char *builtin = NULL;
  FeArithmetic arithmetic;
  const char *model_file;
  FeNetwork *network;

  g_return_val_if_fail (FECLIP_IS_SETTINGS (settings), NULL);

  model_file = set_or_null (settings->model_file);
  if (!model_file)
    model_file = builtin = feclip_model_find_builtin ();
  if (!model_file) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "model-file is not set, and the built-in model is not "
                 "installed");
    return NULL;
  }
  device = fe_device_open (settings->device, error);
  if (!device || !choose_arithmetic (settings, device, &arithmetic, error))
    return NULL;
  network =
      fe_network_open (device, model_file, set_or_null (settings->adapter_file),
                       arithmetic, error);
  return network ? model_new (network, set_or_null (settings->tokenizer_file))
                 : NULL;
}

FeclipModel *
feclip_model_new_with_adapters (FeclipModel *self, const char *adapter_file,
                                GError **error)
{
  FeNetwork *network;

  g_return_val_if_fail (FECLIP_IS_MODEL (self), NULL);

  if (!self->network->base) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "a model with random weights cannot take other adapters");
    return NULL;
  }
  network =
      fe_network_open_like (self->network, set_or_null (adapter_file), error);
  if (network != self->network)
    return network ? model_new (network, self->tokenizer_file) : NULL;
  fe_network_unref (network);
  return g_object_ref (self);
}

FeclipModel *
feclip_model_new_random (FeclipSettings *settings, const char *size, guint seed,
                         GError **error)
{
  g_autoptr (FeDevice) device = NULL;
  FeArithmetic arithmetic;
  FeNetwork *network;

  g_return_val_if_fail (FECLIP_IS_SETTINGS (settings), NULL);
  g_return_val_if_fail (size != NULL, NULL);

  device = fe_device_open (settings->device, error);
  if (!device || !choose_arithmetic (settings, device, &arithmetic, error))
    return NULL;
  network = fe_network_new_random (device, size, seed, arithmetic, error);
  return network ? model_new (network, NULL) : NULL;
}

FeNetwork *
fe_model_get_network (FeclipModel *self)
{
  return self->network;
}

const char *
feclip_model_get_device_name (FeclipModel *self)
{
  g_return_val_if_fail (FECLIP_IS_MODEL (self), NULL);
  return self->network->device->name;
}

guint
feclip_model_get_image_size (FeclipModel *self)
{
  g_return_val_if_fail (FECLIP_IS_MODEL (self), 0);
  return self->network->config.image_size;
}

guint
feclip_model_get_grid_size (FeclipModel *self)
{
  g_return_val_if_fail (FECLIP_IS_MODEL (self), 0);
  return self->network->config.grid_size;
}

guint
feclip_model_get_n_blocks (FeclipModel *self)
{
  g_return_val_if_fail (FECLIP_IS_MODEL (self), 0);
  return self->network->config.transformer.n_blocks;
}

gboolean
feclip_model_has_adapters (FeclipModel *self)
{
  g_return_val_if_fail (FECLIP_IS_MODEL (self), FALSE);
  return self->network->adapters.n_taps > 0;
}

guint64
feclip_model_get_weights_size (FeclipModel *self)
{
  g_return_val_if_fail (FECLIP_IS_MODEL (self), 0);
  return fe_network_get_size (self->network);
}

FeclipPrecision
feclip_model_get_precision (FeclipModel *self)
{
  g_return_val_if_fail (FECLIP_IS_MODEL (self), FECLIP_PRECISION_AUTO);
  return self->network->arithmetic.storage == FECLIP_WEIGHTS_STORAGE_FP16
             ? FECLIP_PRECISION_FP16
             : FECLIP_PRECISION_FP32;
}

guint64
feclip_model_get_device_memory (FeclipModel *self, guint64 *most)
{
  guint64 all_time = 0, now;

  g_return_val_if_fail (FECLIP_IS_MODEL (self), 0);

  now = fe_device_get_memory (self->network->device, &all_time);
  if (most)
    *most = all_time;
  return now;
}

gboolean
fe_model_encode_prompts (FeclipModel *self, const FeclipSettings *settings,
                         FeclipActivation activation, gboolean whole,
                         float *features, GError **error)
{
  const FeNetwork *network = self->network;
  const char *normal = set_or_null (settings->normal_prompt);
  const char *anomaly = set_or_null (settings->anomaly_prompt);
  const FePromptEncoding how = {
      .network = network,
      .tokenizer_file = self->tokenizer_file,
      .activation = activation,
      .whole = whole,
  };

  if (!normal && !anomaly && network->text_features) {
    memcpy (features, network->text_features,
            2 * (gsize)network->config.embedding * sizeof (float));
    return TRUE;
  }
  if (!network->model_file) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "random weights have no text encoder for a prompt");
    return FALSE;
  }
  return fe_prompts_encode (&how, normal, anomaly, features, error);
}

gboolean
feclip_model_prepare_prompts (FeclipModel *self, FeclipSettings *settings,
                              GError **error)
{
  g_autofree float *features = NULL;
  FeConfig config;

  g_return_val_if_fail (FECLIP_IS_MODEL (self), FALSE);
  g_return_val_if_fail (FECLIP_IS_SETTINGS (settings), FALSE);

  features = g_new (float, 2 * (gsize)self->network->config.embedding);
  return fe_config_resolve (&config, settings, self->network, error)
         && fe_model_encode_prompts (self, settings, config.activation, TRUE,
                                     features, error);
}
