/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "draw/colormap.h"

#include <math.h>

typedef struct {
  double red;
  double green;
  double blue;
} Color;

/* Colours, 0xRRGGBB, at equal steps from 0 to 1. */
#define N_KNOTS 18

static Color
interpolate (const guint32 knots[N_KNOTS], double t)
{
  const guint low = MIN ((guint)(t * (N_KNOTS - 1)), N_KNOTS - 2);
  const double weight = t * (N_KNOTS - 1) - low;
  double mixed[3];
  int i;

  for (i = 0; i < 3; i++) {
    const guint from = knots[low] >> (16 - 8 * i) & 0xff;
    const guint to = knots[low + 1] >> (16 - 8 * i) & 0xff;

    mixed[i] = (from * (1 - weight) + to * weight) / 255;
  }
  return (Color){mixed[0], mixed[1], mixed[2]};
}

/* Every fifteenth colour of Anton Mikhailov's "Turbo, an improved rainbow
 * colormap for visualization", Google, 2019. */
static Color
turbo (double t)
{
  static const guint32 knots[N_KNOTS] = {
      0x30123b, 0x3f3e9c, 0x4666dd, 0x458cfd, 0x2fb2f4, 0x1ad4d0,
      0x22ebaa, 0x52fa7a, 0x8bff4b, 0xb7f735, 0xdbe236, 0xf5c53a,
      0xfea130, 0xf9751d, 0xe84b0c, 0xce2d04, 0xa91601, 0x7a0403,
  };

  return interpolate (knots, t);
}

/* Every fifteenth colour of Nathaniel Smith and Stéfan van der Walt's map for
 * Matplotlib. */
static Color
inferno (double t)
{
  static const guint32 knots[N_KNOTS] = {
      0x000004, 0x0a0722, 0x1e0c45, 0x380962, 0x510e6c, 0x69166e,
      0x801f6c, 0x982766, 0xb0315b, 0xc63d4d, 0xd94d3d, 0xe9612b,
      0xf47918, 0xfa9407, 0xfcb014, 0xf8cd37, 0xf2ea69, 0xfcffa4,
  };

  return interpolate (knots, t);
}

/* Blue, cyan, yellow, red; each channel is a trapezoid. */
static Color
jet (double t)
{
  return (Color){
      1.5 - fabs (4 * t - 3),
      1.5 - fabs (4 * t - 2),
      1.5 - fabs (4 * t - 1),
  };
}

static Color
gray (double t)
{
  return (Color){t, t, t};
}

/* One channel, premultiplied, as 8 bits. */
static guint32
quantize (double channel, double alpha)
{
  return (guint32)lrint (CLAMP (channel, 0, 1) * alpha * 255);
}

void
fe_colormap_fill (FeclipColormap colormap, double alpha,
                  guint32 pixels[FE_COLORMAP_SIZE])
{
  static Color (*const colormaps[]) (double t) = {
      [FECLIP_COLORMAP_TURBO] = turbo,
      [FECLIP_COLORMAP_INFERNO] = inferno,
      [FECLIP_COLORMAP_JET] = jet,
      [FECLIP_COLORMAP_GRAY] = gray,
  };
  guint i;

  g_return_if_fail (colormap < G_N_ELEMENTS (colormaps));

  alpha = CLAMP (alpha, 0, 1);
  for (i = 0; i < FE_COLORMAP_SIZE; i++) {
    const Color color = colormaps[colormap](i / (FE_COLORMAP_SIZE - 1.0));

    pixels[i] = quantize (1, alpha) << 24 | quantize (color.red, alpha) << 16
                | quantize (color.green, alpha) << 8
                | quantize (color.blue, alpha);
  }
}

guint
fe_colormap_index (FeclipMapType map_type, float value)
{
  const float place = map_type == FECLIP_MAP_TYPE_MARGIN     ? (value + 5) / 10
                      : map_type == FECLIP_MAP_TYPE_FEW_SHOT ? value / 2
                                                             : value;

  return (guint)(CLAMP (place, 0, 1) * (FE_COLORMAP_SIZE - 1) + 0.5f);
}
