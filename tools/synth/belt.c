/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/belt.h"

#include <string.h>

#include "synth/noise.h"

struct _FeBelt {
  /* [height][length], repeated without end. */
  FeTexel *texels;
  int length;
  int height;
  float rail;
  FeColor rubber;
  FeColor metal;
  guint32 seed;
  float ribs;
  float wear;
};

static FeTexel
make_rubber (const FeBelt *self, FePoint p)
{
  float weave = fe_triangle ((p.x + p.y) * self->ribs)
                + fe_triangle ((p.x - p.y) * self->ribs) - 1;
  float broad = fe_noise_grain (p, 1, 3, 4, self->seed);
  float scuff = fe_noise_grain (p, 3, 45, 3, self->seed + 8);
  float grit = fe_noise_octaves (p, 60, 2, self->seed + 16);

  return (FeTexel){
      .albedo = fe_color_scale (self->rubber,
                                1 + self->wear * (0.5F * broad + 0.4F * scuff)
                                    + 0.1F * weave + 0.08F * grit),
      .height = 0.0012F * weave + 0.0006F * grit,
      .gloss = 0.08F,
      .shine = 0.25F,
  };
}

static FeTexel
make_rail (const FeBelt *self, FePoint p, float depth)
{
  float streak =
      fe_noise_octaves ((FePoint){0, p.y, p.pixel}, 70, 2, self->seed + 30);

  return (FeTexel){
      .albedo = fe_color_scale (self->metal, 1 + 0.12F * streak),
      .height = 0.05F * fe_dome (-depth, 0.012F),
      .gloss = 0.3F,
      .shine = 0.5F,
      .metal = 0.7F,
  };
}

/* The column of the repeating belt at @column. */
static FeTexel
texel_at (const FeBelt *self, int column, int row)
{
  float pixel = 1 / (float)self->height;
  FePoint p = {(float)column * pixel, ((float)row + 0.5F) * pixel - 0.5F,
               pixel};
  float depth = self->rail - MIN (p.y + 0.5F, 0.5F - p.y);

  return depth > 0 ? make_rail (self, p, depth) : make_rubber (self, p);
}

FeBelt *
fe_belt_new (int width, int height, guint64 seed)
{
  FeRandom random = fe_random_make (fe_random_seed (seed, "belt", 0));
  FeBelt *self = g_new0 (FeBelt, 1);
  int seam = width / 3;

  self->length = 2 * width;
  self->height = height;
  self->rail = fe_random_range (&random, 0.04F, 0.07F);
  self->rubber = fe_color_vary (
      fe_color_gray (fe_random_log_range (&random, 0.02F, 0.09F)), &random,
      0.15F);
  self->metal = fe_color_gray (fe_random_range (&random, 0.35F, 0.6F));
  self->seed = fe_random_bits (&random);
  self->ribs = fe_random_range (&random, 18, 30);
  self->wear = fe_random_range (&random, 0.08F, 0.22F);
  self->texels = g_new (FeTexel, (gsize)self->length * (gsize)height);
  for (int row = 0; row < height; row++) {
    for (int column = 0; column < self->length; column++) {
      FeTexel texel = texel_at (self, column, row);
      int left = self->length - column;

      /* The end fades into the beginning, so that no seam shows. */
      if (left < seam) {
        FeTexel before = texel_at (self, column - self->length, row);

        texel = fe_texel_mix (&before, &texel, (float)left / (float)seam);
      }
      self->texels[(gsize)row * self->length + column] = texel;
    }
  }
  return self;
}

void
fe_belt_free (FeBelt *self)
{
  if (!self)
    return;
  g_free (self->texels);
  g_free (self);
}

void
fe_belt_lay (const FeBelt *self, FeScene *scene, float offset)
{
  int whole = fe_floor (offset);
  float share = offset - (float)whole;

  for (int row = 0; row < scene->height; row++) {
    const FeTexel *line = self->texels + (gsize)row * self->length;

    for (int column = 0; column < scene->width; column++) {
      int right = (column - whole) % self->length;
      int left;

      right += right < 0 ? self->length : 0;
      left = right > 0 ? right - 1 : self->length - 1;
      scene->texels[(gsize)row * scene->width + column] =
          fe_texel_mix (&line[right], &line[left], share);
    }
  }
}

float
fe_belt_rail (const FeBelt *self)
{
  return self->rail;
}
