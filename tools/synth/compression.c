/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/compression.h"

#include <math.h>

#define EDGE 8

typedef float Block[EDGE][EDGE];

/* JPEG's own example tables, ITU T.81 annex K. */
static const guint8 luma_steps[EDGE][EDGE] = {
    {16, 11, 10, 16, 24, 40, 51, 61},     {12, 12, 14, 19, 26, 58, 60, 55},
    {14, 13, 16, 24, 40, 57, 69, 56},     {14, 17, 22, 29, 51, 87, 80, 62},
    {18, 22, 37, 56, 68, 109, 103, 77},   {24, 35, 55, 64, 81, 104, 113, 92},
    {49, 64, 78, 87, 103, 121, 120, 101}, {72, 92, 95, 98, 112, 100, 103, 99}};

static void
make_basis (Block basis)
{
  for (int k = 0; k < EDGE; k++)
    for (int i = 0; i < EDGE; i++)
      basis[k][i] = cosf ((float)((2 * i + 1) * k) * (float)G_PI / (2 * EDGE))
                    * (k == 0 ? sqrtf (1.F / EDGE) : sqrtf (2.F / EDGE));
}

/* out = left × in × leftᵀ, or with left transposed where @back. */
static void
transform (Block basis, Block block, gboolean back)
{
  Block half;

  for (int i = 0; i < EDGE; i++)
    for (int j = 0; j < EDGE; j++) {
      half[i][j] = 0;
      for (int k = 0; k < EDGE; k++)
        half[i][j] += (back ? basis[k][i] : basis[i][k]) * block[k][j];
    }
  for (int i = 0; i < EDGE; i++)
    for (int j = 0; j < EDGE; j++) {
      block[i][j] = 0;
      for (int k = 0; k < EDGE; k++)
        block[i][j] += half[i][k] * (back ? basis[k][j] : basis[j][k]);
    }
}

static void
quantize (Block block, float scale, gboolean chroma)
{
  for (int i = 0; i < EDGE; i++)
    for (int j = 0; j < EDGE; j++) {
      float step =
          (chroma ? MIN (luma_steps[i][j] * 1.6F, 99) : luma_steps[i][j])
          * scale / 255;

      step = MAX (step, 1 / 255.F);
      block[i][j] = rintf (block[i][j] / step) * step;
    }
}

static FeColor
to_luma (FeColor c)
{
  float luma = 0.299F * c.red + 0.587F * c.green + 0.114F * c.blue;

  return (FeColor){luma, (c.blue - luma) / 1.772F, (c.red - luma) / 1.402F};
}

static FeColor
from_luma (FeColor c)
{
  float red = c.red + 1.402F * c.blue;
  float blue = c.red + 1.772F * c.green;

  return (FeColor){red, (c.red - 0.299F * red - 0.114F * blue) / 0.587F, blue};
}

/* One 8×8 block; past the border the last pixels go on. */
static void
compress_block (FeColor *image, int width, int height, int left, int top,
                Block basis, float scale)
{
  Block planes[3];

  for (int i = 0; i < EDGE; i++)
    for (int j = 0; j < EDGE; j++) {
      FeColor c = to_luma (image[(gsize)MIN (top + i, height - 1) * width
                                 + MIN (left + j, width - 1)]);

      planes[0][i][j] = c.red;
      planes[1][i][j] = c.green;
      planes[2][i][j] = c.blue;
    }
  for (int i = 0; i < 3; i++) {
    transform (basis, planes[i], FALSE);
    quantize (planes[i], scale, i > 0);
    transform (basis, planes[i], TRUE);
  }
  for (int i = 0; i < EDGE && top + i < height; i++)
    for (int j = 0; j < EDGE && left + j < width; j++)
      image[(gsize)(top + i) * width + left + j] = from_luma (
          (FeColor){planes[0][i][j], planes[1][i][j], planes[2][i][j]});
}

void
fe_compression_apply (FeColor *image, int width, int height, int quality)
{
  float percent =
      quality < 50 ? 5000.F / (float)quality : 200 - 2 * (float)quality;
  Block basis;

  make_basis (basis);
  for (int top = 0; top < height; top += EDGE)
    for (int left = 0; left < width; left += EDGE)
      compress_block (image, width, height, left, top, basis, percent / 100);
}
