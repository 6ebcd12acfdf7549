/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/mask.h"

#include <math.h>
#include <string.h>

#include "synth/blur.h"
#include "synth/geometry.h"

/* What nobody sees, and what everybody does: in shares of full scale. */
#define LEAST_VISIBLE 0.028F
#define SURELY_VISIBLE 0.07F
/* Below this share of the strongest difference it is the defect's fringe. */
#define FRINGE 0.15F
/* A region of fewer pixels is none. */
#define MIN_REGION 3

static float *
measure_difference (const FeColor *a, const FeColor *b, gsize n)
{
  float *out = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    out[i] =
        MAX (MAX (fabsf (a[i].red - b[i].red), fabsf (a[i].green - b[i].green)),
             fabsf (a[i].blue - b[i].blue));
  return out;
}

static float
find_threshold (const float *difference, gsize n)
{
  float peak = 0;

  for (gsize i = 0; i < n; i++)
    peak = MAX (peak, difference[i]);
  return fe_clamp (FRINGE * peak, LEAST_VISIBLE, SURELY_VISIBLE);
}

/* Sets each pixel to the largest or the smallest of its 3×3 neighborhood. */
static void
spread (guint8 *mask, int width, int height, gboolean grow)
{
  g_autofree guint8 *before = g_memdup2 (mask, (gsize)width * height);
  guint8 wanted = grow ? 255 : 0;

  for (int row = 0; row < height; row++)
    for (int column = 0; column < width; column++)
      for (int i = MAX (row - 1, 0); i <= MIN (row + 1, height - 1); i++)
        for (int j = MAX (column - 1, 0); j <= MIN (column + 1, width - 1); j++)
          if (before[(gsize)i * width + j] == wanted)
            mask[(gsize)row * width + column] = wanted;
}

/*
 * Gives the value @to to all pixels of value @from that are connected with
 * @start, and returns how many; @queue has room for all pixels.
 */
static guint
flood (guint8 *mask, int width, int height, guint start, guint8 from, guint8 to,
       guint *queue)
{
  guint n = 0;

  queue[n++] = start;
  mask[start] = to;
  for (guint i = 0; i < n; i++) {
    int column = (int)(queue[i] % (guint)width);
    int row = (int)(queue[i] / (guint)width);
    const int next[4][2] = {{column - 1, row},
                            {column + 1, row},
                            {column, row - 1},
                            {column, row + 1}};

    for (int k = 0; k < 4; k++) {
      guint place = (guint)(next[k][1] * width + next[k][0]);

      if (next[k][0] < 0 || next[k][1] < 0 || next[k][0] >= width
          || next[k][1] >= height || mask[place] != from)
        continue;
      mask[place] = to;
      queue[n++] = place;
    }
  }
  return n;
}

/* What the border's background does not reach is inside. */
static void
fill_holes (guint8 *mask, int width, int height, guint *queue)
{
  gsize n = (gsize)width * height;

  for (gsize i = 0; i < n; i++) {
    int column = (int)(i % (gsize)width);
    int row = (int)(i / (gsize)width);
    gboolean border =
        column == 0 || row == 0 || column == width - 1 || row == height - 1;

    if (border && mask[i] == 0)
      flood (mask, width, height, (guint)i, 0, 1, queue);
  }
  for (gsize i = 0; i < n; i++)
    mask[i] = mask[i] == 1 ? 0 : 255;
}

static void
drop_specks (guint8 *mask, int width, int height, guint *queue)
{
  gsize n = (gsize)width * height;

  for (gsize i = 0; i < n; i++) {
    guint size;

    if (mask[i] != 255)
      continue;
    size = flood (mask, width, height, (guint)i, 255, 254, queue);
    for (guint j = 0; size < MIN_REGION && j < size; j++)
      mask[queue[j]] = 0;
  }
  for (gsize i = 0; i < n; i++)
    mask[i] = mask[i] ? 255 : 0;
}

static void
measure (FeMask *self, const FeColor *good, const float *difference, int width,
         int height)
{
  double sum = 0;
  double texture = 0;

  self->box = (FePixels){width, height, 0, 0};
  for (int row = 0; row < height; row++) {
    for (int column = 0; column < width; column++) {
      gsize i = (gsize)row * width + column;

      if (!self->pixels[i])
        continue;
      self->area++;
      sum += difference[i];
      texture += fabsf (
          fe_color_luminance (good[i])
          - fe_color_luminance (good[column > 0 ? i - 1 : i + (width > 1)]));
      self->box.left = MIN (self->box.left, column);
      self->box.top = MIN (self->box.top, row);
      self->box.right = MAX (self->box.right, column + 1);
      self->box.bottom = MAX (self->box.bottom, row + 1);
    }
  }
  if (self->area == 0) {
    self->box = (FePixels){0};
    return;
  }
  self->contrast = (float)(sum / self->area);
  self->texture = (float)(texture / self->area);
}

FeMask
fe_mask_make (const FeColor *good, const FeColor *defective, int width,
              int height, gboolean solid)
{
  gsize n = (gsize)width * height;
  g_autofree float *difference = measure_difference (good, defective, n);
  float threshold = find_threshold (difference, n);
  g_autofree guint *queue = g_new (guint, n);
  FeMask self = {.pixels = g_new0 (guint8, n)};

  for (gsize i = 0; i < n; i++)
    self.pixels[i] = difference[i] >= threshold ? 255 : 0;
  /* Closes what is torn by the surface's own pattern. */
  spread (self.pixels, width, height, TRUE);
  if (solid)
    fill_holes (self.pixels, width, height, queue);
  spread (self.pixels, width, height, FALSE);
  drop_specks (self.pixels, width, height, queue);
  measure (&self, good, difference, width, height);
  return self;
}

void
fe_mask_clear (FeMask *self)
{
  g_clear_pointer (&self->pixels, g_free);
}
