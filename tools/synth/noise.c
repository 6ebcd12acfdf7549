/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/noise.h"

#include <math.h>

static inline guint32
hash (int x, int y, guint32 seed)
{
  guint32 h = seed ^ ((guint32)x * 0x8da6b343u) ^ ((guint32)y * 0xd8163841u);

  h = (h ^ (h >> 16)) * 0x7feb352du;
  h = (h ^ (h >> 15)) * 0x846ca68bu;
  return h ^ (h >> 16);
}

float
fe_noise_cell (int x, int y, guint32 seed)
{
  return (float)(hash (x, y, seed) >> 8) / (float)(1 << 24);
}

/* The dot product of (x, y) with a lattice point's own gradient. */
static inline float
gradient (guint32 bits, float x, float y)
{
  static const float directions[16][2] = {
      {1.F, 0.F},  {.924F, .383F},   {.707F, .707F},   {.383F, .924F},
      {0.F, 1.F},  {-.383F, .924F},  {-.707F, .707F},  {-.924F, .383F},
      {-1.F, 0.F}, {-.924F, -.383F}, {-.707F, -.707F}, {-.383F, -.924F},
      {0.F, -1.F}, {.383F, -.924F},  {.707F, -.707F},  {.924F, -.383F}};
  const float *d = directions[bits >> 28];

  return d[0] * x + d[1] * y;
}

static inline float
fade (float t)
{
  return t * t * t * (t * (t * 6 - 15) + 10);
}

float
fe_noise (float x, float y, guint32 seed)
{
  int column = fe_floor (x);
  int row = fe_floor (y);
  float fx = x - (float)column;
  float fy = y - (float)row;
  float wx = fade (fx);
  float wy = fade (fy);
  float top_left = gradient (hash (column, row, seed), fx, fy);
  float top_right = gradient (hash (column + 1, row, seed), fx - 1, fy);
  float low_left = gradient (hash (column, row + 1, seed), fx, fy - 1);
  float low_right = gradient (hash (column + 1, row + 1, seed), fx - 1, fy - 1);
  float top = top_left + (top_right - top_left) * wx;
  float low = low_left + (low_right - low_left) * wx;

  return 1.5F * (top + (low - top) * wy);
}

float
fe_noise_grain (FePoint p, float along, float across, int octaves, guint32 seed)
{
  float sum = 0;
  float weight = 1;

  for (int i = 0; i < octaves; i++) {
    /* Grains below two pixels would alias. */
    float fine = MAX (along, across) * p.pixel;
    float shown = fe_clamp (2 - fine * 4, 0, 1);

    if (shown <= 0)
      break;
    sum += weight * shown * fe_noise (p.x * along, p.y * across, seed + i);
    weight *= 0.5F;
    along *= 2;
    across *= 2;
  }
  return sum;
}

float
fe_noise_octaves (FePoint p, float frequency, int octaves, guint32 seed)
{
  return fe_noise_grain (p, frequency, frequency, octaves, seed);
}

FeNoiseCells
fe_noise_cells (float x, float y, guint32 seed)
{
  FeNoiseCells cells = {.nearest = 9, .second = 9};
  int column = fe_floor (x);
  int row = fe_floor (y);

  for (int j = row - 1; j <= row + 1; j++) {
    for (int i = column - 1; i <= column + 1; i++) {
      guint32 bits = hash (i, j, seed);
      float dx = x - ((float)i + (float)(bits & 0xfff) / 4096);
      float dy = y - ((float)j + (float)(bits >> 12 & 0xfff) / 4096);
      float square = dx * dx + dy * dy;

      if (square < cells.nearest) {
        cells.second = cells.nearest;
        cells.nearest = square;
        cells.id = (float)(bits >> 24) / 256;
        cells.dx = dx;
        cells.dy = dy;
      } else if (square < cells.second) {
        cells.second = square;
      }
    }
  }
  cells.nearest = sqrtf (cells.nearest);
  cells.second = sqrtf (cells.second);
  return cells;
}
