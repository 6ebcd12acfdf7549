/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "network/vision.h"

#include <feclip/error.h>
#include <math.h>
#include <string.h>

/* Larger sizes than any network in use. The limits keep products in range. */
#define MAX_WIDTH 16384
#define MAX_PATCH 256
#define MAX_GRID 256

static gboolean
bad_tensor (const FeWeights *weights, const char *name, const char *expected,
            GError **error)
{
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
               "%s: tensor \"%s\" does not have the shape of %s",
               fe_weights_get_path (weights), name, expected);
  return FALSE;
}

gboolean
fe_vision_config_read (FeVisionConfig *config, const FeWeights *weights,
                       GError **error)
{
  const char *kernel = "visual.conv1.weight";
  const char *positions = "visual.positional_embedding";
  const char *proj = "visual.proj";
  FeShape shape;
  guint64 width;

  if (!fe_weights_get_shape (weights, kernel, &shape, error))
    return FALSE;
  if (shape.n_dims != 4 || shape.dims[1] != 3 || shape.dims[0] > MAX_WIDTH
      || shape.dims[2] != shape.dims[3] || shape.dims[2] == 0
      || shape.dims[2] > MAX_PATCH)
    return bad_tensor (weights, kernel, "a patch kernel [D, 3, p, p]", error);
  width = shape.dims[0];
  config->patch_size = (guint)shape.dims[2];

  if (!fe_weights_get_shape (weights, positions, &shape, error))
    return FALSE;
  config->grid_size = (guint)sqrt (shape.n_dims ? (double)shape.dims[0] : 0);
  config->tokens = config->grid_size * config->grid_size + 1;
  if (shape.n_dims != 2 || shape.dims[1] != width || config->grid_size == 0
      || config->grid_size > MAX_GRID || shape.dims[0] != config->tokens)
    return bad_tensor (weights, positions,
                       "positions of a square grid and a class [G·G + 1, D]",
                       error);
  config->image_size = config->grid_size * config->patch_size;

  if (!fe_weights_get_shape (weights, proj, &shape, error))
    return FALSE;
  if (shape.n_dims != 2 || shape.dims[0] != width || shape.dims[1] == 0
      || shape.dims[1] > MAX_WIDTH)
    return bad_tensor (weights, proj, "a projection [D, E]", error);
  config->embedding = (guint)shape.dims[1];
  return fe_transformer_config_read (&config->transformer, weights,
                                     "visual.transformer", (guint)width, error);
}

/* The class token is first in the file and last here. Its embedding is added to
 * its position. */
static FeMatrix
load_positions (FeWeightLoader *loader, const FeVisionConfig *config)
{
  guint d = config->transformer.width, t = config->tokens;
  g_autofree float *turned = g_new0 (float, (gsize)t *d);
  float *class_row = turned + (gsize)(t - 1) * d;
  const float *values;

  values = fe_weight_loader_values (loader, &FE_SHAPE (t, d),
                                    "visual.positional_embedding");
  if (values) {
    memcpy (turned, values + d, (gsize)(t - 1) * d * sizeof (float));
    memcpy (class_row, values, d * sizeof (float));
  }
  values =
      fe_weight_loader_values (loader, &FE_SHAPE (d), "visual.class_embedding");
  if (!values)
    return (FeMatrix){.rows = t, .columns = d, .batch = 1};
  for (guint c = 0; c < d; c++)
    class_row[c] += values[c];
  return fe_arena_residual (loader->arena, "positions", t, d, turned);
}

void
fe_vision_load (FeVisionWeights *self, FeWeightLoader *loader,
                const FeVisionConfig *config)
{
  guint d = config->transformer.width;

  self->patch_kernel = fe_weight_loader_patch_kernel (
      loader, d, 3, config->patch_size, "visual.conv1.weight");
  self->positional = load_positions (loader, config);
  self->ln_pre = fe_norm_load (loader, d, "visual.ln_pre");
  loader->strassen = TRUE;
  self->blocks =
      fe_transformer_load (loader, &config->transformer, "visual.transformer");
  loader->strassen = FALSE;
  self->ln_post = fe_norm_load (loader, d, "visual.ln_post");
  self->proj =
      fe_weight_loader_transposed (loader, config->embedding, d, "visual.proj");
}

