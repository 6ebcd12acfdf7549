/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/color.h"

#include <math.h>

#include "synth/geometry.h"

static float
to_linear (float screen)
{
  return powf (screen, 2.2F);
}

FeColor
fe_color_hex (guint32 rgb)
{
  return (FeColor){to_linear ((float)(rgb >> 16 & 0xff) / 255),
                   to_linear ((float)(rgb >> 8 & 0xff) / 255),
                   to_linear ((float)(rgb & 0xff) / 255)};
}

static float
channel (float hue, float shift, float saturation, float value)
{
  float distance = fabsf (fe_fraction (hue + shift) * 6 - 3) - 1;

  return to_linear (value * fe_mix (1, fe_clamp (distance, 0, 1), saturation));
}

FeColor
fe_color_hsv (float hue, float saturation, float value)
{
  return (FeColor){channel (hue, 0, saturation, value),
                   channel (hue, 2 / 3.F, saturation, value),
                   channel (hue, 1 / 3.F, saturation, value)};
}

FeColor
fe_color_pick (FeRandom *random, const guint32 *colors, int n)
{
  return fe_color_hex (colors[fe_random_int (random, 0, n - 1)]);
}

FeColor
fe_color_vary (FeColor color, FeRandom *random, float amount)
{
  float level = expf (amount * fe_random_normal (random));
  float tint = 0.35F * amount;

  return (FeColor){color.red * level * expf (tint * fe_random_normal (random)),
                   color.green * level,
                   color.blue * level
                       * expf (tint * fe_random_normal (random))};
}

FeColor
fe_color_any (FeRandom *random)
{
  float saturation = fe_random_chance (random, 0.4F)
                         ? fe_random_range (random, 0, 0.1F)
                         : fe_random_range (random, 0.1F, 0.65F);

  return fe_color_hsv (fe_random_unit (random), saturation,
                       fe_random_range (random, 0.15F, 0.85F));
}

static guint8
to_byte (float level)
{
  return (guint8)(fe_clamp (level, 0, 1) * 255 + 0.5F);
}

guint8 *
fe_color_to_bytes (const FeColor *colors, gsize n)
{
  guint8 *bytes = g_new (guint8, n * 3);

  for (gsize i = 0; i < n; i++) {
    bytes[3 * i] = to_byte (colors[i].red);
    bytes[3 * i + 1] = to_byte (colors[i].green);
    bytes[3 * i + 2] = to_byte (colors[i].blue);
  }
  return bytes;
}

FeColor
fe_color_metal (FeRandom *random)
{
  /* Steel, zinc, aluminium, brass, copper, black oxide. */
  static const struct {
    float share;
    FeColor color;
  } metals[] = {{0.35F, {0.56F, 0.57F, 0.58F}}, {0.55F, {0.62F, 0.63F, 0.67F}},
                {0.72F, {0.72F, 0.73F, 0.74F}}, {0.84F, {0.74F, 0.58F, 0.30F}},
                {0.90F, {0.76F, 0.48F, 0.36F}}, {1.00F, {0.16F, 0.16F, 0.17F}}};
  float share = fe_random_unit (random);
  int i = 0;

  while (share >= metals[i].share)
    i++;
  return fe_color_vary (metals[i].color, random, 0.07F);
}
