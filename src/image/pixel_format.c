/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/pixel_format.h"

#define BT601_KR 0.299
#define BT601_KB 0.114

#define RGB FE_COLOR_MODEL_RGB
#define YUV FE_COLOR_MODEL_YUV
#define GRAY FE_COLOR_MODEL_GRAY

static const FePixelFormat formats[] = {
    [FECLIP_PIXEL_FORMAT_RGB] =
        {"RGB", RGB, 1, 0, 0, {{0, 0, 3}, {0, 1, 3}, {0, 2, 3}}},
    [FECLIP_PIXEL_FORMAT_BGR] =
        {"BGR", RGB, 1, 0, 0, {{0, 2, 3}, {0, 1, 3}, {0, 0, 3}}},
    [FECLIP_PIXEL_FORMAT_RGBX] =
        {"RGBx", RGB, 1, 0, 0, {{0, 0, 4}, {0, 1, 4}, {0, 2, 4}}},
    [FECLIP_PIXEL_FORMAT_BGRX] =
        {"BGRx", RGB, 1, 0, 0, {{0, 2, 4}, {0, 1, 4}, {0, 0, 4}}},
    [FECLIP_PIXEL_FORMAT_XRGB] =
        {"xRGB", RGB, 1, 0, 0, {{0, 1, 4}, {0, 2, 4}, {0, 3, 4}}},
    [FECLIP_PIXEL_FORMAT_XBGR] =
        {"xBGR", RGB, 1, 0, 0, {{0, 3, 4}, {0, 2, 4}, {0, 1, 4}}},
    [FECLIP_PIXEL_FORMAT_GRAY8] =
        {"GRAY8", GRAY, 1, 0, 0, {{0, 0, 1}, {0, 0, 1}, {0, 0, 1}}},
    [FECLIP_PIXEL_FORMAT_I420] =
        {"I420", YUV, 3, 1, 1, {{0, 0, 1}, {1, 0, 1}, {2, 0, 1}}},
    [FECLIP_PIXEL_FORMAT_YV12] =
        {"YV12", YUV, 3, 1, 1, {{0, 0, 1}, {2, 0, 1}, {1, 0, 1}}},
    [FECLIP_PIXEL_FORMAT_NV12] =
        {"NV12", YUV, 2, 1, 1, {{0, 0, 1}, {1, 0, 2}, {1, 1, 2}}},
    [FECLIP_PIXEL_FORMAT_NV21] =
        {"NV21", YUV, 2, 1, 1, {{0, 0, 1}, {1, 1, 2}, {1, 0, 2}}},
    [FECLIP_PIXEL_FORMAT_Y42B] =
        {"Y42B", YUV, 3, 1, 0, {{0, 0, 1}, {1, 0, 1}, {2, 0, 1}}},
    [FECLIP_PIXEL_FORMAT_YUY2] =
        {"YUY2", YUV, 1, 1, 0, {{0, 0, 2}, {0, 1, 4}, {0, 3, 4}}},
    [FECLIP_PIXEL_FORMAT_UYVY] =
        {"UYVY", YUV, 1, 1, 0, {{0, 1, 2}, {0, 0, 4}, {0, 2, 4}}},
    [FECLIP_PIXEL_FORMAT_Y444] =
        {"Y444", YUV, 3, 0, 0, {{0, 0, 1}, {1, 0, 1}, {2, 0, 1}}},
};

const FePixelFormat *
fe_pixel_format_get (FeclipPixelFormat format)
{
  return (guint)format < G_N_ELEMENTS (formats) ? &formats[format] : NULL;
}

gboolean
fe_pixel_format_is_chroma (const FePixelFormat *self, guint component)
{
  return self->model == FE_COLOR_MODEL_YUV && component > 0;
}

static gboolean
is_limited (const FePixelFormat *self, FeclipColorRange range)
{
  return range == FECLIP_COLOR_RANGE_LIMITED
         || (range == FECLIP_COLOR_RANGE_DEFAULT
             && self->model != FE_COLOR_MODEL_RGB);
}

/* Rows of the inverse of Y = kr R + kg G + kb B, Cb = (B − Y) / (2 (1 − kb)),
 * Cr = (R − Y) / (2 (1 − kr)): ITU-R H.273, 8.3. */
static void
get_yuv_rows (const FeclipFrame *frame, double rows[3][3])
{
  double kr = frame->kr != 0 ? frame->kr : BT601_KR;
  double kb = frame->kb != 0 ? frame->kb : BT601_KB;
  double kg = 1 - kr - kb;
  const double inverse[3][3] = {
      {1, 0, 2 * (1 - kr)},
      {1, -2 * kb * (1 - kb) / kg, -2 * kr * (1 - kr) / kg},
      {1, 2 * (1 - kb), 0},
  };

  for (guint i = 0; i < 9; i++)
    rows[i / 3][i % 3] = inverse[i / 3][i % 3];
}

void
fe_pixel_format_get_matrix (const FePixelFormat *self, const FeclipFrame *frame,
                            float matrix[3][4])
{
  gboolean limited = is_limited (self, frame->range);
  double rows[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};

  if (self->model == FE_COLOR_MODEL_YUV)
    get_yuv_rows (frame, rows);
  for (guint i = 0; i < 3; i++) {
    double constant = 0;

    for (guint c = 0; c < 3; c++) {
      gboolean chroma = fe_pixel_format_is_chroma (self, c);
      double zero = chroma ? 128 : limited ? 16 : 0;
      double span = !limited ? 255 : chroma ? 224 : 219;

      matrix[i][c] = (float)(rows[i][c] / span);
      constant -= rows[i][c] / span * zero;
    }
    matrix[i][3] = (float)constant;
  }
}
