/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/frame_reference.h"

#include <math.h>
#include <string.h>

/* Letters of the bytes of one pixel; NULL for formats that are not RGB. */
static const char *const rgb_bytes[N_PIXEL_FORMATS] = {
    [FECLIP_PIXEL_FORMAT_RGB] = "RGB",   [FECLIP_PIXEL_FORMAT_BGR] = "BGR",
    [FECLIP_PIXEL_FORMAT_RGBX] = "RGBx", [FECLIP_PIXEL_FORMAT_BGRX] = "BGRx",
    [FECLIP_PIXEL_FORMAT_XRGB] = "xRGB", [FECLIP_PIXEL_FORMAT_XBGR] = "xBGR",
};

void
image_clear (Image *self)
{
  g_clear_pointer (&self->rgb, g_free);
}

gboolean
halves_columns (FeclipPixelFormat format)
{
  return format >= FECLIP_PIXEL_FORMAT_I420
         && format != FECLIP_PIXEL_FORMAT_Y444;
}

gboolean
halves_rows (FeclipPixelFormat format)
{
  return format >= FECLIP_PIXEL_FORMAT_I420
         && format <= FECLIP_PIXEL_FORMAT_NV21;
}

PlaneSizes
plane_sizes (FeclipPixelFormat format, guint width, guint height)
{
  guint half_width = (width + 1) / 2, half_height = (height + 1) / 2;

  switch (format) {
  case FECLIP_PIXEL_FORMAT_GRAY8:
    return (PlaneSizes){1, {height}, {width}};
  case FECLIP_PIXEL_FORMAT_I420:
  case FECLIP_PIXEL_FORMAT_YV12:
    return (PlaneSizes){
        3, {height, half_height, half_height}, {width, half_width, half_width}};
  case FECLIP_PIXEL_FORMAT_NV12:
  case FECLIP_PIXEL_FORMAT_NV21:
    return (PlaneSizes){2, {height, half_height}, {width, 2 * half_width}};
  case FECLIP_PIXEL_FORMAT_Y42B:
    return (PlaneSizes){
        3, {height, height, height}, {width, half_width, half_width}};
  case FECLIP_PIXEL_FORMAT_YUY2:
  case FECLIP_PIXEL_FORMAT_UYVY:
    return (PlaneSizes){1, {height}, {4 * half_width}};
  case FECLIP_PIXEL_FORMAT_Y444:
    return (PlaneSizes){3, {height, height, height}, {width, width, width}};
  default:
    return (PlaneSizes){1, {height}, {width * strlen (rgb_bytes[format])}};
  }
}

void
frame_init_random (FeclipFrame *frame, gsize padding, GRand *random)
{
  PlaneSizes sizes = plane_sizes (frame->format, frame->width, frame->height);

  for (guint p = 0; p < sizes.n_planes; p++) {
    gsize stride = sizes.row_sizes[p] + padding;
    gsize size = stride * (sizes.rows[p] - 1) + sizes.row_sizes[p];
    guint8 *bytes = g_malloc (size);

    for (gsize i = 0; i < size; i++)
      bytes[i] = (guint8)g_rand_int (random);
    frame->planes[p] = bytes;
    frame->strides[p] = stride;
  }
}

void
frame_clear (FeclipFrame *frame)
{
  for (guint p = 0; p < FECLIP_FRAME_MAX_PLANES; p++) {
    g_free ((guint8 *)frame->planes[p]);
    frame->planes[p] = NULL;
  }
}

