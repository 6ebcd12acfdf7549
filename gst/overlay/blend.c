/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Does what gst_video_overlay_composition_blend() does, which knows one YUV
 * matrix and range only. Here, as there, a line of a frame of any format is
 * unpacked to 8 or 16 bits per channel, blended and packed again. */
#include "overlay/blend.h"

#include <string.h>

#include "overlay/color_matrix.h"
#include "overlay/overlay_region.h"

/* Alpha first, then the colours, in all unpacked formats. */
#define N_CHANNELS 4

/* Some unpack functions work in blocks and write beyond the line, in pixels. */
#define LINE_PADDING 64

/* A row of a patch: all pixels outside of @begin…@end are transparent. @offset
 * is where the others begin in the part's pixels, in bytes. */
typedef struct {
  guint begin;
  guint end;
  gsize offset;
} Row;

/* A converted patch. */
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

/* Pixels of the same size are converted where they are: rendering touches a lot
 * of memory as it is. */
static void
add_part (GstFeclipBlend *self, GstFeclipOverlayRegion *patch,
          const GstFeclipColorMatrix *matrix)
{
  const gboolean deep = self->pixel_size > sizeof (guint32);
  gsize size = 0;
  guint8 *argb =
      g_bytes_unref_to_data (g_steal_pointer (&patch->pixels), &size);
  Part part = {
      .x = patch->x,
      .y = patch->y,
      .n_rows = patch->height,
      .rows = g_new (Row, patch->height),
      .pixels =
          deep ? g_malloc (size / sizeof (guint32) * self->pixel_size) : argb,
  };

  for (guint y = 0; y < patch->height; y++) {
    const guint32 *pixels = (guint32 *)argb + (gsize)y * patch->width;
    Row *row = &part.rows[y];

    *row = (Row){.end = patch->width};
    find_ends (pixels, row);
    row->offset = ((gsize)y * patch->width + row->begin) * self->pixel_size;
    gst_feclip_color_matrix_convert (matrix, pixels + row->begin,
                                     row->end - row->begin, deep,
                                     part.pixels + row->offset);
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
gst_feclip_blend_new (GPtrArray *patches, const GstVideoInfo *info)
{
  GstFeclipBlend *self = g_new0 (GstFeclipBlend, 1);
  GstFeclipColorMatrix matrix;

  self->unpacked = gst_video_format_get_info (info->finfo->unpack_format);
  self->pixel_size = GST_VIDEO_FORMAT_INFO_PSTRIDE (self->unpacked, 0);
  self->parts = g_array_new (FALSE, FALSE, sizeof (Part));
  g_array_set_clear_func (self->parts, (GDestroyNotify)part_clear);
  gst_feclip_color_matrix_init (&matrix, info, self->unpacked);
  for (guint i = 0; i < patches->len; i++)
    add_part (self, g_ptr_array_index (patches, i), &matrix);
  g_ptr_array_unref (patches);
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

/* Packing knows one palette only, which replaces the frame's own when all lines
 * have been read. */
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
