/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Replaces gst_video_overlay_composition_blend(), which supports only one YUV
 * matrix and range. Like there, a line of a frame of any format is unpacked to
 * 8 or 16 bits per channel, blended and packed again. */
#include "overlay/blend.h"

#include <math.h>
#include <string.h>

/* Alpha first, then the colours, in all unpacked formats. */
#define N_CHANNELS 4

/* In pixels: some unpack functions work in blocks and write beyond the line. */
#define LINE_PADDING 64

/* A row of a region: all pixels outside of @begin…@end are transparent. @offset
 * is where the others begin in the part's pixels, in bytes. */
typedef struct {
  guint begin;
  guint end;
  gsize offset;
} Row;

/* A converted region. */
typedef struct {
  gint x;
  gint y;
  guint n_rows;
  Row *rows;
  guint8 *pixels;
} Part;

struct _GstFeclipBlend {
  const GstVideoFormatInfo *unpacked;
  gsize pixel_size;
  GArray *parts;
};

/* Colours */

/* Fraction bits of the factors: a sum of products for channels of 16 bits still
 * fits 32 bits. */
#define FRACTION_BITS 14

/* From premultiplied ARGB of 8 bits to the channels, alpha first, of an
 * unpacked video format: AYUV or ARGB of 8 or 16 bits. */
typedef struct {
  gint32 factors[4][4];
} ColorMatrix;

static gint32
fixed_point (gdouble factor)
{
  return (gint32)lrint (factor * (1 << FRACTION_BITS));
}

static void
init_rgb (ColorMatrix *self, gdouble scale)
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

/* A channel's offset is multiplied by alpha, so that the channel comes out
 * premultiplied as well. */
static void
init_yuv (ColorMatrix *self, gdouble scale, const GstVideoColorimetry *color,
          const GstVideoFormatInfo *unpacked)
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

/* @unpacked: the format that frames as @info says are unpacked to */
static void
color_matrix_init (ColorMatrix *self, const GstVideoInfo *info,
                   const GstVideoFormatInfo *unpacked)
{
  const gdouble max = (1 << GST_VIDEO_FORMAT_INFO_DEPTH (unpacked, 0)) - 1;

  *self = (ColorMatrix){0};
  if (GST_VIDEO_FORMAT_INFO_IS_RGB (unpacked))
    init_rgb (self, max / 255);
  else
    init_yuv (self, max / 255, &info->colorimetry, unpacked);
}

static void
convert_pixel (const ColorMatrix *self, guint32 argb, guint16 channels[4])
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

/* Converts @n pixels of @argb, in native order, to four premultiplied channels
 * each: guint16 if the unpacked format is @deep, else guint8. */
static void
color_matrix_convert (const ColorMatrix *self, const guint32 *argb, guint n,
                      gboolean deep, gpointer pixels)
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

/* Conversion of regions */

static void
part_clear (Part *self)
{
  g_free (self->rows);
  g_free (self->pixels);
}

/* Narrows a row to what is not transparent. */
static void
find_ends (const guint32 *argb, Row *row)
{
  while (row->begin < row->end && argb[row->begin] == 0)
    row->begin++;
  while (row->begin < row->end && argb[row->end - 1] == 0)
    row->end--;
}

/* Pixels of the same size are converted in place: rendering needs a lot of
 * memory bandwidth as it is. */
static void
add_part (GstFeclipBlend *self, GstFeclipOverlayRegion *region,
          const ColorMatrix *matrix)
{
  const gboolean deep = self->pixel_size > sizeof (guint32);
  gsize size = 0;
  guint8 *argb =
      g_bytes_unref_to_data (g_steal_pointer (&region->pixels), &size);
  Part part = {
      .x = region->x,
      .y = region->y,
      .n_rows = region->height,
      .rows = g_new (Row, region->height),
      .pixels =
          deep ? g_malloc (size / sizeof (guint32) * self->pixel_size) : argb,
  };

  for (guint y = 0; y < region->height; y++) {
    const guint32 *pixels = (guint32 *)argb + (gsize)y * region->width;
    Row *row = &part.rows[y];

    *row = (Row){.end = region->width};
    find_ends (pixels, row);
    row->offset = ((gsize)y * region->width + row->begin) * self->pixel_size;
    color_matrix_convert (matrix, pixels + row->begin, row->end - row->begin,
                          deep, part.pixels + row->offset);
  }
  if (deep)
    g_free (argb);
  g_array_append_val (self->parts, part);
}

