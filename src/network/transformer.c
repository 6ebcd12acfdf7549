/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "network/transformer.h"

#include <feclip/error.h>

gboolean
fe_transformer_config_read (FeTransformerConfig *config,
                            const FeWeights *weights, const char *prefix,
                            guint width, GError **error)
{
  g_autofree char *first =
      g_strdup_printf ("%s.resblocks.0.mlp.c_fc.weight", prefix);
  const char *path = fe_weights_get_path (weights);
  FeShape shape;

  if (!fe_weights_get_shape (weights, first, &shape, error))
    return FALSE;
  if (width == 0 || width % FE_HEAD_CHANNELS != 0) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "%s: %s has %u channels, not a multiple of %u", path, prefix,
                 width, FE_HEAD_CHANNELS);
    return FALSE;
  }
  if (shape.n_dims != 2 || shape.dims[0] == 0 || shape.dims[0] % 8 != 0
      || shape.dims[0] > 64 * (guint64)width) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "%s: tensor \"%s\" is not the matrix of an MLP", path, first);
    return FALSE;
  }
  config->width = width;
  config->hidden = (guint)shape.dims[0];
  for (config->n_blocks = 1;; config->n_blocks++) {
    g_autofree char *next = g_strdup_printf ("%s.resblocks.%u.ln_1.weight",
                                             prefix, config->n_blocks);

    if (!fe_weights_has (weights, next))
      return TRUE;
  }
}

FeNormWeights
fe_norm_load (FeWeightLoader *loader, guint width, const char *name)
{
  FeNormWeights norm;

  norm.scale = fe_weight_loader_vector (loader, width, "%s.weight", name);
  norm.shift = fe_weight_loader_vector (loader, width, "%s.bias", name);
  return norm;
}

static void
block_load (FeBlockWeights *self, FeWeightLoader *loader,
            const FeTransformerConfig *config, const char *prefix, guint index)
{
  g_autofree char *block = g_strdup_printf ("%s.resblocks.%u", prefix, index);
  g_autofree char *ln_1 = g_strconcat (block, ".ln_1", NULL);
  g_autofree char *ln_2 = g_strconcat (block, ".ln_2", NULL);
  guint d = config->width, h = config->hidden;

  self->ln_1 = fe_norm_load (loader, d, ln_1);
  self->in_proj = fe_weight_loader_matrix (loader, 3 * d, d,
                                           "%s.attn.in_proj_weight", block);
  self->in_proj_bias =
      fe_weight_loader_vector (loader, 3 * d, "%s.attn.in_proj_bias", block);
  self->out_proj =
      fe_weight_loader_matrix (loader, d, d, "%s.attn.out_proj.weight", block);
  self->out_proj_bias =
      fe_weight_loader_vector (loader, d, "%s.attn.out_proj.bias", block);
  self->ln_2 = fe_norm_load (loader, d, ln_2);
  self->fc =
      fe_weight_loader_matrix (loader, h, d, "%s.mlp.c_fc.weight", block);
  self->fc_bias =
      fe_weight_loader_vector (loader, h, "%s.mlp.c_fc.bias", block);
  self->proj =
      fe_weight_loader_matrix (loader, d, h, "%s.mlp.c_proj.weight", block);
  self->proj_bias =
      fe_weight_loader_vector (loader, d, "%s.mlp.c_proj.bias", block);
}

FeBlockWeights *
fe_transformer_load (FeWeightLoader *loader, const FeTransformerConfig *config,
                     const char *prefix)
{
  FeBlockWeights *blocks = g_new0 (FeBlockWeights, config->n_blocks);

  for (guint i = 0; i < config->n_blocks; i++)
    block_load (&blocks[i], loader, config, prefix, i);
  return blocks;
}

void
fe_block_activations_init (FeBlockActivations *self, FeArena *arena,
                           const FeTransformerConfig *config, guint tokens,
                           guint images)
{
  guint d = config->width, t = tokens, b = images;

  self->x = fe_arena_stack (arena, "tokens", t, d, b);
  self->normed = fe_arena_stack (arena, "normed tokens", t, d, b);
  self->qkv = fe_arena_stack (arena, "queries, keys, values", t, 3 * d, b);
  self->attended = fe_arena_stack (arena, "attended values", t, d, b);
  self->hidden =
      fe_arena_stack (arena, "hidden channels", t, config->hidden, b);
}

FeBlockActivations
fe_block_activations_first (const FeBlockActivations *self, guint n)
{
  return (FeBlockActivations){
      .x = fe_matrix_first (&self->x, n),
      .normed = fe_matrix_first (&self->normed, n),
      .qkv = fe_matrix_first (&self->qkv, n),
      .attended = fe_matrix_first (&self->attended, n),
      .hidden = fe_matrix_first (&self->hidden, n),
  };
}

void
fe_block_forward (FeCommands *commands, const FeTransformerConfig *config,
                  const FeBlockWeights *w, FeclipActivation activation,
                  gboolean causal, const FeBlockActivations *a)
{
  FeMatrix x = fe_matrix_stacked (&a->x);
  FeMatrix normed = fe_matrix_stacked (&a->normed);
  FeMatrix hidden = fe_matrix_stacked (&a->hidden);

  fe_op_layer_norm (commands, "ln_1", &x, 0, w->ln_1.scale, w->ln_1.shift,
                    &normed);
  fe_op_matmul (commands, &(FeMatmul){
                              .use = "attn.in_proj",
                              .a = normed,
                              .b = w->in_proj,
                              .bias = w->in_proj_bias,
                              .c = fe_matrix_stacked (&a->qkv),
                          });
  fe_op_attention (commands, &(FeAttention){
                                 .qkv = a->qkv,
                                 .images = a->x.batch,
                                 .image_rows = x.rows / a->x.batch,
                                 .causal = causal,
                                 .attended = a->attended,
                             });
  fe_op_matmul (commands, &(FeMatmul){
                              .use = "attn.out_proj",
                              .a = fe_matrix_stacked (&a->attended),
                              .b = w->out_proj,
                              .bias = w->out_proj_bias,
                              .residual = &x,
                              .c = x,
                          });

  fe_op_layer_norm (commands, "ln_2", &x, 0, w->ln_2.scale, w->ln_2.shift,
                    &normed);
  fe_op_matmul (commands, &(FeMatmul){
                              .use = "mlp.c_fc",
                              .a = normed,
                              .b = w->fc,
                              .bias = w->fc_bias,
                              .activation = activation,
                              .c = hidden,
                          });
  fe_op_matmul (commands, &(FeMatmul){
                              .use = "mlp.c_proj",
                              .a = hidden,
                              .b = w->proj,
                              .bias = w->proj_bias,
                              .residual = &x,
                              .c = x,
                          });
}