guint8 *
frame_sample (const FeclipFrame *frame, guint component, guint column,
              guint row)
{
  gboolean v = component == 2;
  guint plane = 0;
  gsize at;

  switch (frame->format) {
  case FECLIP_PIXEL_FORMAT_GRAY8:
    at = column;
    break;
  case FECLIP_PIXEL_FORMAT_I420:
  case FECLIP_PIXEL_FORMAT_Y42B:
  case FECLIP_PIXEL_FORMAT_Y444:
    plane = component;
    at = column;
    break;
  case FECLIP_PIXEL_FORMAT_YV12:
    plane = (3 - component) % 3;
    at = column;
    break;
  case FECLIP_PIXEL_FORMAT_NV12:
    plane = component > 0;
    at = component == 0 ? column : 2 * column + v;
    break;
  case FECLIP_PIXEL_FORMAT_NV21:
    plane = component > 0;
    at = component == 0 ? column : 2 * column + !v;
    break;
  case FECLIP_PIXEL_FORMAT_YUY2:
    at = component == 0 ? 2 * column : 4 * column + 1 + 2 * v;
    break;
  case FECLIP_PIXEL_FORMAT_UYVY:
    at = component == 0 ? 2 * column + 1 : 4 * column + 2 * v;
    break;
  default: {
    const char *bytes = rgb_bytes[frame->format];

    at = column * strlen (bytes)
         + (gsize)(strchr (bytes, "RGB"[component]) - bytes);
  }
  }
  return (guint8 *)frame->planes[plane] + row * frame->strides[plane] + at;
}

/* The visual side of the stored row 0, then that of the stored column 0, as
 * the EXIF specification defines the tag's numbers. */
static const char *const exif_sides[] = {
    "top left", "top left",  "top right",    "bottom right", "bottom left",
    "left top", "right top", "right bottom", "left bottom",
};

gboolean
exif_swaps (FeclipOrientation orientation)
{
  return strchr ("lr", exif_sides[orientation][0]) != NULL;
}

/* Counts `n` away from a side. */
static void
go_from_side (const char *side, guint width, guint height, guint n, guint *x,
              guint *y)
{
  switch (side[0]) {
  case 't':
    *y = n;
    break;
  case 'b':
    *y = height - 1 - n;
    break;
  case 'l':
    *x = n;
    break;
  default:
    *x = width - 1 - n;
  }
}

void
exif_place (FeclipOrientation orientation, guint upright_width,
            guint upright_height, guint column, guint row, guint *x, guint *y)
{
  const char *sides = exif_sides[orientation];

  go_from_side (sides, upright_width, upright_height, row, x, y);
  go_from_side (strchr (sides, ' ') + 1, upright_width, upright_height, column,
                x, y);
}

/* How much of a chroma sample a luma sample sees along one axis: a tent over
 * the distance of their centres, which lie at i + ½ for luma. */
static double
chroma_share (gboolean halved, gboolean cosited, guint luma, guint chroma)
{
  double center = 2 * chroma + (cosited ? 0.5 : 1);

  if (!halved)
    return luma == chroma;
  return MAX (0, 1 - fabs (luma + 0.5 - center) / 2);
}

static double
ref_chroma (const FeclipFrame *frame, guint component, guint column, guint row)
{
  gboolean half_x = halves_columns (frame->format);
  gboolean half_y = halves_rows (frame->format);
  guint columns = half_x ? (frame->width + 1) / 2 : frame->width;
  guint rows = half_y ? (frame->height + 1) / 2 : frame->height;
  guint first_x = half_x ? column / 2 : column;
  guint first_y = half_y ? row / 2 : row;
  double sum = 0, shares = 0;

  for (guint y = first_y - MIN (first_y, 2); y < MIN (first_y + 3, rows); y++) {
    for (guint x = first_x - MIN (first_x, 2); x < MIN (first_x + 3, columns);
         x++) {
      double share =
          chroma_share (half_x,
                        frame->chroma_site & FECLIP_CHROMA_SITE_H_COSITED,
                        column, x)
          * chroma_share (half_y,
                          frame->chroma_site & FECLIP_CHROMA_SITE_V_COSITED,
                          row, y);

      shares += share;
      sum += share * *frame_sample (frame, component, x, y);
    }
  }
  return sum / shares;
}

