/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/cpu_kernels.h"

#include <math.h>

static double
activate (FeclipActivation activation, double x)
{
  switch (activation) {
  case FECLIP_ACTIVATION_QUICK_GELU:
    return x / (1 + exp (-1.702 * x));
  case FECLIP_ACTIVATION_GELU:
    return 0.5 * x * (1 + erf (x / sqrt (2)));
  default:
    return x;
  }
}

void
ref_matmul (const RefMatmul *product, float *c)
{
  for (guint m = 0; m < product->rows; m++) {
    for (guint n = 0; n < product->columns; n++) {
      double sum = product->bias ? product->bias[n] : 0;
      gsize at = (gsize)m * product->columns + n;

      for (guint k = 0; k < product->k; k++)
        sum += (double)product->a[m * product->k + k]
               * product->b[n * product->k + k];
      sum = activate (product->activation, sum);
      c[at] = (float)(sum + (product->residual ? product->residual[at] : 0));
    }
  }
}

void
ref_layer_norm (guint tokens, guint channels, const float *x,
                const float *scale, const float *shift, float *y)
{
  for (guint t = 0; t < tokens; t++) {
    const float *row = x + (gsize)t * channels;
    double mean = 0, variance = 0;

    for (guint c = 0; c < channels; c++)
      mean += row[c] / (double)channels;
    for (guint c = 0; c < channels; c++)
      variance += (row[c] - mean) * (row[c] - mean) / channels;
    for (guint c = 0; c < channels; c++)
      y[(gsize)t * channels + c] =
          (float)((row[c] - mean) / sqrt (variance + 1e-5) * scale[c]
                  + shift[c]);
  }
}

void
ref_softmax (guint queries, guint keys, gboolean causal, const float *s,
             float *p)
{
  for (guint q = 0; q < queries; q++) {
    const float *row = s + (gsize)q * keys;
    guint count = causal ? MIN (q + 1, keys) : keys;
    double largest = -INFINITY, sum = 0;

    for (guint k = 0; k < count; k++)
      largest = MAX (largest, row[k] / 8.0);
    for (guint k = 0; k < count; k++)
      sum += exp (row[k] / 8.0 - largest);
    for (guint k = 0; k < keys; k++)
      p[(gsize)q * keys + k] =
          k < count ? (float)(exp (row[k] / 8.0 - largest) / sum) : 0;
  }
}

void
ref_attention (guint tokens, guint width, gboolean causal, const float *qkv,
               float *y)
{
  gsize row = 3 * (gsize)width;
  g_autofree double *weights = g_new (double, tokens);

  for (guint q = 0; q < tokens; q++) {
    for (guint head = 0; head < width; head += 64) {
      guint keys = causal ? q + 1 : tokens;
      double top = -G_MAXDOUBLE, sum = 0;

      for (guint k = 0; k < keys; k++) {
        weights[k] = 0;
        for (guint c = head; c < head + 64; c++)
          weights[k] += (double)qkv[q * row + c] * qkv[k * row + width + c] / 8;
        top = MAX (top, weights[k]);
      }
      for (guint k = 0; k < keys; k++)
        sum += weights[k] = exp (weights[k] - top);
      for (guint c = head; c < head + 64; c++) {
        double value = 0;

        for (guint k = 0; k < keys; k++)
          value += weights[k] / sum * qkv[k * row + 2 * width + c];
        y[q * (gsize)width + c] = (float)value;
      }
    }
  }
}

void
ref_transpose (guint rows, guint columns, const float *x, float *y)
{
  for (guint r = 0; r < rows; r++) {
    for (guint c = 0; c < columns; c++)
      y[(gsize)c * rows + r] = x[(gsize)r * columns + c];
  }
}

static double
dct_element (guint n, guint k, guint i)
{
  return sqrt ((k ? 2.0 : 1.0) / n) * cos (G_PI / n * (i + 0.5) * k);
}

double
ref_dct (guint n, guint k, guint i)
{
  /* Kept, as the derivatives ask for each some ten million times. */
  enum { MAX_POINTS = 16 };
  static double basis[MAX_POINTS][MAX_POINTS][MAX_POINTS];
  static gboolean known[MAX_POINTS];

  if (n >= MAX_POINTS)
    return dct_element (n, k, i);
  if (!known[n]) {
    for (guint at = 0; at < n * n; at++)
      basis[n][at / n][at % n] = dct_element (n, at / n, at % n);
    known[n] = TRUE;
  }
  return basis[n][k][i];
}

/* A grid's element; beyond its edges the nearest one. */
static double
replicated (guint grid, guint channels, const float *x, int row, int column,
            guint channel)
{
  row = CLAMP (row, 0, (int)grid - 1);
  column = CLAMP (column, 0, (int)grid - 1);
  return x[((gsize)row * grid + column) * channels + channel];
}

