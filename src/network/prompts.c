/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "network/prompts.h"

#include <feclip/error.h>
#include <string.h>

#include "network/prompt_cache.h"
#include "network/text.h"
#include "files/tokenizer.h"

#define NORMAL_PROMPT "A photo of a normal object"
#define ANOMALY_PROMPT "A photo of a damaged object"

/* What encoding needs, opened with the first prompt that is not in the cache.
 */
typedef struct {
  const FePromptEncoding *how;
  FePromptCache *cache;
  gboolean encoding; /* whether it is this thread's turn to encode */
  FeWeights *weights;
  FeTokenizer *tokenizer;
  FeTextEncoder *encoder;
} Session;

static void
session_clear (Session *self)
{
  fe_text_encoder_free (self->encoder);
  fe_tokenizer_free (self->tokenizer);
  g_clear_pointer (&self->weights, fe_weights_free);
  if (self->encoding)
    fe_prompt_cache_end_encoding (self->cache);
}

static gboolean
open_weights (Session *self, GError **error)
{
  const FeNetwork *network = self->how->network;

  if (self->weights)
    return TRUE;
  self->weights = fe_network_reopen (network, error);
  if (!self->weights)
    return FALSE;
  if (fe_text_is_in (self->weights))
    return TRUE;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
               network->text_features
                   ? "%s: holds no text encoder, only ready text features: "
                     "its prompts cannot be changed"
                   : "%s: holds neither a text encoder nor ready text "
                     "features, so that no prompt can be used",
               network->model_file);
  return FALSE;
}

/* Opens the vocabulary that was set, else the one beside the weights. Without
 * either, self->tokenizer stays NULL. */
static gboolean
open_tokenizer (Session *self, GError **error)
{
  g_autofree char *beside = NULL;
  const char *path = self->how->tokenizer_file;

  if (self->tokenizer)
    return TRUE;
  if (!path)
    path = beside = fe_tokenizer_find_beside (self->how->network->model_file);
  if (path)
    self->tokenizer = fe_tokenizer_open (path, error);
  return !path || self->tokenizer;
}

/* The prompt is valid UTF-8: the tokenizer refuses anything else. */
static gboolean
refuse_or_warn (const Session *self, const char *prompt, GError **error)
{
  glong shown = MIN (g_utf8_strlen (prompt, -1), 40);
  g_autofree char *beginning = g_utf8_substring (prompt, 0, shown);

  if (self->how->whole) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "prompt \"%s…\" has more than %u tokens", beginning,
                 FE_TOKENIZER_CONTEXT);
    return FALSE;
  }
  g_warning ("prompt \"%s…\" has more than %u tokens: the rest is ignored",
             beginning, FE_TOKENIZER_CONTEXT);
  return TRUE;
}

static gboolean
encode (Session *self, const char *prompt, float *features, gboolean *cut,
        GError **error)
{
  const FeNetwork *network = self->how->network;
  gboolean is_default = strcmp (prompt, NORMAL_PROMPT) == 0
                        || strcmp (prompt, ANOMALY_PROMPT) == 0;
  guint32 ids[FE_TOKENIZER_CONTEXT];
  guint n_ids;

  if (!open_weights (self, error)
      || (!is_default && !open_tokenizer (self, error))
      || !fe_tokenizer_encode (self->tokenizer, prompt, FE_TOKENIZER_CONTEXT,
                               ids, &n_ids, cut, error)
      || (*cut && !refuse_or_warn (self, prompt, error)))
    return FALSE;
  if (!self->encoder)
    self->encoder = fe_text_encoder_new (network->device, self->weights,
                                         self->how->activation,
                                         network->config.embedding, error);
  return self->encoder
         && fe_text_encoder_run (self->encoder, ids, n_ids, features, error);
}

static char *
make_key (const FePromptEncoding *how, const char *prompt, gboolean cut)
{
  return g_strdup_printf ("%d\n%d\n%s\n%s", how->activation, cut,
                          how->tokenizer_file ? how->tokenizer_file : "",
                          prompt);
}

