/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/random.h"

G_BEGIN_DECLS

/* Linear light, not the gamma-encoded levels of a screen. */
typedef struct {
  float red;
  float green;
  float blue;
} FeColor;

static inline FeColor
fe_color_gray (float level)
{
  return (FeColor){level, level, level};
}

static inline FeColor
fe_color_scale (FeColor color, float factor)
{
  return (FeColor){color.red * factor, color.green * factor,
                   color.blue * factor};
}

static inline FeColor
fe_color_mix (FeColor a, FeColor b, float share)
{
  return (FeColor){a.red + (b.red - a.red) * share,
                   a.green + (b.green - a.green) * share,
                   a.blue + (b.blue - a.blue) * share};
}

static inline FeColor
fe_color_multiply (FeColor a, FeColor b)
{
  return (FeColor){a.red * b.red, a.green * b.green, a.blue * b.blue};
}

static inline float
fe_color_luminance (FeColor color)
{
  return 0.30F * color.red + 0.59F * color.green + 0.11F * color.blue;
}

/* From the sRGB notation of the web, 0xRRGGBB. */
FeColor fe_color_hex (guint32 rgb);

/* From HSV as on a screen; all numbers from 0 to 1. */
FeColor fe_color_hsv (float hue, float saturation, float value);

/* One of @n colors in the web's notation. */
FeColor fe_color_pick (FeRandom *random, const guint32 *colors, int n);

#define fe_color_pick_from(random, colors) \
  fe_color_pick (random, colors, G_N_ELEMENTS (colors))

/* A random variation: brightness by @amount, hue by less. */
FeColor fe_color_vary (FeColor color, FeRandom *random, float amount);

/* A random color: gray, dull or bright. */
FeColor fe_color_any (FeRandom *random);

/* Converts screen levels from 0 to 1 to bytes [n][3], newly allocated. */
guint8 *fe_color_to_bytes (const FeColor *colors, gsize n);

/* The reflectance of a random metal: steel most often, or brass, … */
FeColor fe_color_metal (FeRandom *random);

G_END_DECLS
