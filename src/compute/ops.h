/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The network's operations. Each function checks the shapes of its operands and
 * records the dispatch of one kernel; nothing runs until the commands do.
 * Functions that take a batch process all its images in one dispatch. */
#pragma once

#include <feclip/settings.h>

#include "compute/matrix.h"
#include "compute/product_choice.h"
#include "compute/vulkan/commands.h"

G_BEGIN_DECLS

/* Channels of an attention head; the attention kernels have this number built
 * in. */
#define FE_HEAD_CHANNELS 64

/* Workgroups that n invocations need, in any kernel but the matrix products. */
guint fe_groups (const FeDevice *device, guint n);

/* c = act (a · bᵀ + bias) + residual, for every matrix of the batch.
 *
 *     a [rows][k], b [columns][k], c [rows][columns] */
typedef struct {
  const char *use; /* name in profiles, a static string */
  FeMatrix a;
  FeMatrix b;
  FeBuffer *bias;              /* [columns], or NULL */
  FeclipActivation activation; /* FECLIP_ACTIVATION_AUTO for none */
  const FeMatrix *residual;    /* shape and strides of c, may be c; or NULL */
  FeMatrix c;
  guint grid; /* edge of the grid for a convolution, see below; 0 for a product
               */
  /* Tile size to use, one of the kernel's own, for benchmarks and tests; NULL:
   * the fastest by estimate. Ignored on CPU drivers. */
  const FeProductTile *tile;
} FeMatmul;

void fe_op_matmul (FeCommands *commands, const FeMatmul *product);

/* Whether fe_op_matmul() can do 3×3 convolutions itself (implicit im2col): with
 * `grid` set, a is [images][grid²][channels], b is [columns][9·channels] in the
 * order (y, x, channel), and patches outside the grid are zero. If not, use
 * fe_op_im2col() and a plain product. */
gboolean fe_op_convolves (const FeDevice *device);

/* The matmul kernel that multiplies by b on a GPU. */
FeProductKernel fe_matmul_get_kernel (const FeDevice *device,
                                      const FeMatrix *b);

/* y[t] = LayerNorm (x[first + t]) · scale + shift, for every row t of y. */
void fe_op_layer_norm (FeCommands *commands, const char *use, const FeMatrix *x,
                       guint first, FeBuffer *scale, FeBuffer *shift,
                       const FeMatrix *y);

/* attended[q] = Σ_k softmax_k (query[q] · key[k] / 8) · value[k] for each head
 * of 64 channels, in one pass that does not store the logits. The images of a
 * batch are `image_rows` rows apart, a multiple of the device's panel. Rows up
 * to the next multiple of a matrix product's tile may be overwritten. */
typedef struct {
  FeMatrix qkv; /* [tokens][3·D] of the first image: queries, keys, values */
  guint images; /* 0 counts as 1 */
  guint image_rows;
  gboolean causal;   /* masks keys after the query */
  FeMatrix attended; /* [tokens][D] of the first image */
} FeAttention;

void fe_op_attention (FeCommands *commands, const FeAttention *attention);

/* Layer normalisation of the rows first, first + step and so on of x. */
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

/* p = softmax of s / 8 over the keys; s, p [heads][queries][keys]. */
void fe_op_softmax (FeCommands *commands, const FeMatrix *s, gboolean causal,
                    const FeMatrix *p);

/* y[i] = x[i]ᵀ for every matrix i of a batch; x [batch][rows][columns], y
 * [batch][columns][rows]. y's rows are padded to a multiple of 4. */
void fe_op_transpose (FeCommands *commands, const FeMatrix *x,
                      const FeMatrix *y);

/* The operations below process all images of a batch. */

/* Two-dimensional DCT of FFE's windows of the patch grid, and its inverse.
 *
 *     patches [grid²][channels], spectra [windows² · window²][channels] */
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

/* Gradients: from dspectra to dpatches, and from dpatches to dspectra. */
void fe_op_window_dct_backward (FeCommands *commands, const FeWindowDct *dct,
                                const FeMatrix *spectra,
                                const FeMatrix *patches);
void fe_op_window_dct_inverse_backward (FeCommands *commands,
                                        const FeWindowDct *dct,
                                        const FeMatrix *patches,
                                        const FeMatrix *spectra);

/* LFS's statistic of each patch's neighbourhood; x, y [grid²][channels].
 * `table` is filled by fe_lfs_table(). */
void fe_op_lfs_statistic (FeCommands *commands, guint grid, guint window,
                          FeclipLfsStatistic statistic, FeBuffer *table,
                          const FeMatrix *x, const FeMatrix *y);

/* im2col: y[p] = the 3×3 neighbourhood of patch p; x [grid²][channels], y
 * [grid²][9·channels]. */
void fe_op_im2col (FeCommands *commands, guint grid, const FeMatrix *x,
                   const FeMatrix *y);

/* y = lambda · (ffe + lfs) + (1 − lambda) · x for the rows that ffe has, y = x
 * for the others; y may alias x. Linear and symmetric, so the same operation
 * computes its gradient: x is then the gradient of y, ffe and lfs the results
 * of their backward functions. */
typedef struct {
  FeMatrix ffe;
  FeMatrix lfs;
  double lambda;
  FeMatrix x;
  FeMatrix y;
} FeBlendAdapters;

void fe_op_blend_adapters (FeCommands *commands, const FeBlendAdapters *blend);

/* Layout of `text`: one pair of prompts [2][padded features] for all rows, or
 * one for each row or each image. */
typedef enum {
  FE_TEXT_OF_ALL,
  FE_TEXT_OF_ROWS,
  FE_TEXT_OF_IMAGES,
} FeTextOf;

/* values[first + row] = or += weight · (probability or margin of z[row]); the
 * rows of a batch's images follow each other. `text` holds L2-normalised
 * features [2][padded features]: normal, anomalous. */
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
  /* Output instead of `values`: [images][edge][edge], for z
   * [images][edge²][features] */
  const FeMatrix *maps;
} FeSimilarity;

void fe_op_similarity (FeCommands *commands, const FeSimilarity *similarity);

/* Bilinear upsampling with half-pixel centres: large [to_edge][to_edge] from
 * small [edge][edge], which starts at element `first`. */
void fe_op_upsample (FeCommands *commands, FeBuffer *small, guint first,
                     guint edge, FeBuffer *large, guint to_edge);

/* Gaussian blur of map [edge][edge], in place. `weights` [radius + 1] is one
 * half of the kernel, `scratch` has the map's size. */
void fe_op_smooth (FeCommands *commands, FeBuffer *map, FeBuffer *weights,
                   guint radius, FeBuffer *scratch, guint edge);

/* Orthonormal DCT-II basis: dst [n][n], C[k][i] = a_k cos (π/n (i + ½) k),
 * a_0 = √(1/n), a_k = √(2/n). */
void fe_dct_basis (guint n, float *dst);

/* Fills the table that fe_op_lfs_statistic() reads: dst [n] w_i = Σ_k C[k][i],
 * then [n][n] C, the basis of fe_dct_basis(). */
void fe_lfs_table (guint n, float *dst);

G_END_DECLS
