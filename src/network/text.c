/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "network/text.h"

#include <feclip/error.h>
#include <math.h>

#include "network/transformer.h"

/* Larger widths and vocabularies than any tower in use. */
#define MAX_WIDTH 16384
#define MAX_VOCABULARY (1 << 20)
#define MAX_CONTEXT 4096

/* Shapes: n tokens, width Dt, embedding E. */
typedef struct {
  FeTransformerConfig transformer;
  guint context;
  guint vocabulary;
  guint embedding; /* E */
} TextConfig;

typedef struct {
  FeBlockWeights *blocks;
  FeNormWeights ln_final;
  FeMatrix projection; /* [E][Dt] */
} TextWeights;

struct _FeTextEncoder {
  FeDevice *device;
  const FeWeights *file;
  FeclipActivation activation;
  TextConfig config;
  FeArena *arena; /* of what follows */
  TextWeights weights;
};

typedef struct {
  FeBlockActivations block;
  FeMatrix normed;   /* [1][Dt] the end-of-text token */
  FeMatrix features; /* [1][E] */
} TextActivations;

gboolean
fe_text_is_in (const FeWeights *weights)
{
  return fe_weights_has (weights, "token_embedding.weight");
}

static gboolean
bad_shape (const FeWeights *weights, const char *name, GError **error)
{
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
               "%s: tensor \"%s\" does not fit a text encoder",
               fe_weights_get_path (weights), name);
  return FALSE;
}

static gboolean
config_read (TextConfig *config, const FeWeights *weights, guint embedding,
             GError **error)
{
  FeShape tokens, positions;

  if (!fe_weights_get_shape (weights, "token_embedding.weight", &tokens, error)
      || !fe_weights_get_shape (weights, "positional_embedding", &positions,
                                error))
    return FALSE;
  if (tokens.n_dims != 2 || tokens.dims[0] > MAX_VOCABULARY
      || tokens.dims[1] > MAX_WIDTH)
    return bad_shape (weights, "token_embedding.weight", error);
  if (positions.n_dims != 2 || positions.dims[0] > MAX_CONTEXT
      || positions.dims[1] != tokens.dims[1])
    return bad_shape (weights, "positional_embedding", error);
  config->vocabulary = (guint)tokens.dims[0];
  config->context = (guint)positions.dims[0];
  config->embedding = embedding;
  return fe_transformer_config_read (&config->transformer, weights,
                                     "transformer", (guint)tokens.dims[1],
                                     error);
}

/* Gathers the ids' rows of the token table and adds their positions. On the
 * host, as the table is too large for some devices' buffers. */
static gboolean
embed (const TextConfig *config, const FeWeights *weights, const guint32 *ids,
       guint n_ids, float *embedded, GError **error)
{
  guint d = config->transformer.width;
  const FeShape table = FE_SHAPE (config->vocabulary, d);
  const FeShape positions = FE_SHAPE (config->context, d);
  g_autofree float *position = g_new (float, d);

  for (guint i = 0; i < n_ids; i++) {
    float *row = embedded + (gsize)i * d;

    if (ids[i] >= config->vocabulary || i >= config->context) {
      g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                   "%s: its text encoder knows %u tokens and reads %u at a "
                   "time; the prompt has token %u at place %u",
                   fe_weights_get_path (weights), config->vocabulary,
                   config->context, ids[i], i);
      return FALSE;
    }
    if (!fe_weights_read_rows (weights, "token_embedding.weight", &table,
                               ids[i], 1, row, error)
        || !fe_weights_read_rows (weights, "positional_embedding", &positions,
                                  i, 1, position, error))
      return FALSE;
    for (guint c = 0; c < d; c++)
      row[c] += position[c];
  }
  return TRUE;
}

static void
text_load (TextWeights *self, FeWeightLoader *loader, const TextConfig *config)
{
  guint d = config->transformer.width;

  self->blocks =
      fe_transformer_load (loader, &config->transformer, "transformer");
  self->ln_final = fe_norm_load (loader, d, "ln_final");
  self->projection = fe_weight_loader_transposed (loader, config->embedding, d,
                                                  "text_projection");
}

static gboolean
run (const FeTextEncoder *self, const TextActivations *a, guint n_ids,
     GError **error)
{
  const TextConfig *config = &self->config;
  const TextWeights *w = &self->weights;
  g_autoptr (FeCommands) commands =
      fe_commands_new (self->device, FALSE, error);

  if (!commands)
    return FALSE;
  for (guint i = 0; i < config->transformer.n_blocks; i++)
    fe_block_forward (commands, &config->transformer, &w->blocks[i],
                      self->activation, TRUE, &a->block);
  fe_op_layer_norm (commands, "ln_final", &a->block.x, n_ids - 1,
                    w->ln_final.scale, w->ln_final.shift, &a->normed);
  fe_op_matmul (commands, &(FeMatmul){
                              .use = "text_projection",
                              .a = a->normed,
                              .b = w->projection,
                              .c = a->features,
                          });
  return fe_commands_end (commands, error) && fe_commands_run (commands, error);
}

gboolean
fe_text_normalize (float *features, guint n)
{
  double square = 0;

  for (guint i = 0; i < n; i++)
    square += (double)features[i] * features[i];
  if (!(square > 0))
    return FALSE;
  for (guint i = 0; i < n; i++)
    features[i] = (float)(features[i] / sqrt (square));
  return TRUE;
}

FeTextEncoder *
fe_text_encoder_new (FeDevice *device, const FeWeights *weights,
                     FeclipActivation activation, guint embedding,
                     GError **error)
{
  g_autoptr (FeTextEncoder) self = g_new0 (FeTextEncoder, 1);
  FeWeightLoader loader = {.weights = weights};
  gboolean ok;

  self->device = fe_device_ref (device);
  self->file = weights;
  self->activation = activation;
  if (!config_read (&self->config, weights, embedding, error))
    return NULL;
  loader.arena = self->arena = fe_arena_new (device);
  text_load (&self->weights, &loader, &self->config);
  ok = fe_weight_loader_check (&loader, error);
  fe_weight_loader_clear (&loader);
  return ok ? g_steal_pointer (&self) : NULL;
}

void
fe_text_encoder_free (FeTextEncoder *self)
{
  if (!self)
    return;
  g_free (self->weights.blocks);
  g_clear_pointer (&self->arena, fe_arena_free);
  fe_device_unref (self->device);
  g_free (self);
}

gboolean
fe_text_encoder_run (FeTextEncoder *self, const guint32 *ids, guint n_ids,
                     float *features, GError **error)
{
  g_autoptr (FeArena) arena = fe_arena_new (self->device);
  const TextConfig *config = &self->config;
  guint d = config->transformer.width, e = config->embedding;
  g_autofree float *embedded = g_new (float, (gsize)n_ids *d);
  TextActivations activations;

  g_assert (n_ids > 0);
  if (!embed (config, self->file, ids, n_ids, embedded, error))
    return FALSE;
  fe_block_activations_init (&activations.block, arena, &config->transformer,
                             n_ids, 1);
  activations.normed = fe_arena_matrix (arena, "end of text", 1, d, 1);
  activations.features = fe_arena_matrix (arena, "text features", 1, e, 1);
  if (!fe_arena_check (arena, error)
      || !fe_matrix_write (&activations.block.x, 0, embedded, error)
      || !run (self, &activations, n_ids, error)
      || !fe_matrix_read (&activations.features, 0, 0, 1, features, error))
    return FALSE;
  if (!fe_text_normalize (features, e)) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "%s: its text encoder gives features of length 0",
                 fe_weights_get_path (self->file));
    return FALSE;
  }
  return TRUE;
}