/* F[u][v] of the n×n block whose first element is (top, left). */
static double
block_dct (guint grid, guint channels, const float *x, int top, int left,
           guint n, guint u, guint v, guint channel)
{
  double sum = 0;

  for (guint i = 0; i < n; i++) {
    double row = 0;

    for (guint j = 0; j < n; j++)
      row += ref_dct (n, v, j)
             * replicated (grid, channels, x, top + (int)i, left + (int)j,
                           channel);
    sum += ref_dct (n, u, i) * row;
  }
  return sum;
}

void
ref_window_dct (guint grid, guint window, guint channels, const float *patches,
                float *spectra)
{
  guint windows = (grid + window - 1) / window;

  for (guint w = 0; w < windows * windows; w++) {
    int top = (int)(w / windows * window), left = (int)(w % windows * window);

    for (guint f = 0; f < window * window; f++) {
      for (guint c = 0; c < channels; c++)
        *spectra++ = (float)block_dct (grid, channels, patches, top, left,
                                       window, f / window, f % window, c);
    }
  }
}

void
ref_window_dct_inverse (guint grid, guint window, guint channels,
                        const float *spectra, float *patches)
{
  guint windows = (grid + window - 1) / window;

  for (guint p = 0; p < grid * grid; p++) {
    guint row = p / grid, column = p % grid;
    guint w = row / window * windows + column / window;

    for (guint c = 0; c < channels; c++) {
      double sum = 0;

      for (guint f = 0; f < window * window; f++)
        sum += ref_dct (window, f / window, row % window)
               * ref_dct (window, f % window, column % window)
               * spectra[((gsize)w * window * window + f) * channels + c];
      patches[(gsize)p * channels + c] = (float)sum;
    }
  }
}

void
ref_lfs_statistic (guint grid, guint window, FeclipLfsStatistic statistic,
                   guint channels, const float *x, float *y)
{
  int half = (int)window / 2;

  for (guint p = 0; p < grid * grid; p++) {
    int top = (int)(p / grid) - half, left = (int)(p % grid) - half;

    for (guint c = 0; c < channels; c++) {
      double sum = 0;

      for (guint f = 0; f < window * window; f++) {
        double value = block_dct (grid, channels, x, top, left, window,
                                  f / window, f % window, c);

        sum += statistic == FECLIP_LFS_STATISTIC_ABS     ? fabs (value)
               : statistic == FECLIP_LFS_STATISTIC_POWER ? value * value
                                                         : value;
      }
      *y++ = (float)(sum / (window * window));
    }
  }
}

void
ref_lfs_statistic_backward (guint grid, guint window,
                            FeclipLfsStatistic statistic, guint channels,
                            const float *x, const float *dy, float *dx)
{
  int half = (int)window / 2, last = (int)grid - 1;
  guint n = window, points = window * window;
  g_autofree double *sums = g_new0 (double, grid *grid *channels);

  for (guint at = 0; at < grid * grid * channels; at++) {
    guint p = at / channels, c = at % channels;
    int top = (int)(p / grid) - half, left = (int)(p % grid) - half;

    for (guint f = 0; f < points; f++) {
      double value =
          block_dct (grid, channels, x, top, left, n, f / n, f % n, c);
      double slope = statistic == FECLIP_LFS_STATISTIC_ABS
                         ? (value > 0) - (value < 0)
                     : statistic == FECLIP_LFS_STATISTIC_POWER ? 2 * value
                                                               : 1;

      for (guint i = 0; i < points; i++) {
        int row = CLAMP (top + (int)(i / n), 0, last);
        int column = CLAMP (left + (int)(i % n), 0, last);

        sums[((gsize)row * grid + (gsize)column) * channels + c] +=
            dy[at] * slope / points * ref_dct (n, f / n, i / n)
            * ref_dct (n, f % n, i % n);
      }
    }
  }
  for (guint i = 0; i < grid * grid * channels; i++)
    dx[i] = (float)sums[i];
}

void
ref_im2col (guint grid, guint channels, const float *x, float *y)
{
  for (guint p = 0; p < grid * grid; p++) {
    for (guint tap = 0; tap < 9; tap++) {
      /* Beyond the first row or column it wraps around to a large number. */
      guint row = p / grid + tap / 3 - 1, column = p % grid + tap % 3 - 1;
      gboolean inside = row < grid && column < grid;

      for (guint c = 0; c < channels; c++)
        *y++ = inside ? x[((gsize)row * grid + column) * channels + c] : 0;
    }
  }
}

void
ref_blend_adapters (gsize n, const float *ffe, const float *lfs, double lambda,
                    float *x)
{
  for (gsize i = 0; i < n; i++)
    x[i] = (float)(lambda * ((double)ffe[i] + lfs[i]) + (1 - lambda) * x[i]);
}

