/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The network's operations: one function per kernel, which checks the shapes
 * and records the dispatch. Nothing runs until the commands do. */
#pragma once

#include <feclip/settings.h>

#include "compute/matrix.h"
#include "compute/product_choice.h"
#include "compute/vulkan/commands.h"

G_BEGIN_DECLS

/* Channels of a head of attention; its kernels have them built in. */
#define FE_HEAD_CHANNELS 64

/* Workgroups for n invocations of a kernel other than the matrix product. */
guint fe_groups (const FeDevice *device, guint n);

/* c = act (a · bᵀ + bias) + residual, for every matrix of the batch.
 *   a [rows][k], b [columns][k], c [rows][columns] */
typedef struct {
  const char *use; /* for profiles */
  FeMatrix a;
  FeMatrix b;
  FeBuffer *bias;              /* [columns], or NULL */
  FeclipActivation activation; /* FECLIP_ACTIVATION_AUTO for none */
  const FeMatrix *residual;    /* shape and strides of c, may be c; or NULL */
  FeMatrix c;
  guint grid; /* edge of a convolution's grid, see below; 0 for a product */
  /* One that the kernel has, for measuring and for tests; NULL: the cheapest.
   * Processors do not look at it. */
  const FeProductTile *tile;
} FeMatmul;

void fe_op_matmul (FeCommands *commands, const FeMatmul *product);

/* Whether fe_op_matmul() can take the rows of a, [parts][grid²][channels], as
 * patches and sum over the 3×3 around each, zero outside, b being
 * [columns][9·channels] with columns (y, x, channel). Elsewhere
 * fe_op_im2col() gathers them first. */
gboolean fe_op_convolves (const FeDevice *device);

/* Which of graphics hardware's kernels multiplies by b. */
FeProductKernel fe_matmul_get_kernel (const FeDevice *device,
                                      const FeMatrix *b);

/* y[t] = LayerNorm (x[first + t]) · scale + shift; as many rows as y has. */
void fe_op_layer_norm (FeCommands *commands, const char *use, const FeMatrix *x,
                       guint first, FeBuffer *scale, FeBuffer *shift,
                       const FeMatrix *y);

/* attended[q] = Σ_k softmax_k (query[q] · key[k] / 8) · value[k] for each head
 * of 64 channels, in one pass without logits in memory. Frames lie below each
 * other, `image_rows` apart, a multiple of the device's panel. Rows up to the
 * next multiple of a product's tile may be written. */
typedef struct {
  FeMatrix qkv; /* [tokens][3·D] of the first frame: queries, keys, values */
  guint images; /* 0 counts as 1 */
  guint image_rows;
  gboolean causal;   /* a query sees no later key */
  FeMatrix attended; /* [tokens][D] of the first frame */
} FeAttention;

void fe_op_attention (FeCommands *commands, const FeAttention *attention);

/* The same of the rows first, first + step and so on. */
typedef struct {
  const char *use;
  FeMatrix x;
  guint first;
  guint step;
  FeBuffer *scale; /* [columns] */
  FeBuffer *shift; /* [columns] */
  FeMatrix y;
} FeLayerNorm;

void fe_op_layer_norm_rows (FeCommands *commands, const FeLayerNorm *norm);

/* p = softmax over keys of s / 8; s, p [heads][queries][keys]. */
void fe_op_softmax (FeCommands *commands, const FeMatrix *s, gboolean causal,
                    const FeMatrix *p);

/* y[part] [columns][rows] = x[part]ᵀ; x [parts][rows][columns]. y has its rows
 * padded to a multiple of 4. */
void fe_op_transpose (FeCommands *commands, const FeMatrix *x,
                      const FeMatrix *y);

/* What follows takes the images of a batch, all of them at once. */

/* FFE's windows of the patch grid to their spectra and back.
 *   patches [grid²][channels], spectra [windows² · window²][channels] */
typedef struct {
  guint grid;
  guint window;
  FeBuffer *basis; /* [window][window], from fe_dct_basis() */
} FeWindowDct;

void fe_op_window_dct (FeCommands *commands, const FeWindowDct *dct,
                       const FeMatrix *patches, const FeMatrix *spectra);
void fe_op_window_dct_inverse (FeCommands *commands, const FeWindowDct *dct,
                               const FeMatrix *spectra,
                               const FeMatrix *patches);

/* The gradients of the results on one side to those on the other. */
void fe_op_window_dct_backward (FeCommands *commands, const FeWindowDct *dct,
                                const FeMatrix *spectra,
                                const FeMatrix *patches);
void fe_op_window_dct_inverse_backward (FeCommands *commands,
                                        const FeWindowDct *dct,
                                        const FeMatrix *patches,
                                        const FeMatrix *spectra);

/* LFS's statistic of each patch's neighbourhood; x, y [grid²][channels].
 * `table` is from fe_lfs_table(). */
void fe_op_lfs_statistic (FeCommands *commands, guint grid, guint window,
                          FeclipLfsStatistic statistic, FeBuffer *table,
                          const FeMatrix *x, const FeMatrix *y);

/* y[p] = the 3×3 neighbours of p; x [grid²][channels], y [grid²][9·channels].
 */
void fe_op_im2col (FeCommands *commands, guint grid, const FeMatrix *x,
                   const FeMatrix *y);

/* y = lambda · (ffe + lfs) + (1 − lambda) · x for the rows that ffe has, y = x
 * for the others; y may be x. Linear and symmetric, so that its gradient is the
 * same operation: x the gradient of y, ffe and lfs what their own backward
 * functions make of it. */
typedef struct {
  FeMatrix ffe;
  FeMatrix lfs;
  double lambda;
  FeMatrix x;
  FeMatrix y;
} FeBlendAdapters;

void fe_op_blend_adapters (FeCommands *commands, const FeBlendAdapters *blend);

/* Whose prompts are in `text`, [2][padded features] for each. */
typedef enum {
  FE_TEXT_OF_ALL,
  FE_TEXT_OF_ROWS,
  FE_TEXT_OF_IMAGES,
} FeTextOf;

/* values[first + row] = or += weight · (probability or margin of z[row]), those
 * of a batch's images one behind the other; `text` holds
 * [2][padded features], normalised: normal, anomalous. */
typedef struct {
  FeMatrix z;
  FeBuffer *text;
  FeTextOf text_of;
  double temperature;
  FeclipMapType type;
  double weight;
  gboolean accumulate;
  FeBuffer *values;
  guint first;
  /* Instead of values: [images][edge][edge], z then is [images][edge²][] */
  const FeMatrix *maps;
} FeSimilarity;

void fe_op_similarity (FeCommands *commands, const FeSimilarity *similarity);

/* large [to_edge²] = small [edge²], which starts at `first`, bilinearly. */
void fe_op_upsample (FeCommands *commands, FeBuffer *small, guint first,
                     guint edge, FeBuffer *large, guint to_edge);

/* A Gaussian over map [edge²], in place; `weights` [radius + 1] is one half of
 * its kernel, `scratch` is of the map's size. */
void fe_op_smooth (FeCommands *commands, FeBuffer *map, FeBuffer *weights,
                   guint radius, FeBuffer *scratch, guint edge);

/* Orthonormal DCT-II basis: dst [n][n], C[k][i] = a_k cos (π/n (i + ½) k),
 * a_0 = √(1/n), a_k = √(2/n). */
void fe_dct_basis (guint n, float *dst);

/* What fe_op_lfs_statistic() reads: dst [n] w_i = Σ_k C[k][i], then [n][n] C.
 */
void fe_lfs_table (guint n, float *dst);

G_END_DECLS