gboolean
gst_feclip_blend_supports (const GstVideoInfo *info)
{
  const GstVideoFormatInfo *format = info->finfo;
  const GstVideoFormatInfo *unpacked =
      gst_video_format_get_info (format->unpack_format);

  return format->unpack_func != NULL && format->pack_func != NULL
         && (GST_VIDEO_FORMAT_INFO_PSTRIDE (unpacked, 0) == N_CHANNELS
             || GST_VIDEO_FORMAT_INFO_PSTRIDE (unpacked, 0) == 2 * N_CHANNELS);
}

GstFeclipBlend *
gst_feclip_blend_new (GPtrArray *regions, const GstVideoInfo *info)
{
  GstFeclipBlend *self = g_new0 (GstFeclipBlend, 1);
  ColorMatrix matrix;

  self->unpacked = gst_video_format_get_info (info->finfo->unpack_format);
  self->pixel_size = GST_VIDEO_FORMAT_INFO_PSTRIDE (self->unpacked, 0);
  self->parts = g_array_new (FALSE, FALSE, sizeof (Part));
  g_array_set_clear_func (self->parts, (GDestroyNotify)part_clear);
  color_matrix_init (&matrix, info, self->unpacked);
  for (guint i = 0; i < regions->len; i++)
    add_part (self, g_ptr_array_index (regions, i), &matrix);
  g_ptr_array_unref (regions);
  return self;
}

void
gst_feclip_blend_free (GstFeclipBlend *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->parts);
  g_free (self);
}

/* Blending */

/* Porter and Duff's "over" for one premultiplied channel; @rest is what the
 * upper pixel's alpha leaves of @max. */
static inline guint32
over (guint32 upper, guint32 lower, guint32 rest, guint32 max)
{
  return upper + (lower * rest + max / 2) / max;
}

/* The same for one whose lower pixel is not premultiplied; @weight is what the
 * lower pixel's alpha and @rest make of it, @alpha the alpha of both. */
static inline guint32
over_straight (guint32 upper, guint32 lower, guint64 weight, guint64 alpha,
               guint32 max)
{
  const guint64 sum = (guint64)upper * max * max + lower * weight;

  return (guint32)MIN ((sum + alpha / 2) / alpha, max);
}

/* Two channels of 8 bits, 16 bits apart, times @rest / 255, rounded. */
static inline guint32
scale_two (guint32 channels, guint32 rest)
{
  const guint32 product = channels * rest + 0x800080;

  return (product + (product >> 8 & 0xff00ff)) >> 8 & 0xff00ff;
}

static void
blend_8 (guint8 *to, const guint8 *from, guint n)
{
  for (guint i = 0; i < n; i++, to += N_CHANNELS, from += N_CHANNELS) {
    const guint32 rest = 255 - from[0];
    guint32 upper = 0, lower = 0;

    if (rest == 255)
      continue;
    if (to[0] != 255) {
      const guint64 weight = (guint64)to[0] * rest;
      const guint64 alpha = (guint64)from[0] * 255 + weight;

      for (guint c = 1; c < N_CHANNELS; c++)
        to[c] = over_straight (from[c], to[c], weight, alpha, 255);
      to[0] = over (from[0], to[0], rest, 255);
      continue;
    }
    memcpy (&upper, from, N_CHANNELS);
    memcpy (&lower, to, N_CHANNELS);
    lower = upper + scale_two (lower & 0xff00ff, rest)
            + (scale_two (lower >> 8 & 0xff00ff, rest) << 8);
    memcpy (to, &lower, N_CHANNELS);
  }
}

static void
blend_16 (guint16 *to, const guint16 *from, guint n)
{
  for (guint i = 0; i < n; i++, to += N_CHANNELS, from += N_CHANNELS) {
    const guint32 rest = 65535 - from[0];

    if (rest == 65535)
      continue;
    if (to[0] != 65535) {
      const guint64 weight = (guint64)to[0] * rest;
      const guint64 alpha = (guint64)from[0] * 65535 + weight;

      for (guint c = 1; c < N_CHANNELS; c++)
        to[c] = over_straight (from[c], to[c], weight, alpha, 65535);
      to[0] = over (from[0], to[0], rest, 65535);
      continue;
    }
    for (guint c = 0; c < N_CHANNELS; c++)
      to[c] = over (from[c], to[c], rest, 65535);
  }
}

