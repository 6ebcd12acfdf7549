/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model.h"

#include <feclip/error.h>
#include <string.h>

#include "builtin.h"
#include "settings.h"
#include "text.h"
#include "tokenizer.h"

#define NORMAL_PROMPT "A photo of a normal object"
#define ANOMALY_PROMPT "A photo of a damaged object"

struct _FeclipModel {
  GObject parent;

  FeNetwork *network;
  char *tokenizer_file; /* NULL: looked for beside the weights */

  GMutex lock;         /* guards what follows */
  GHashTable *prompts; /* "activation/text" to float[E] */
};

G_DEFINE_FINAL_TYPE (FeclipModel, feclip_model, G_TYPE_OBJECT)

static void
feclip_model_finalize (GObject *object)
{
  FeclipModel *self = FECLIP_MODEL (object);

  g_hash_table_unref (self->prompts);
  g_mutex_clear (&self->lock);
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
  g_mutex_init (&self->lock);
  self->prompts =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

static FeclipModel *
model_new (FeNetwork *network, const char *tokenizer_file)
{
  FeclipModel *self = g_object_new (FECLIP_TYPE_MODEL, NULL);

  self->network = network;
  self->tokenizer_file = g_strdup (tokenizer_file);
  return self;
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
                      && device->units.k && !single);

  if (half && single) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "precision fp16 keeps weights in fp16, but weights-storage is "
                 "fp32");
    return FALSE;
  }
  arithmetic->storage =
      half ? FECLIP_WEIGHTS_STORAGE_FP16 : settings->weights_storage;
  arithmetic->units = half && device->units.k;
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
    model_file = builtin = fe_builtin_find ();
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

char *
feclip_model_find_builtin (void)
{
  return fe_builtin_find ();
}

const FeNetwork *
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
  return fe_arena_get_size (self->network->arena);
}

guint64
feclip_model_get_device_memory (FeclipModel *self)
{
  g_return_val_if_fail (FECLIP_IS_MODEL (self), 0);
  return (guint64)g_atomic_pointer_get (&self->network->device->allocated);
}

/* Opens the vocabulary that was set or lies beside the weights; *tokenizer
 * stays NULL where there is none. */
static gboolean
open_tokenizer (FeclipModel *self, FeTokenizer **tokenizer, GError **error)
{
  g_autofree char *beside = NULL;
  const char *path = self->tokenizer_file;

  if (!path)
    path = beside = fe_tokenizer_find_beside (self->network->model_file);
  if (path)
    *tokenizer = fe_tokenizer_open (path, error);
  return !path || *tokenizer;
}

/* The prompt is valid UTF-8 here: the tokenizer has refused all else. */
static void
warn_truncated (const char *prompt)
{
  glong shown = MIN (g_utf8_strlen (prompt, -1), 40);
  g_autofree char *beginning = g_utf8_substring (prompt, 0, shown);

  g_warning ("prompt \"%s…\" has more than %u tokens: the rest is ignored",
             beginning, FE_TOKENIZER_CONTEXT);
}

static gboolean
encode (FeclipModel *self, const FeWeights *weights, const char *prompt,
        FeclipActivation activation, float *features, GError **error)
{
  gboolean is_default = strcmp (prompt, NORMAL_PROMPT) == 0
                        || strcmp (prompt, ANOMALY_PROMPT) == 0;
  g_autoptr (FeTokenizer) tokenizer = NULL;
  guint32 ids[FE_TOKENIZER_CONTEXT];
  gboolean truncated = FALSE;
  guint n_ids;

  if (!is_default && !open_tokenizer (self, &tokenizer, error))
    return FALSE;
  if (!fe_tokenizer_encode (tokenizer, prompt, FE_TOKENIZER_CONTEXT, ids,
                            &n_ids, &truncated, error))
    return FALSE;
  if (truncated)
    warn_truncated (prompt);
  return fe_text_encode (self->network->device, weights, activation, ids, n_ids,
                         self->network->config.embedding, features, error);
}

/* Copies a prompt's features from those encoded before, or encodes it. */
static gboolean
encode_once (FeclipModel *self, const char *prompt, FeclipActivation activation,
             float *features, GError **error)
{
  gsize size = self->network->config.embedding * sizeof (float);
  g_autofree char *key = g_strdup_printf ("%d/%s", activation, prompt);
  const float *known = g_hash_table_lookup (self->prompts, key);
  g_autoptr (FeWeights) weights = NULL;

  if (known) {
    memcpy (features, known, size);
    return TRUE;
  }
  weights = fe_network_reopen (self->network, error);
  if (!weights)
    return FALSE;
  if (!fe_text_is_in (weights)) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 self->network->text_features
                     ? "%s: holds no text encoder, only ready text features: "
                       "its prompts cannot be changed"
                     : "%s: holds neither a text encoder nor ready text "
                       "features, so that no prompt can be used",
                 self->network->model_file);
    return FALSE;
  }
  if (!encode (self, weights, prompt, activation, features, error))
    return FALSE;
  g_hash_table_insert (self->prompts, g_steal_pointer (&key),
                       g_memdup2 (features, size));
  return TRUE;
}

gboolean
fe_model_encode_prompts (FeclipModel *self, const char *normal,
                         const char *anomaly, FeclipActivation activation,
                         float *features, GError **error)
{
  const FeNetwork *network = self->network;
  gsize e = network->config.embedding;
  g_autoptr (GMutexLocker) locker = NULL;

  normal = set_or_null (normal);
  anomaly = set_or_null (anomaly);
  if (!normal && !anomaly && network->text_features) {
    memcpy (features, network->text_features, 2 * e * sizeof (float));
    return TRUE;
  }
  if (!network->model_file) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "random weights have no text encoder for a prompt");
    return FALSE;
  }
  locker = g_mutex_locker_new (&self->lock);
  return encode_once (self, normal ? normal : NORMAL_PROMPT, activation,
                      features, error)
         && encode_once (self, anomaly ? anomaly : ANOMALY_PROMPT, activation,
                         features + e, error);
}
