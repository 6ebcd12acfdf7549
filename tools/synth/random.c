/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/random.h"

#include <math.h>

/* SplitMix64's mixing step. */
static guint64
mix (guint64 x)
{
  x = (x ^ (x >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  x = (x ^ (x >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return x ^ (x >> 31);
}

FeRandom
fe_random_make (guint64 seed)
{
  return (FeRandom){mix (seed + G_GUINT64_CONSTANT (0x632be59bd9b4e019))};
}

guint64
fe_random_seed (guint64 seed, const char *name, guint64 index)
{
  guint64 hash = mix (seed ^ G_GUINT64_CONSTANT (0x5851f42d4c957f2d));

  for (; *name; name++)
    hash = mix (hash ^ (guchar)*name);
  return mix (hash + index * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15));
}

guint32
fe_random_bits (FeRandom *self)
{
  self->state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  return (guint32)(mix (self->state) >> 32);
}

float
fe_random_unit (FeRandom *self)
{
  return (float)(fe_random_bits (self) >> 8) / (float)(1 << 24);
}

float
fe_random_range (FeRandom *self, float low, float high)
{
  return low + (high - low) * fe_random_unit (self);
}

float
fe_random_log_range (FeRandom *self, float low, float high)
{
  return low * powf (high / low, fe_random_unit (self));
}

int
fe_random_int (FeRandom *self, int low, int high)
{
  return low + (int)(fe_random_unit (self) * (float)(high - low + 1));
}

gboolean
fe_random_chance (FeRandom *self, float probability)
{
  return fe_random_unit (self) < probability;
}

float
fe_random_normal (FeRandom *self)
{
  float sum = 0;

  for (int i = 0; i < 6; i++)
    sum += fe_random_unit (self);
  /* Six uniform numbers have the variance 6/12. */
  return (sum - 3) * (float)G_SQRT2;
}

float
fe_random_angle (FeRandom *self)
{
  return fe_random_unit (self) * 2 * (float)G_PI;
}
