/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The adapters of one tap for a batch of images: forward, keeping what the
 * gradients need, and backward to the tap's input and to the weights.
 *
 * Shapes as in adapters.h, with B images and N = W·W·P·P rows of spectra;
 * [B][…] are stacks. */
#pragma once

#include "network/adapters.h"

G_BEGIN_DECLS

typedef struct {
  FeMatrix spectra;  /* [B][N][D] */
  FeMatrix ffe_sums; /* [B][N][D] before the activation */
  FeMatrix im2col;   /* [B][G·G][9·D] */
  FeMatrix lfs_sums; /* [B][G·G][D] before the activation */
} FeAdapterTrace;

/* What all taps share, forward and backward. */
typedef struct {
  FeBuffer *ffe_basis;      /* [P][P] */
  FeBuffer *lfs_table;      /* [Q], [Q][Q] */
  FeMatrix enhanced;        /* [B][N][D] */
  FeMatrix spectra;         /* [B][N][D] gradients */
  FeMatrix ffe;             /* [B][G·G][D] */
  FeMatrix statistic;       /* [B][G·G][D] */
  FeMatrix lfs;             /* [B][G·G][D] */
  FeMatrix im2col;          /* [B][G·G][9·D] gradients */
  FeMatrix turned_spectra;  /* [D][B·N] */
  FeMatrix turned_enhanced; /* [D][B·N] */
  FeMatrix turned_im2col;   /* [9·D][B·G·G] */
  FeMatrix turned_lfs;      /* [D][B·G·G] */
} FeAdapterScratch;

void fe_adapter_trace_init (FeAdapterTrace *self, FeArena *arena,
                            const FeAdapterConfig *config, guint width,
                            guint images);

void fe_adapter_scratch_init (FeAdapterScratch *self, FeArena *arena,
                              const FeAdapterConfig *config, guint width,
                              guint images);

/* One tap. x [B][G·G + 1][D] is its input, the block's output. */
typedef struct {
  const FeAdapterConfig *config;
  const FeAdapterWeights *weights;
  const FeAdapterTrace *trace;
  const FeAdapterScratch *scratch;
  FeMatrix x;
  gboolean first; /* the gradient of x is not needed */
} FeTracedAdapter;

/* y = lambda · (FFE (x) + LFS (x)) + (1 − lambda) · x for the patches, y = x
 * for the class token. */
void fe_traced_adapter_forward (FeCommands *commands,
                                const FeTracedAdapter *adapter,
                                const FeMatrix *y);

/* Turns the gradient of y into that of x, in place, unless x is the first, and
 * adds the gradients of the weights, without their factor lambda. `transposed`
 * has ffe_mlp [D][D] and lfs_conv [9·D][D] transposed. */
void fe_traced_adapter_backward (FeCommands *commands,
                                 const FeTracedAdapter *adapter,
                                 const FeAdapterWeights *transposed,
                                 const FeAdapterWeights *gradients,
                                 const FeMatrix *gradient);

/* Adds to the gradients of a layer y = x · weightsᵀ + bias. dy and x are
 * stacks; padding rows of dy must be zero. */
typedef struct {
  const char *use;
  FeMatrix dy;
  FeMatrix x;
  FeMatrix turned_dy; /* [outputs][all rows of dy], scratch */
  FeMatrix turned_x;  /* [inputs][all rows of x], scratch */
  FeMatrix weights;   /* gradients [outputs][inputs] */
  FeBuffer *bias;     /* gradients [outputs] */
} FeLayerGradients;

void fe_layer_gradients (FeCommands *commands, const FeLayerGradients *layer);

/* Allocates a matrix for a stack that is transposed as a whole. */
FeMatrix fe_arena_turned (FeArena *arena, const char *what,
                          const FeMatrix *stack);

G_END_DECLS
