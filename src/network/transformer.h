/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The transformer block that both of CLIP's towers are made of.
 *
 * Shapes: T tokens, D channels, H hidden channels of the MLP (4·D); B images
 * or texts at a time. */
#pragma once

#include "network/weight_loader.h"
#include "compute/ops.h"

G_BEGIN_DECLS

typedef struct {
  guint width;  /* D */
  guint hidden; /* H */
  guint n_blocks;
} FeTransformerConfig;

typedef struct {
  FeBuffer *scale; /* [D] */
  FeBuffer *shift; /* [D] */
} FeNormWeights;

typedef struct {
  FeNormWeights ln_1;
  FeMatrix in_proj;        /* [3·D][D]: queries, keys, values */
  FeBuffer *in_proj_bias;  /* [3·D] */
  FeMatrix out_proj;       /* [D][D] */
  FeBuffer *out_proj_bias; /* [D] */
  FeNormWeights ln_2;
  FeMatrix fc;         /* [H][D] */
  FeBuffer *fc_bias;   /* [H] */
  FeMatrix proj;       /* [D][H] */
  FeBuffer *proj_bias; /* [D] */
} FeBlockWeights;

typedef struct {
  FeMatrix x;        /* [B][T][D] the residual stream */
  FeMatrix normed;   /* [B][T][D] */
  FeMatrix qkv;      /* [B][T][3·D] */
  FeMatrix attended; /* [B][T][D] */
  FeMatrix hidden;   /* [B][T][H] */
} FeBlockActivations;

/* Reads the shape of the blocks below `prefix` ("visual.transformer") in a
 * file. Fails where the width is not a multiple of 64, or where there is no
 * block. */
gboolean fe_transformer_config_read (FeTransformerConfig *config,
                                     const FeWeights *weights,
                                     const char *prefix, guint width,
                                     GError **error);

/* Loads "PREFIX.resblocks.0" and on; free with g_free(), check the loader. */
FeBlockWeights *fe_transformer_load (FeWeightLoader *loader,
                                     const FeTransformerConfig *config,
                                     const char *prefix);

FeNormWeights fe_norm_load (FeWeightLoader *loader, guint width,
                            const char *name);

void fe_block_activations_init (FeBlockActivations *self, FeArena *arena,
                                const FeTransformerConfig *config, guint tokens,
                                guint images);

/* The same memory for the first n images. */
FeBlockActivations fe_block_activations_first (const FeBlockActivations *self,
                                               guint n);

/* x += Attention (LN1 x); x += MLP (LN2 x). */
void fe_block_forward (FeCommands *commands, const FeTransformerConfig *config,
                       const FeBlockWeights *weights,
                       FeclipActivation activation, gboolean causal,
                       const FeBlockActivations *activations);

G_END_DECLS
