/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/blur.h"

#include <math.h>

#define MAX_TAPS 24

/* Blurs @n numbers @stride apart with a running sum. */
static void
average_line (const float *in, float *out, int n, int stride, int radius)
{
  float scale = 1 / (float)(2 * radius + 1);
  double sum = 0;

  for (int i = -radius; i <= radius; i++)
    sum += in[CLAMP (i, 0, n - 1) * stride];
  for (int i = 0; i < n; i++) {
    out[i * stride] = (float)sum * scale;
    sum += in[MIN (i + radius + 1, n - 1) * stride];
    sum -= in[MAX (i - radius, 0) * stride];
  }
}

float *
fe_blur_box (const float *numbers, int width, int height, float radius)
{
  int reach = MAX ((int)(radius + 0.5F), 1);
  g_autofree float *rows = g_new (float, (gsize)width *height);
  float *out = g_new (float, (gsize)width *height);

  for (int i = 0; i < height; i++)
    average_line (numbers + (gsize)i * width, rows + (gsize)i * width, width, 1,
                  reach);
  for (int i = 0; i < width; i++)
    average_line (rows + i, out + i, height, width, reach);
  return out;
}

static int
make_taps (float sigma, float taps[MAX_TAPS])
{
  int reach = MIN ((int)ceilf (2.6F * sigma), MAX_TAPS - 1);
  float sum = 0;

  for (int i = 0; i <= reach; i++) {
    taps[i] = expf (-0.5F * (float)(i * i) / (sigma * sigma));
    sum += i == 0 ? taps[i] : 2 * taps[i];
  }
  for (int i = 0; i <= reach; i++)
    taps[i] /= sum;
  return reach;
}

static void
blur_line (const FeColor *in, FeColor *out, int n, int stride,
           const float *taps, int reach)
{
  for (int i = 0; i < n; i++) {
    FeColor sum = fe_color_scale (in[i * stride], taps[0]);

    for (int j = 1; j <= reach; j++) {
      const FeColor *a = &in[MAX (i - j, 0) * stride];
      const FeColor *b = &in[MIN (i + j, n - 1) * stride];

      sum.red += taps[j] * (a->red + b->red);
      sum.green += taps[j] * (a->green + b->green);
      sum.blue += taps[j] * (a->blue + b->blue);
    }
    out[i * stride] = sum;
  }
}

void
fe_blur_image (FeColor *image, int width, int height, float sigma)
{
  float taps[MAX_TAPS];
  int reach;
  g_autofree FeColor *rows = NULL;

  if (sigma < 0.2F)
    return;
  reach = make_taps (sigma, taps);
  rows = g_new (FeColor, (gsize)width * height);
  for (int i = 0; i < height; i++)
    blur_line (image + (gsize)i * width, rows + (gsize)i * width, width, 1,
               taps, reach);
  for (int i = 0; i < width; i++)
    blur_line (rows + i, image + i, height, width, taps, reach);
}
