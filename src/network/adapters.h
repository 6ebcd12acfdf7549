/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* FE-CLIP's adapters: FFE and LFS at each tap, and fc_patch after them.
 *
 * Shapes: grid edge G, width D, embedding E, FFE window P with
 * W = ceil (G / P) windows along an edge; B images at a time. */
#pragma once

#include "network/weight_loader.h"
#include "compute/ops.h"

G_BEGIN_DECLS

#define FE_MAX_TAPS 64

typedef struct {
  FeMatrix ffe_mlp;   /* [D][D] */
  FeBuffer *ffe_bias; /* [D] */
  FeMatrix lfs_conv;  /* [D][9·D], columns (y, x, input) */
  FeBuffer *lfs_bias; /* [D] */
} FeAdapterWeights;

/* All adapters of a file; n_taps 0 means there are none. */
typedef struct {
  guint n_taps;
  FeAdapterWeights taps[FE_MAX_TAPS];
  FeMatrix fc_patch;       /* [E][D] */
  FeBuffer *fc_patch_bias; /* [E] */
} FeAdaptersWeights;

/* Settings of a detector; the same for all taps. */
typedef struct {
  guint grid;       /* G */
  guint ffe_window; /* P */
  guint lfs_window; /* Q */
  FeclipLfsStatistic statistic;
  double lambda;
} FeAdapterConfig;

typedef struct {
  FeBuffer *ffe_basis; /* [P][P] */
  FeBuffer *lfs_table; /* [Q], [Q][Q] */
  FeMatrix spectra;    /* [B][W·W·P·P][D] */
  FeMatrix enhanced;   /* [B][W·W·P·P][D] spectra after FFE's layer */
  FeMatrix ffe;        /* [B][G·G][D] */
  FeMatrix statistic;  /* [B][G·G][D] */
  FeMatrix im2col;     /* [B][G·G][9·D], where !fe_op_convolves() */
  FeMatrix lfs;        /* [B][G·G][D] */
  FeMatrix normed;     /* [B][G·G][D] */
  FeMatrix features;   /* [B][G·G][E] */
} FeAdapterActivations;

/* Counts the adapters in a file: 0 if there are none. A file where parts are
 * missing is an error. */
gboolean fe_adapters_count (const FeWeights *weights, guint *n_taps,
                            GError **error);

void fe_adapters_load (FeAdaptersWeights *self, FeWeightLoader *loader,
                       guint n_taps, guint width, guint embedding);

void fe_adapter_activations_init (FeAdapterActivations *self, FeArena *arena,
                                  const FeAdapterConfig *config, guint width,
                                  guint embedding, guint images);

/* The same memory for the first n images. */
FeAdapterActivations
fe_adapter_activations_first (const FeAdapterActivations *self, guint n);

/* a->ffe = FFE (x), a->lfs = LFS (x); x [B][G·G + 1][D], the last row is the
 * class token. */
void fe_ffe_forward (FeCommands *commands, const FeAdapterConfig *config,
                     const FeAdapterWeights *weights, const FeMatrix *x,
                     const FeAdapterActivations *activations);
void fe_lfs_forward (FeCommands *commands, const FeAdapterConfig *config,
                     const FeAdapterWeights *weights, const FeMatrix *x,
                     const FeAdapterActivations *activations);

/* Computes both, then x = lambda · (ffe + lfs) + (1 − lambda) · x for the
 * patches. */
void fe_adapter_forward (FeCommands *commands, const FeAdapterConfig *config,
                         const FeAdapterWeights *weights, const FeMatrix *x,
                         const FeAdapterActivations *activations);

/* a->features = fc_patch (ln_post (x)), ready for similarity. */
void fe_adapters_project (FeCommands *commands,
                          const FeAdaptersWeights *weights,
                          FeBuffer *ln_post_scale, FeBuffer *ln_post_shift,
                          const FeMatrix *x,
                          const FeAdapterActivations *activations);

G_END_DECLS
