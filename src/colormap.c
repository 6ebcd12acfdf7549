/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "colormap.h"

#include <math.h>

typedef struct {
  double red;
  double green;
  double blue;
} Color;

/* The largest degree of the polynomials below. */
#define DEGREE 6

static Color
evaluate (const Color coefficients[DEGREE + 1], double t)
{
  Color sum = coefficients[DEGREE];
  int i;

  for (i = DEGREE - 1; i >= 0; i--) {
    sum.red = sum.red * t + coefficients[i].red;
    sum.green = sum.green * t + coefficients[i].green;
    sum.blue = sum.blue * t + coefficients[i].blue;
  }
  return sum;
}

/* Fitted by Anton Mikhailov and Ruofei Du, "Turbo, an improved rainbow colormap
 * for visualization", Google, 2019. */
static Color
turbo (double t)
{
  static const Color coefficients[DEGREE + 1] = {
      {0.13572138, 0.09140261, 0.10667330},
      {4.61539260, 2.19418839, 12.64194608},
      {-42.66032258, 4.84296658, -60.58204836},
      {132.13108234, -14.18503333, 110.36276771},
      {-152.94239396, 4.27729857, -89.90310912},
      {59.28637943, 2.82956604, 27.34824973},
      {0, 0, 0},
  };

  return evaluate (coefficients, t);
}

/* Fitted by Matt Zucker to Nathaniel Smith and Stéfan van der Walt's table for
 * Matplotlib. */
static Color
inferno (double t)
{
  static const Color coefficients[DEGREE + 1] = {
      {0.00021894, 0.00165100, -0.01948090},
      {0.10651342, 0.56395644, 3.93271239},
      {11.60249308, -3.97285397, -15.94239411},
      {-41.70399613, 17.43639888, 44.35414520},
      {77.16293570, -33.40235894, -81.80730926},
      {-71.31942824, 32.62606426, 73.20951986},
      {25.13112623, -12.24266895, -23.07032500},
  };

  return evaluate (coefficients, t);
}

/* Blue, cyan, yellow, red, each channel a trapezoid. */
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

/* A premultiplied channel in 8 bits. */
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
  const float place =
      map_type == FECLIP_MAP_TYPE_MARGIN ? (value + 5) / 10 : value;

  return (guint)(CLAMP (place, 0, 1) * (FE_COLORMAP_SIZE - 1) + 0.5f);
}
