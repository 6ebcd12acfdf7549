/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/random.h"

G_BEGIN_DECLS

/* Shares of light, in proportion to its power: not yet what a screen shows. */
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

/* From the notation of the web, 0xRRGGBB. */
FeColor fe_color_hex (guint32 rgb);

/* All numbers from 0 to 1, as colors look on a screen. */
FeColor fe_color_hsv (float hue, float saturation, float value);

/* One of @n colors in the web's notation. */
FeColor fe_color_pick (FeRandom *random, const guint32 *colors, int n);

#define fe_color_pick_from(random, colors) \
  fe_color_pick (random, colors, G_N_ELEMENTS (colors))

/* The same color a bit off, brightness by @amount and hue by less. */
FeColor fe_color_vary (FeColor color, FeRandom *random, float amount);

/* A color of anything: gray, dull or bright. */
FeColor fe_color_any (FeRandom *random);

/* [n][3] bytes of a screen's colors from 0 to 1, newly allocated. */
guint8 *fe_color_to_bytes (const FeColor *colors, gsize n);

/* What a bare metal mirrors of each color: steel most often, or brass, … */
FeColor fe_color_metal (FeRandom *random);

G_END_DECLS
