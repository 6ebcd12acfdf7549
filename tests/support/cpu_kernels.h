/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each kernel must compute, in the plainest C: row-major matrices without
 * padding, double precision inside, the method's formulas as they are written.
 * Slow on purpose. */
#pragma once

#include <feclip/settings.h>

/* c = act (a · bᵀ + bias) + residual;
 * a [rows][k], b [columns][k], bias [columns], residual and c [rows][columns];
 * bias and residual may be NULL, residual may be c. */
typedef struct {
  guint rows, columns, k;
  const float *a, *b, *bias, *residual;
  FeclipActivation activation; /* FECLIP_ACTIVATION_AUTO for none */
} RefMatmul;

void ref_matmul (const RefMatmul *product, float *c);

/* y[t] = LayerNorm (x[t]) · scale + shift */
void ref_layer_norm (guint tokens, guint channels, const float *x,
                     const float *scale, const float *shift, float *y);

/* p = softmax over keys of s / 8; a causal query sees no later key. */
void ref_softmax (guint queries, guint keys, gboolean causal, const float *s,
                  float *p);

/* Softmax attention of heads of 64 channels: qkv [tokens][3·width], y
 * [tokens][width]; a causal query sees no later key. */
void ref_attention (guint tokens, guint width, gboolean causal,
                    const float *qkv, float *y);

/* y [columns][rows] = x [rows][columns] */
void ref_transpose (guint rows, guint columns, const float *x, float *y);

/* patches [grid²][channels] to spectra [windows² · window²][channels] */
void ref_window_dct (guint grid, guint window, guint channels,
                     const float *patches, float *spectra);
void ref_window_dct_inverse (guint grid, guint window, guint channels,
                             const float *spectra, float *patches);

/* x, y [grid²][channels] */
void ref_lfs_statistic (guint grid, guint window, FeclipLfsStatistic statistic,
                        guint channels, const float *x, float *y);

/* dx from dy, the gradients with respect to y; all [grid²][channels] */
void ref_lfs_statistic_backward (guint grid, guint window,
                                 FeclipLfsStatistic statistic, guint channels,
                                 const float *x, const float *dy, float *dx);

/* x [grid²][channels], y [grid²][9][channels] */
void ref_im2col (guint grid, guint channels, const float *x, float *y);

/* x = lambda · (ffe + lfs) + (1 − lambda) · x, n numbers */
void ref_blend_adapters (gsize n, const float *ffe, const float *lfs,
                         double lambda, float *x);

/* The probability or margin of z [features]; text [2][features]: normal,
 * anomalous */
double ref_similarity (guint features, const float *z, const float *text,
                       double temperature, FeclipMapType type);

/* y [rows][columns] = x, each row scaled to length one */
void ref_normalize_rows (guint rows, guint columns, const float *x, float *y);

/* sums [n][4] of three numbers each that began with i % 8 and went through
 * x = factor · x + summand that often */
void ref_peak_arithmetic (guint n, guint steps, float factor, float summand,
                          float *sums);

/* The largest product of x [columns] with a row of references [n][columns] */
double ref_nearest (guint columns, const float *x, guint n,
                    const float *references);

/* 1 − the largest of best[0], best[step] and so on, of `splits`; not below 0 */
double ref_reference_distance (guint splits, guint step, const float *best);

/* small [edge²] to large [to_edge²] */
void ref_upsample (guint edge, const float *small, guint to_edge, float *large);

/* The whole of map [edge²], both directions; weights [radius + 1] */
void ref_smooth (guint edge, guint radius, const float *weights, float *map);

/* One element of the orthonormal DCT-II basis of n points. */
double ref_dct (guint n, guint k, guint i);

/* The half nearest to a number, ties to even, and a half's value. */
guint16 ref_half_from_float (float value);
double ref_half_value (guint16 half);