static void
ref_pixel (const FeclipFrame *frame, guint column, guint row, double rgb[3])
{
  gboolean is_rgb = rgb_bytes[frame->format] != NULL;
  gboolean limited = frame->range == FECLIP_COLOR_RANGE_LIMITED
                     || (frame->range == FECLIP_COLOR_RANGE_DEFAULT && !is_rgb);
  double black = limited ? 16 : 0, white = limited ? 235 : 255;
  double kr = frame->kr > 0 ? frame->kr : 0.299;
  double kb = frame->kb > 0 ? frame->kb : 0.114;
  double luma = *frame_sample (frame, 0, column, row);

  luma = (luma - black) / (white - black);
  for (guint c = 0; c < 3; c++)
    rgb[c] = is_rgb ? (*frame_sample (frame, c, column, row) - black)
                          / (white - black)
                    : luma;
  if (frame->format >= FECLIP_PIXEL_FORMAT_I420) {
    double span = limited ? 224 : 255;
    double cb = (ref_chroma (frame, 1, column, row) - 128) / span;
    double cr = (ref_chroma (frame, 2, column, row) - 128) / span;

    rgb[0] = luma + 2 * (1 - kr) * cr;
    rgb[2] = luma + 2 * (1 - kb) * cb;
    rgb[1] = (luma - kr * rgb[0] - kb * rgb[2]) / (1 - kr - kb);
  }
  for (guint c = 0; c < 3; c++)
    rgb[c] = CLAMP (rgb[c], 0, 1);
}

Image
ref_convert (const FeclipFrame *frame)
{
  gboolean swap = exif_swaps (frame->orientation);
  Image image = {
      .width = swap ? frame->height : frame->width,
      .height = swap ? frame->width : frame->height,
  };

  image.rgb = g_new (double, 3 * (gsize)frame->width * frame->height);
  for (guint row = 0; row < frame->height; row++) {
    for (guint column = 0; column < frame->width; column++) {
      guint x = 0, y = 0;

      exif_place (frame->orientation, image.width, image.height, column, row,
                  &x, &y);
      ref_pixel (frame, column, row,
                 image.rgb + 3 * ((gsize)y * image.width + x));
    }
  }
  return image;
}

/* Keys' cubic convolution kernel for a = −½, as he writes it. */
static double
keys (double x)
{
  x = fabs (x);
  if (x < 1)
    return 1.5 * pow (x, 3) - 2.5 * pow (x, 2) + 1;
  if (x < 2)
    return -0.5 * pow (x, 3) + 2.5 * pow (x, 2) - 4 * x + 2;
  return 0;
}

/* Resizes one line of `in` samples, `step` apart, to `out`, and keeps `size` of
 * them from `offset` on. */
static void
ref_line (const double *line, gsize step, guint in, guint out, guint offset,
          guint size, double *dst, gsize dst_step)
{
  double ratio = (double)in / out;

  for (guint i = 0; i < size; i++) {
    double center = (offset + i + 0.5) * ratio;
    double reach = 2 * MAX (ratio, 1) + 1;
    double sum = 0, weights = 0;

    for (guint j = (guint)MAX (center - reach, 0); j < in && j < center + reach;
         j++) {
      double weight = keys ((j + 0.5 - center) / MAX (ratio, 1));

      weights += weight;
      sum += weight * line[j * step];
    }
    dst[i * dst_step] = sum / weights;
  }
}

void
ref_resize (const Image *image, FeclipFit fit, guint size, float *dst)
{
  static const double mean[] = {0.48145466, 0.4578275, 0.40821073};
  static const double deviation[] = {0.26862954, 0.26130258, 0.27577711};
  guint w = image->width, h = image->height;
  double shorter = MIN (w, h);
  gboolean crop = fit == FECLIP_FIT_CROP;
  guint new_w = crop ? (guint)floor (size * (double)w / shorter) : size;
  guint new_h = crop ? (guint)floor (size * (double)h / shorter) : size;
  guint x = (guint)rint ((new_w - size) / 2.0);
  guint y = (guint)rint ((new_h - size) / 2.0);
  g_autofree double *rows = g_new (double, (gsize)h *size);
  g_autofree double *column = g_new (double, size);

  for (guint c = 0; c < 3; c++) {
    for (guint r = 0; r < h; r++)
      ref_line (image->rgb + (gsize)r * w * 3 + c, 3, w, new_w, x, size,
                rows + (gsize)r * size, 1);
    for (guint i = 0; i < size; i++) {
      ref_line (rows + i, size, h, new_h, y, size, column, 1);
      for (guint r = 0; r < size; r++)
        dst[((gsize)c * size + r) * size + i] =
            (float)((column[r] - mean[c]) / deviation[c]);
    }
  }
}
