/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "overlay/color_matrix.h"

#include <math.h>
#include <string.h>

/* Fraction bits of the factors: a sum of products for channels of 16 bits still
 * fits 32 bits. */
#define FRACTION_BITS 14

static gint32
fixed_point (gdouble factor)
{
  return (gint32)lrint (factor * (1 << FRACTION_BITS));
}

static void
init_rgb (GstFeclipColorMatrix *self, gdouble scale)
{
  for (guint i = 0; i < 4; i++)
    self->factors[i][i] = fixed_point (scale);
}

/* How luma and the colour differences come from R, G and B: ITU-R H.273,
 * equations 38 to 40. */
static void
fill_rows (gdouble rows[3][3], gdouble kr, gdouble kb)
{
  const gdouble luma[3] = {kr, 1 - kr - kb, kb};

  for (guint i = 0; i < 3; i++) {
    rows[0][i] = luma[i];
    rows[1][i] = ((i == 2) - luma[i]) / (1 - kb) / 2;
    rows[2][i] = ((i == 0) - luma[i]) / (1 - kr) / 2;
  }
}

/* A channel's offset counts as often as alpha says, so that the channel is
 * premultiplied as well. */
static void
init_yuv (GstFeclipColorMatrix *self, gdouble scale,
          const GstVideoColorimetry *color, const GstVideoFormatInfo *unpacked)
{
  gint offsets[GST_VIDEO_MAX_COMPONENTS] = {0};
  gint ranges[GST_VIDEO_MAX_COMPONENTS] = {0};
  gdouble rows[3][3] = {{0}};
  gdouble kr = 0.299, kb = 0.114;

  gst_video_color_matrix_get_Kr_Kb (color->matrix, &kr, &kb);
  gst_video_color_range_offsets (color->range, unpacked, offsets, ranges);
  fill_rows (rows, kr, kb);
  self->factors[0][0] = fixed_point (scale);
  for (guint i = 0; i < 3; i++) {
    self->factors[i + 1][0] = fixed_point (offsets[i] / 255.0);
    for (guint j = 0; j < 3; j++)
      self->factors[i + 1][j + 1] = fixed_point (rows[i][j] * ranges[i] / 255);
  }
}

void
gst_feclip_color_matrix_init (GstFeclipColorMatrix *self,
                              const GstVideoInfo *info,
                              const GstVideoFormatInfo *unpacked)
{
  const gdouble max = (1 << GST_VIDEO_FORMAT_INFO_DEPTH (unpacked, 0)) - 1;

  *self = (GstFeclipColorMatrix){0};
  if (GST_VIDEO_FORMAT_INFO_IS_RGB (unpacked))
    init_rgb (self, max / 255);
  else
    init_yuv (self, max / 255, &info->colorimetry, unpacked);
}

static void
convert_pixel (const GstFeclipColorMatrix *self, guint32 argb,
               guint16 channels[4])
{
  const gint32 in[4] = {argb >> 24, argb >> 16 & 0xff, argb >> 8 & 0xff,
                        argb & 0xff};
  gint32 alpha = 0;

  for (guint i = 0; i < 4; i++) {
    const gint32 *factors = self->factors[i];
    gint32 sum = 1 << (FRACTION_BITS - 1);

    for (guint j = 0; j < 4; j++)
      sum += factors[j] * in[j];
    sum >>= FRACTION_BITS;
    if (i == 0)
      alpha = sum;
    /* A full-range colour difference rounds up to one beyond its range. */
    channels[i] = (guint16)CLAMP (sum, 0, alpha);
  }
}

void
gst_feclip_color_matrix_convert (const GstFeclipColorMatrix *self,
                                 const guint32 *argb, guint n, gboolean deep,
                                 gpointer pixels)
{
  guint16 deep_pixel[4] = {0};
  guint8 shallow_pixel[4] = {0};
  guint32 last = 0;

  for (guint i = 0; i < n; i++) {
    /* Neighbours often have the same colour. */
    if (argb[i] != last) {
      convert_pixel (self, argb[i], deep_pixel);
      for (guint c = 0; c < 4; c++)
        shallow_pixel[c] = (guint8)deep_pixel[c];
      last = argb[i];
    }
    if (deep)
      memcpy ((guint16 *)pixels + 4 * i, deep_pixel, sizeof (deep_pixel));
    else
      memcpy ((guint8 *)pixels + 4 * i, shallow_pixel, sizeof (shallow_pixel));
  }
}