void
fe_vision_weights_clear (FeVisionWeights *self)
{
  g_clear_pointer (&self->blocks, g_free);
}

void
fe_vision_activations_init (FeVisionActivations *self, FeArena *arena,
                            const FeVisionConfig *config, guint images)
{
  guint d = config->transformer.width, p = config->patch_size;
  guint t = config->tokens, b = images;

  self->patches = fe_arena_stack (arena, "patches", t, 3 * p * p, b);
  self->positions = (FeMatrix){0};
  self->embedded = fe_arena_stack (arena, "embedded patches", t, d, b);
  fe_block_activations_init (&self->block, arena, &config->transformer, t, b);
  self->class_normed = fe_arena_matrix (arena, "normed class tokens", b, d, 1);
  self->class_features =
      fe_arena_matrix (arena, "class features", b, config->embedding, 1);
}

gboolean
fe_vision_repeat_positions (FeVisionActivations *self, FeArena *arena,
                            const FeVisionWeights *w, GError **error)
{
  const FeMatrix *from = &w->positional;
  guint images = self->patches.batch;
  g_autofree float *values = g_new (float, (gsize)from->rows * from->columns);

  self->positions = fe_arena_stack (arena, "repeated positions", from->rows,
                                    from->columns, images);
  if (!fe_arena_check (arena, error)
      || !fe_matrix_read (from, 0, 0, from->rows, values, error))
    return FALSE;
  for (guint i = 0; i < images; i++)
    if (!fe_matrix_write (&self->positions, i, values, error))
      return FALSE;
  return TRUE;
}

FeVisionActivations
fe_vision_activations_first (const FeVisionActivations *self, guint n)
{
  FeVisionActivations first = *self;

  first.patches = fe_matrix_first (&self->patches, n);
  if (self->positions.buffer)
    first.positions = fe_matrix_first (&self->positions, n);
  first.embedded = fe_matrix_first (&self->embedded, n);
  first.block = fe_block_activations_first (&self->block, n);
  first.class_normed.rows = first.class_features.rows = n;
  return first;
}

void
fe_vision_embed (FeCommands *commands, const FeVisionWeights *w,
                 const FeVisionActivations *a)
{
  FeMatrix positions =
      a->patches.batch > 1 ? fe_matrix_stacked (&a->positions) : w->positional;
  FeMatrix embedded = fe_matrix_stacked (&a->embedded);
  FeMatrix x = fe_matrix_stacked (&a->block.x);

  /* The class token's row of patches is zero, so that the product leaves its
   * position and embedding as they are. */
  fe_op_matmul (commands, &(FeMatmul){
                              .use = "conv1",
                              .a = fe_matrix_stacked (&a->patches),
                              .b = w->patch_kernel,
                              .residual = &positions,
                              .c = embedded,
                          });
  fe_op_layer_norm (commands, "ln_pre", &embedded, 0, w->ln_pre.scale,
                    w->ln_pre.shift, &x);
}

void
fe_vision_project_class (FeCommands *commands, const FeVisionConfig *config,
                         const FeVisionWeights *w, const FeVisionActivations *a)
{
  FeMatrix x = fe_matrix_stacked (&a->block.x);

  fe_op_layer_norm_rows (commands, &(FeLayerNorm){
                                       .use = "ln_post",
                                       .x = x,
                                       .first = config->tokens - 1,
                                       .step = x.rows / a->block.x.batch,
                                       .scale = w->ln_post.scale,
                                       .shift = w->ln_post.shift,
                                       .y = a->class_normed,
                                   });
  fe_op_matmul (commands, &(FeMatmul){
                              .use = "fc_clip",
                              .a = a->class_normed,
                              .b = w->proj,
                              .c = a->class_features,
                          });
}
