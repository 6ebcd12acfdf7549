/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CLIP's visual encoder.
 *
 * Shapes: image edge S, patch edge p, grid edge G = S / p, width D, embedding
 * E, T = G·G + 1 tokens. The class token is the last token here, not the first
 * as in CLIP, so that the patch grid starts at row 0 of every matrix; attention
 * does not mind. B images go through it at a time, stacked. */
#pragma once

#include "network/transformer.h"

G_BEGIN_DECLS

typedef struct {
  guint image_size; /* S */
  guint patch_size; /* p */
  guint grid_size;  /* G */
  guint tokens;     /* T */
  guint embedding;  /* E */
  FeTransformerConfig transformer;
} FeVisionConfig;

typedef struct {
  FeMatrix patch_kernel; /* [D][3·p·p] */
  FeMatrix positional;   /* [T][D], class embedding added to the last row */
  FeNormWeights ln_pre;
  FeBlockWeights *blocks;
  FeNormWeights ln_post;
  FeMatrix proj; /* [E][D], called fc_clip in the paper */
} FeVisionWeights;

typedef struct {
  FeMatrix patches; /* [B][T][3·p·p] normalised pixels; zero for the class */
  FeMatrix positions; /* [B][T][D] the weights' for each; empty where B = 1 */
  FeMatrix embedded;  /* [B][T][D] before ln_pre */
  FeBlockActivations block;
  FeMatrix class_normed;   /* [B][D] */
  FeMatrix class_features; /* [B][E] */
} FeVisionActivations;

gboolean fe_vision_config_read (FeVisionConfig *config,
                                const FeWeights *weights, GError **error);

void fe_vision_load (FeVisionWeights *self, FeWeightLoader *loader,
                     const FeVisionConfig *config);

void fe_vision_weights_clear (FeVisionWeights *self);

void fe_vision_activations_init (FeVisionActivations *self, FeArena *arena,
                                 const FeVisionConfig *config, guint images);

/* Fills `positions`, for more than one image. */
gboolean fe_vision_repeat_positions (FeVisionActivations *self, FeArena *arena,
                                     const FeVisionWeights *weights,
                                     GError **error);

/* The same memory for the first n images. */
FeVisionActivations
fe_vision_activations_first (const FeVisionActivations *self, guint n);

/* block.x = ln_pre (patches · kernel + positions). */
void fe_vision_embed (FeCommands *commands, const FeVisionWeights *weights,
                      const FeVisionActivations *activations);

/* class_features = proj (ln_post (class tokens of block.x)). */
void fe_vision_project_class (FeCommands *commands,
                              const FeVisionConfig *config,
                              const FeVisionWeights *weights,
                              const FeVisionActivations *activations);

G_END_DECLS