/* Keys of a prompt's features: encoded whole, and cut where it is too long. */
typedef struct {
  char *whole;
  char *cut;
} Keys;

static gboolean
lookup (const Session *self, const Keys *keys, float *features)
{
  return fe_prompt_cache_lookup (self->cache, keys->whole, features)
         || (!self->how->whole
             && fe_prompt_cache_lookup (self->cache, keys->cut, features));
}

static gboolean
encode_new (Session *self, const char *prompt, const Keys *keys,
            float *features, GError **error)
{
  gboolean cut = FALSE;

  if (!self->encoding) {
    fe_prompt_cache_begin_encoding (self->cache);
    self->encoding = TRUE;
    /* Another thread may have encoded it in the meantime. */
    if (lookup (self, keys, features))
      return TRUE;
  }
  if (!encode (self, prompt, features, &cut, error))
    return FALSE;
  fe_prompt_cache_insert (self->cache, cut ? keys->cut : keys->whole, features);
  return TRUE;
}

/* Copies a prompt's features from the cache, or encodes it. */
static gboolean
encode_once (Session *self, const char *prompt, float *features, GError **error)
{
  g_autofree char *whole = make_key (self->how, prompt, FALSE);
  g_autofree char *cut = make_key (self->how, prompt, TRUE);
  const Keys keys = {whole, cut};

  return lookup (self, &keys, features)
         || encode_new (self, prompt, &keys, features, error);
}

/* Splits a side into its prompts. Blank lines are skipped; an empty prompt
 * beside a "|" is an error. */
static GPtrArray *
split (const char *text, GError **error)
{
  g_autoptr (GPtrArray) prompts = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i]; i++) {
    g_auto (GStrv) parts = NULL;

    if (*g_strstrip (lines[i]) == '\0')
      continue;
    parts = g_strsplit (lines[i], "|", -1);
    for (guint j = 0; parts[j]; j++) {
      if (*g_strstrip (parts[j]) == '\0') {
        g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                     "there is an empty prompt before or after a \"|\"");
        return NULL;
      }
      g_ptr_array_add (prompts, g_strdup (parts[j]));
    }
  }
  if (prompts->len)
    return g_steal_pointer (&prompts);
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT, "the prompt is empty");
  return NULL;
}

static gboolean
encode_side (Session *self, const char *text, float *features, GError **error)
{
  guint e = self->how->network->config.embedding;
  g_autoptr (GPtrArray) prompts = split (text, error);
  g_autofree float *one = g_new (float, e);
  g_autofree double *sum = g_new0 (double, e);

  if (!prompts)
    return FALSE;
  if (prompts->len == 1)
    return encode_once (self, g_ptr_array_index (prompts, 0), features, error);
  for (guint i = 0; i < prompts->len; i++) {
    if (!encode_once (self, g_ptr_array_index (prompts, i), one, error))
      return FALSE;
    for (guint c = 0; c < e; c++)
      sum[c] += one[c];
  }
  for (guint c = 0; c < e; c++)
    features[c] = (float)(sum[c] / prompts->len);
  if (fe_text_normalize (features, e))
    return TRUE;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
               "its prompts cancel each other out");
  return FALSE;
}

gboolean
fe_prompts_encode (const FePromptEncoding *how, const char *normal,
                   const char *anomaly, float *features, GError **error)
{
  Session session = {.how = how, .cache = how->network->prompts};
  const struct {
    const char *name, *text, *usual;
  } sides[] = {
      {"normal-prompt", normal, NORMAL_PROMPT},
      {"anomaly-prompt", anomaly, ANOMALY_PROMPT},
  };
  gboolean ok = TRUE;

  for (guint i = 0; ok && i < G_N_ELEMENTS (sides); i++) {
    const char *text = sides[i].text ? sides[i].text : sides[i].usual;
    gsize first = (gsize)i * how->network->config.embedding;

    ok = encode_side (&session, text, features + first, error);
    /* Only a prompt that was set can be at fault. */
    if (!ok && sides[i].text)
      g_prefix_error (error, "%s: ", sides[i].name);
  }
  session_clear (&session);
  return ok;
}