double
ref_similarity (guint features, const float *z, const float *text,
                double temperature, FeclipMapType type)
{
  double normal = 0, anomalous = 0, square = 0, margin;

  for (guint i = 0; i < features; i++) {
    normal += (double)z[i] * text[i];
    anomalous += (double)z[i] * text[features + i];
    square += (double)z[i] * z[i];
  }
  if (square == 0) /* points nowhere, so neither prompt is nearer */
    square = 1;
  margin = (anomalous - normal) / sqrt (square) / temperature;
  return type == FECLIP_MAP_TYPE_MARGIN ? margin : 1 / (1 + exp (-margin));
}

void
ref_normalize_rows (guint rows, guint columns, const float *x, float *y)
{
  for (guint r = 0; r < rows; r++) {
    double square = 0;

    for (guint c = 0; c < columns; c++)
      square += (double)x[r * columns + c] * x[r * columns + c];
    for (guint c = 0; c < columns; c++)
      y[r * columns + c] =
          (float)(x[r * columns + c] / (square > 0 ? sqrt (square) : 1));
  }
}

void
ref_peak_arithmetic (guint n, guint steps, float factor, float summand,
                     float *sums)
{
  for (guint i = 0; i < 4 * n; i++) {
    sums[i] = 0;
    for (guint k = 0; k < 3; k++) {
      float x = (float)(i / 4 % 8 + i % 4 + 4 * k);

      for (guint step = 0; step < steps; step++)
        x = factor * x + summand;
      sums[i] += x;
    }
  }
}

double
ref_nearest (guint columns, const float *x, guint n, const float *references)
{
  double nearest = -2;

  for (guint i = 0; i < n; i++) {
    double product = 0;

    for (guint c = 0; c < columns; c++)
      product += (double)x[c] * references[(gsize)i * columns + c];
    nearest = MAX (nearest, product);
  }
  return nearest;
}

double
ref_reference_distance (guint splits, guint step, const float *best)
{
  double nearest = -2;

  for (guint i = 0; i < splits; i++)
    nearest = MAX (nearest, (double)best[i * step]);
  return MAX (1 - nearest, 0);
}

void
ref_upsample (guint edge, const float *small, guint to_edge, float *large)
{
  for (guint at = 0; at < to_edge * to_edge; at++) {
    double last = edge - 1.0;
    double y = CLAMP ((at / to_edge + 0.5) * edge / to_edge - 0.5, 0, last);
    double x = CLAMP ((at % to_edge + 0.5) * edge / to_edge - 0.5, 0, last);
    double sum = 0;

    /* Each element weighs by how near it is, if nearer than one. */
    for (guint i = 0; i < edge * edge; i++) {
      double dy = fabs (y - i / edge), dx = fabs (x - i % edge);

      if (dy < 1 && dx < 1)
        sum += (1 - dy) * (1 - dx) * small[i];
    }
    large[at] = (float)sum;
  }
}

/* … 1 0 | 0 1 2 … n-1 | n-1 n-2 …, one reflection after the other. */
static guint
mirrored (int i, int n)
{
  while (i < 0 || i >= n)
    i = i < 0 ? -1 - i : 2 * n - 1 - i;
  return (guint)i;
}

void
ref_smooth (guint edge, guint radius, const float *weights, float *map)
{
  int n = (int)edge, reach = (int)radius;
  g_autofree double *sums = g_new0 (double, edge *edge);

  for (int row = 0; row < n; row++) {
    for (int column = 0; column < n; column++) {
      for (int i = -reach; i <= reach; i++) {
        for (int j = -reach; j <= reach; j++)
          sums[row * n + column] +=
              (double)weights[ABS (i)] * weights[ABS (j)]
              * map[mirrored (row + i, n) * edge + mirrored (column + j, n)];
      }
    }
  }
  for (int i = 0; i < n * n; i++)
    map[i] = (float)sums[i];
}

double
ref_half_value (guint16 half)
{
  int exponent = half >> 10 & 31, mantissa = half & 0x3ff;
  double sign = half & 0x8000 ? -1 : 1;

  if (exponent == 31)
    return mantissa ? (double)NAN : sign * INFINITY;
  if (exponent == 0)
    return sign * ldexp (mantissa, -24);
  return sign * ldexp (0x400 + mantissa, exponent - 25);
}

guint16
ref_half_from_float (float value)
{
  guint16 sign = signbit (value) ? 0x8000 : 0;
  double magnitude = fabs ((double)value);
  guint16 low = 0, high = 0x7c00; /* of the positive halves, in their order */
  double middle;

  if (isnan (value))
    return sign | 0x7e00;
  while (high - low > 1) {
    guint16 between = (guint16)((low + high) / 2);

    if (ref_half_value (between) <= magnitude)
      low = between;
    else
      high = between;
  }
  /* Infinity rounds as 65536 would, the next number if there were more. */
  middle =
      (ref_half_value (low) + (high == 0x7c00 ? 65536 : ref_half_value (high)))
      / 2;
  if (magnitude > middle || (magnitude == middle && low % 2))
    low = high;
  return sign | low;
}