/* A frame's lines in the unpacked format. */
typedef struct {
  GstVideoFrame *frame;
  GstVideoPackFlags flags;
  gboolean keep; /* all of them, not only the last one read */
  gsize stride;
  guint8 *data;
} Lines;

static guint8 *
line_at (const Lines *self, guint y)
{
  return self->data + (self->keep ? y * self->stride : 0);
}

static void
read_line (const Lines *self, guint y)
{
  const GstVideoFrame *frame = self->frame;
  const GstVideoFormatInfo *format = frame->info.finfo;

  format->unpack_func (format, self->flags, line_at (self, y), frame->data,
                       frame->info.stride, 0, y, frame->info.width);
}

static void
write_line (const Lines *self, guint y)
{
  GstVideoFrame *frame = self->frame;
  const GstVideoFormatInfo *format = frame->info.finfo;

  format->pack_func (format, self->flags, line_at (self, y), (gint)self->stride,
                     frame->data, frame->info.stride, frame->info.chroma_site,
                     y, frame->info.width);
}

/* Packing supports only one palette. It replaces the frame's own one once all
 * lines have been read. */
static void
lines_init (Lines *self, const GstFeclipBlend *blend, GstVideoFrame *frame)
{
  const GstVideoInfo *info = &frame->info;

  *self = (Lines){
      .frame = frame,
      .flags = GST_VIDEO_FRAME_IS_INTERLACED (frame)
                   ? GST_VIDEO_PACK_FLAG_INTERLACED
                   : GST_VIDEO_PACK_FLAG_NONE,
      .keep = GST_VIDEO_FORMAT_INFO_HAS_PALETTE (info->finfo),
      .stride = (info->width + LINE_PADDING) * blend->pixel_size,
  };
  self->data = g_malloc (self->stride * (self->keep ? info->height : 1));
  for (gint y = 0; self->keep && y < info->height; y++)
    read_line (self, y);
}

static void
lines_finish (Lines *self)
{
  GstVideoFrame *frame = self->frame;
  gsize size = 0;
  gconstpointer palette = NULL;

  if (self->keep) {
    palette =
        gst_video_format_get_palette (GST_VIDEO_FRAME_FORMAT (frame), &size);
    memcpy (frame->data[1], palette, size);
  }
  for (gint y = 0; self->keep && y < frame->info.height; y++)
    write_line (self, y);
  g_free (self->data);
}

static void
blend_row (const GstFeclipBlend *self, const Part *part, const Row *row,
           const Lines *lines, gint x, gint y)
{
  const GstVideoInfo *info = &lines->frame->info;
  const gint begin = MAX (x + (gint)row->begin, 0);
  const gint end = MIN (x + (gint)row->end, info->width);
  const guint8 *from = NULL;
  guint8 *to = NULL;

  if (begin >= end || y < 0 || y >= info->height)
    return;
  if (!lines->keep)
    read_line (lines, y);
  from =
      part->pixels + row->offset + (begin - x - row->begin) * self->pixel_size;
  to = line_at (lines, y) + begin * self->pixel_size;
  if (self->pixel_size == N_CHANNELS)
    blend_8 (to, from, end - begin);
  else
    blend_16 ((guint16 *)to, (const guint16 *)from, end - begin);
  if (!lines->keep)
    write_line (lines, y);
}

void
gst_feclip_blend_apply (const GstFeclipBlend *self, GstVideoFrame *frame,
                        gint x, gint y)
{
  Lines lines;

  lines_init (&lines, self, frame);
  for (guint i = 0; i < self->parts->len; i++) {
    const Part *part = &g_array_index (self->parts, Part, i);

    for (guint row = 0; row < part->n_rows; row++)
      blend_row (self, part, &part->rows[row], &lines, x + part->x,
                 y + part->y + (gint)row);
  }
  lines_finish (&lines);
}
