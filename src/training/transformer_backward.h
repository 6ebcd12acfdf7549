/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A frozen block of the transformer for a batch of images: forward, keeping
 * what its gradient needs, and backward to its input. Its own weights get no
 * gradient.
 *
 * Shapes as in transformer.h, with B images; [B][T] are stacks. */
#pragma once

#include "network/transformer.h"

G_BEGIN_DECLS

/* The transposed weights, which backward multiplies by. */
typedef struct {
  FeMatrix in_proj;  /* [D][3·D] */
  FeMatrix out_proj; /* [D][D] */
  FeMatrix fc;       /* [D][H] */
  FeMatrix proj;     /* [H][D] */
} FeBlockTransposed;

/* What the forward pass of a block keeps for its backward pass, besides its
 * input. */
typedef struct {
  FeMatrix qkv;           /* [B][T][3·D] */
  FeMatrix probabilities; /* [B·h][T][T] */
  FeMatrix middle;        /* [B][T][D] between attention and MLP */
  FeMatrix hidden;        /* [B][T][H] before the activation */
} FeBlockTrace;

/* Scratch memory of all blocks, forward and backward. */
typedef struct {
  FeMatrix normed;       /* [B][T][D] */
  FeMatrix attended;     /* [B][T][D] */
  FeMatrix hidden;       /* [B][T][H] */
  FeMatrix qkv;          /* [B][T][3·D] gradients */
  FeMatrix logits;       /* [B·h][T][T] */
  FeMatrix products;     /* [B·h][T][T] gradients of the logits */
  FeMatrix turned;       /* [B·h][T][T] transposed */
  FeMatrix turned_heads; /* [B·h][64][T] transposed */
} FeBlockScratch;

/* Allocates y = xᵀ in the arena and records the transposition, which has to run
 * before y is used. */
FeMatrix fe_transposed (FeCommands *commands, FeArena *arena, const char *what,
                        const FeMatrix *x);

void fe_block_transpose (FeBlockTransposed *self, FeCommands *commands,
                         FeArena *arena, const FeBlockWeights *weights);

void fe_block_trace_init (FeBlockTrace *self, FeArena *arena,
                          const FeTransformerConfig *config, guint tokens,
                          guint images);

void fe_block_scratch_init (FeBlockScratch *self, FeArena *arena,
                            const FeTransformerConfig *config, guint tokens,
                            guint images);

/* y = block (x), both [B][T][D]. */
typedef struct {
  const FeTransformerConfig *config;
  const FeBlockWeights *weights;
  FeclipActivation activation;
  const FeBlockTrace *trace;
  const FeBlockScratch *scratch;
  FeMatrix x;
} FeTracedBlock;

void fe_traced_block_forward (FeCommands *commands, const FeTracedBlock *block,
                              const FeMatrix *y);

/* Turns the gradient of y into that of x, in place. */
void fe_traced_block_backward (FeCommands *commands, const FeTracedBlock *block,
                               const FeBlockTransposed *transposed,
                               const FeMatrix *gradient);

G_END_DECLS
