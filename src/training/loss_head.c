/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "training/loss_head.h"

#include <string.h>

#include "compute/ops_backward.h"

/* Weights of upsample.comp: half-pixel centres, edges replicated. Row Y has the
 * shares of the small map's rows. */
static float *
bilinear_weights (guint small, guint large)
{
  float *weights = g_new0 (float, (gsize)large *small);

  for (guint i = 0; i < large; i++) {
    double at = CLAMP ((i + 0.5) * small / large - 0.5, 0, small - 1.0);
    guint low = (guint)at, high = MIN (low + 1, small - 1);

    weights[(gsize)i * small + low] += (float)(1 - (at - low));
    weights[(gsize)i * small + high] += (float)(at - low);
  }
  return weights;
}

static void
init_bilinear (FeLossHead *self, FeArena *arena)
{
  guint g = self->config.grid_size, s = self->config.image_size;
  g_autofree float *weights = bilinear_weights (g, s);
  g_autofree float *turned = g_new (float, (gsize)g *s);

  for (gsize i = 0; i < s; i++) {
    for (gsize j = 0; j < g; j++)
      turned[j * s + i] = weights[i * g + j];
  }
  self->bilinear = fe_arena_residual (arena, "bilinear weights", s, g, weights);
  self->bilinear_turned =
      fe_arena_residual (arena, "bilinear weights", g, s, turned);
}

static void
init_text (FeLossHead *self, FeArena *arena, const float *text)
{
  guint e = self->config.embedding, padded = fe_padded_columns (e);
  g_autofree float *rows = g_new0 (float, 2 * (gsize)padded);

  memcpy (rows, text, e * sizeof (float));
  memcpy (rows + padded, text + e, e * sizeof (float));
  self->text = fe_arena_floats (arena, "text features", FE_BUFFER_DEVICE,
                                2 * padded, rows);
}

void
fe_loss_head_init (FeLossHead *self, FeArena *arena, const FeLossConfig *config,
                   const float *text)
{
  guint g = config->grid_size, s = config->image_size, b = config->images;
  guint maps = config->n_taps * b;

  self->config = *config;
  init_bilinear (self, arena);
  init_text (self, arena, text);
  self->losses = (FeLosses){
      .n_taps = config->n_taps,
      .images = b,
      .alpha = config->alpha,
      .gamma = config->gamma,
      .targets =
          fe_arena_floats (arena, "targets", FE_BUFFER_UPLOAD, 4 * b, NULL),
      .losses =
          fe_arena_floats (arena, "losses", FE_BUFFER_READBACK, 4 * maps, NULL),
  };
  self->scores =
      fe_arena_floats (arena, "scores", FE_BUFFER_DEVICE, maps, NULL);
  self->score_gradients = fe_arena_floats (arena, "gradients of scores",
                                           FE_BUFFER_DEVICE, maps, NULL);
  self->maps = fe_arena_stack (arena, "maps", g, g, maps);
  self->columns = fe_arena_stack (arena, "maps' columns", s, g, maps);
  self->column_gradients =
      fe_arena_stack (arena, "gradients of maps' columns", g, s, maps);
  self->large = fe_arena_stack (arena, "upsampled maps", s, s, maps);
  self->large_gradients =
      fe_arena_stack (arena, "gradients of upsampled maps", s, s, maps);
  self->masks = fe_arena_stack (arena, "masks", s, s, b);
  self->sums = fe_arena_floats (arena, "sums of losses", FE_BUFFER_DEVICE,
                                4 * (gsize)maps * s, NULL);
  self->totals = fe_arena_floats (arena, "totals of losses", FE_BUFFER_DEVICE,
                                  4 * maps, NULL);
}

/* The maps of one tap. */
static FeMatrix
tap_maps (const FeLossHead *self, guint tap)
{
  FeMatrix maps = self->maps;

  maps.batch = self->config.images;
  maps.offset = tap * maps.batch * maps.batch_stride;
  return maps;
}

/* The rows of the patches, without the class token. */
static FeMatrix
patch_rows (const FeMatrix *features)
{
  FeMatrix patches = *features;

  patches.rows--;
  return patches;
}

void
fe_loss_head_add_tap (FeCommands *commands, const FeLossHead *self, guint tap,
                      const FeMatrix *class_features, const FeMatrix *features)
{
  const FeMatrix maps = tap_maps (self, tap);

  fe_op_similarity (commands, &(FeSimilarity){
                                  .z = *class_features,
                                  .text = self->text,
                                  .temperature = self->config.temperature,
                                  .type = FECLIP_MAP_TYPE_PROBABILITY,
                                  .weight = 1,
                                  .values = self->scores,
                                  .first = tap * self->config.images,
                              });
  fe_op_similarity (commands, &(FeSimilarity){
                                  .z = patch_rows (features),
                                  .text = self->text,
                                  .temperature = self->config.temperature,
                                  .type = FECLIP_MAP_TYPE_PROBABILITY,
                                  .weight = 1,
                                  .maps = &maps,
                              });
}

/* c = a · bᵀ for every map. */
static void
multiply (FeCommands *commands, const char *use, const FeMatrix *a,
          const FeMatrix *b, const FeMatrix *c)
{
  fe_op_matmul (commands, &(FeMatmul){.use = use, .a = *a, .b = *b, .c = *c});
}

void
fe_loss_head_run (FeCommands *commands, const FeLossHead *self)
{
  const FeMapLosses maps = {
      .maps = self->large,
      .masks = self->masks,
      .sums = self->sums,
      .totals = self->totals,
  };

  /* With A the weights: columns = A · mapᵀ, large = A · columnsᵀ. */
  multiply (commands, "upsample", &self->bilinear, &self->maps, &self->columns);
  multiply (commands, "upsample", &self->bilinear, &self->columns,
            &self->large);
  fe_op_score_loss (commands, &self->losses, self->scores,
                    self->score_gradients);
  fe_op_map_losses (commands, &self->losses, &maps);
  fe_op_map_losses_backward (commands, &self->losses, &maps,
                             &self->large_gradients);
  multiply (commands, "upsample backward", &self->bilinear_turned,
            &self->large_gradients, &self->column_gradients);
  multiply (commands, "upsample backward", &self->bilinear_turned,
            &self->column_gradients, &self->maps);
}

void
fe_loss_head_backward (FeCommands *commands, const FeLossHead *self, guint tap,
                       const FeLossHeadBackward *backward)
{
  const FeMatrix maps = tap_maps (self, tap);

  fe_op_similarity_backward (commands,
                             &(FeSimilarityBackward){
                                 .z = backward->class_features,
                                 .text = self->text,
                                 .temperature = self->config.temperature,
                                 .gradients = self->score_gradients,
                                 .first = tap * self->config.images,
                                 .dz = backward->class_gradients,
                             });
  fe_op_similarity_backward (commands,
                             &(FeSimilarityBackward){
                                 .z = patch_rows (&backward->features),
                                 .text = self->text,
                                 .temperature = self->config.temperature,
                                 .maps = &maps,
                                 .dz = backward->gradients,
                             });
}
