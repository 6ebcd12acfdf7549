/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* feclipoverlay pixel by pixel: every raw format, defects at each border and
 * corner, colorimetry, strides, alpha. */
#include <feclip/gst/meta.h>
#include <gst/check/gstharness.h>
#include <math.h>
#include <string.h>

#include "support/gst_test_image.h"

/* A frame's pixels, unpacked to four channels of 16 bits. */
typedef struct {
  int width;
  int height;
  gboolean rgb;
  guint16 *channels;
} Pixels;

typedef struct {
  int left;
  int top;
  int right;
  int bottom;
} Rect;

static void
pixels_clear (Pixels *self)
{
  g_clear_pointer (&self->channels, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pixels, pixels_clear)

static void
pixels_read (Pixels *self, const GstVideoInfo *info, GstBuffer *buffer)
{
  const GstVideoFormatInfo *format = info->finfo;
  const GstVideoFormatInfo *unpacked =
      gst_video_format_get_info (format->unpack_format);
  const gboolean deep = GST_VIDEO_FORMAT_INFO_DEPTH (unpacked, 0) > 8;
  g_autofree guint8 *line = g_malloc ((info->width + 64) * 8);
  GstVideoFrame frame;

  *self = (Pixels){info->width, info->height,
                   GST_VIDEO_FORMAT_INFO_IS_RGB (unpacked),
                   g_new (guint16, 4 * info->width * info->height)};
  g_assert_true (gst_video_frame_map (&frame, info, buffer, GST_MAP_READ));
  for (int y = 0; y < info->height; y++) {
    guint16 *row = self->channels + 4 * info->width * y;

    format->unpack_func (
        format,
        GST_VIDEO_FRAME_IS_INTERLACED (&frame) ? GST_VIDEO_PACK_FLAG_INTERLACED
                                               : GST_VIDEO_PACK_FLAG_NONE,
        line, frame.data, frame.info.stride, 0, y, info->width);
    for (int i = 0; i < 4 * info->width; i++)
      row[i] = deep ? ((guint16 *)line)[i] : line[i] * 257;
  }
  gst_video_frame_unmap (&frame);
}

static const guint16 *
pixel_at (const Pixels *self, int x, int y)
{
  return self->channels + 4 * (self->width * y + x);
}

static gboolean
contains (const Rect *rect, int margin, int x, int y)
{
  return x >= rect->left - margin && x < rect->right + margin
         && y >= rect->top - margin && y < rect->bottom + margin;
}

/* A verdict with one hot cell, or all cells hot for a @cell of -1. */
static FeclipVerdict *
verdict_new (double x, double y, double width, double height, int cell)
{
  float map[64] = {0};
  g_autoptr (FeclipResult) result = NULL;

  for (int i = 0; i < 64; i++)
    map[i] = cell < 0 || i == cell;
  result = feclip_result_new (&(FeclipResult){
      .score = 0.8,
      .x = x,
      .y = y,
      .width = width,
      .height = height,
      .map_width = 8,
      .map_height = 8,
      .map = map,
  });
  return feclip_verdict_new (result, 0.5, 0.5, TRUE);
}

/* The rectangle of the verdict's only defect, according to the library. */
static Rect
defect_rect (const FeclipVerdict *verdict, int width, int height)
{
  g_autoptr (GArray) defects = feclip_result_find_defects (
      verdict->result, width, height, verdict->pixel_threshold);
  const FeclipDefect *defect = &g_array_index (defects, FeclipDefect, 0);

  g_assert_cmpuint (defects->len, ==, 1);
  return (Rect){
      (int)rint (defect->x_min * width),
      (int)rint (defect->y_min * height),
      (int)rint (defect->x_max * width),
      (int)rint (defect->y_max * height),
  };
}

/* The overlay with the heatmap alone, opaque and gray. */
static GstHarness *
harness_new (void)
{
  GstHarness *harness = gst_harness_new_parse (
      "feclipoverlay draw-contours=false draw-boxes=false draw-labels=false "
      "colormap=gray alpha=1");

  g_assert_nonnull (harness);
  return harness;
}

/* Returns: (transfer full): @buffer (transfer full) after the overlay */
static GstBuffer *
overlay (GstHarness *harness, const GstVideoInfo *info, GstBuffer *buffer,
         const FeclipVerdict *verdict)
{
  g_autoptr (GstCaps) caps = gst_video_info_to_caps (info);
  GstBuffer *out = NULL;

  feclip_verdict_attach (verdict, buffer, info->width, info->height, NULL);
  gst_harness_set_caps (harness, gst_caps_ref (caps), gst_caps_ref (caps));
  out = gst_harness_push_and_pull (harness, buffer);
  g_assert_nonnull (out);
  return out;
}

/* The gray value of the heatmap over a pixel, 0…1; below one half it draws
 * nothing. */
static double
expected_value (const FeclipResult *result, int cell, int width, int height,
                int x, int y)
{
  const double share_x = ((x + 0.5) / width - result->x) / result->width;
  const double share_y = ((y + 0.5) / height - result->y) / result->height;
  const double distance_x = fabs (CLAMP (share_x * 8 - 0.5, 0, 7) - cell % 8);
  const double distance_y = fabs (CLAMP (share_y * 8 - 0.5, 0, 7) - cell / 8);

  if (share_x < 0 || share_x >= 1 || share_y < 0 || share_y >= 1)
    return 0;
  return MAX (0, 1 - distance_x) * MAX (0, 1 - distance_y);
}

/* The value of a gray in the format's first channel after alpha, 0…65535. */
static double
encode_gray (const GstVideoInfo *info, double value)
{
  if (GST_VIDEO_INFO_IS_RGB (info)
      || info->colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255)
    return value * 65535;
  return (16 + 219 * value) * 257;
}

/* The number of steps of the format's coarsest channel. */
static double
tolerance_of (const GstVideoInfo *info)
{
  guint bits = 8;

  if (GST_VIDEO_FORMAT_INFO_HAS_PALETTE (info->finfo))
    return 65535 / 5;
  for (guint i = 0; i < info->finfo->n_components; i++)
    if (GST_VIDEO_FORMAT_INFO_DEPTH (info->finfo, i) > 2)
      bits = MIN (bits, GST_VIDEO_FORMAT_INFO_DEPTH (info->finfo, i));
  return 65535.0 / (1 << bits) + 600;
}

/* Each pixel has the heatmap's colour or its own, according to the map; pixels
 * whose map value is close to the threshold are skipped. Chroma is shared by up
 * to four pixels. */
static void
check_pixels (const GstVideoInfo *info, const Pixels *before,
              const Pixels *after, const FeclipResult *result, int cell,
              const Rect *rect)
{
  const double tolerance = tolerance_of (info);
  const gboolean palette = GST_VIDEO_FORMAT_INFO_HAS_PALETTE (info->finfo);

  for (int y = 0; y < after->height; y++) {
    for (int x = 0; x < after->width; x++) {
      const double value =
          expected_value (result, cell, after->width, after->height, x, y);
      const guint16 *old = pixel_at (before, x, y);
      const guint16 *new = pixel_at (after, x, y);

      if (value > 0.505) {
        g_assert_true (contains (rect, 0, x, y));
        g_assert_cmpfloat_with_epsilon (new[1], encode_gray (info, value),
                                        tolerance);
        if (value > 0.9 && rect->right - rect->left > 32)
          g_assert_cmpfloat_with_epsilon (
              new[3], after->rgb ? encode_gray (info, value) : 128 * 257,
              tolerance);
      } else if (value < 0.495 && !palette) {
        g_assert_cmpuint (new[0], ==, old[0]);
        g_assert_cmpuint (new[1], ==, old[1]);
        if (after->rgb || !contains (rect, 4, x, y)) {
          g_assert_cmpuint (new[2], ==, old[2]);
          g_assert_cmpuint (new[3], ==, old[3]);
        }
      }
    }
  }
}

static void
check_cell (GstHarness *harness, const GstVideoInfo *info,
            const FeclipVerdict *verdict, int cell)
{
  const Rect rect = defect_rect (verdict, info->width, info->height);
  g_autoptr (GstBuffer) before = image_new (info);
  g_autoptr (GstBuffer) after =
      overlay (harness, info, gst_buffer_copy_deep (before), verdict);
  g_auto (Pixels) old = {0};
  g_auto (Pixels) new = {0};

  pixels_read (&old, info, before);
  pixels_read (&new, info, after);
  check_pixels (info, &old, &new, verdict->result, cell, &rect);
}

static void
test_every_format (void)
{
  GstHarness *harness = harness_new ();
  g_autoptr (FeclipVerdict) verdict = verdict_new (0.1, 0, 0.62, 1, 27);
  g_autoptr (GstCaps) caps =
      gst_caps_from_string (GST_VIDEO_CAPS_MAKE (GST_VIDEO_FORMATS_ALL));
  const GValue *formats =
      gst_structure_get_value (gst_caps_get_structure (caps, 0), "format");

  for (guint i = 0; i < gst_value_list_get_size (formats); i++) {
    const char *name =
        g_value_get_string (gst_value_list_get_value (formats, i));
    /* GStreamer's own functions for these two write one byte beyond a line of
     * odd width, or swap its last chroma. */
    const gboolean even =
        strcmp (name, "UYVP") == 0 || strcmp (name, "NV61") == 0;
    GstVideoInfo info;

    g_test_message ("%s", name);
    image_info (&info, gst_video_format_from_string (name), even ? 96 : 97, 61);
    check_cell (harness, &info, verdict, 27);
  }
  gst_harness_teardown (harness);
}

/* A defect at each border and corner of frames that are not square. */
static void
test_places (void)
{
  static const int cells[] = {0, 3, 7, 24, 31, 56, 60, 63, 27};
  static const struct {
    int width, height;
    double x, y, w, h;
  } frames[] = {
      {640, 360, 0.21875, 0, 0.5625, 1},
      {360, 640, 0, 0.21875, 1, 0.5625},
      {213, 107, 0, 0, 1, 1},
      {97, 61, 18.3 / 97, 0, 61.0 / 97, 1},
  };
  static const GstVideoFormat formats[] = {
      GST_VIDEO_FORMAT_I420,      GST_VIDEO_FORMAT_NV12, GST_VIDEO_FORMAT_YUY2,
      GST_VIDEO_FORMAT_RGB,       GST_VIDEO_FORMAT_BGRA, GST_VIDEO_FORMAT_GRAY8,
      GST_VIDEO_FORMAT_Y444,      GST_VIDEO_FORMAT_v210, GST_VIDEO_FORMAT_Y42B,
      GST_VIDEO_FORMAT_P010_10LE,
  };
  GstHarness *harness = harness_new ();

  for (guint f = 0; f < G_N_ELEMENTS (frames); f++) {
    for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
      GstVideoInfo info;

      image_info (&info, formats[i], frames[f].width, frames[f].height);
      for (guint c = 0; c < G_N_ELEMENTS (cells); c++) {
        g_autoptr (FeclipVerdict) verdict = verdict_new (
            frames[f].x, frames[f].y, frames[f].w, frames[f].h, cells[c]);

        check_cell (harness, &info, verdict, cells[c]);
      }
    }
  }
  gst_harness_teardown (harness);
}

/* A rectangle that can be computed by hand: cells of 45 pixels from x = 140. */
static void
test_exact_rectangle (void)
{
  GstHarness *harness = harness_new ();
  GstVideoInfo info;

  image_info (&info, GST_VIDEO_FORMAT_GRAY8, 640, 360);
  for (int cell = 0; cell < 64; cell += 7) {
    const int left = 140 + cell % 8 * 45;
    const int top = cell / 8 * 45;
    g_autoptr (FeclipVerdict) verdict =
        verdict_new (0.21875, 0, 0.5625, 1, cell);
    g_autoptr (GstBuffer) buffer = NULL;
    Rect tinted = {640, 360, 0, 0};
    GstMapInfo map;

    buffer = gst_buffer_new_allocate (NULL, info.size, NULL);
    gst_buffer_memset (buffer, 0, 0, info.size);
    buffer = overlay (harness, &info, g_steal_pointer (&buffer), verdict);
    g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_READ));
    for (int i = 0; i < 640 * 360; i++) {
      if (map.data[i] == 0)
        continue;
      tinted.left = MIN (tinted.left, i % 640);
      tinted.top = MIN (tinted.top, i / 640);
      tinted.right = MAX (tinted.right, i % 640 + 1);
      tinted.bottom = MAX (tinted.bottom, i / 640 + 1);
    }
    gst_buffer_unmap (buffer, &map);
    g_assert_cmpint (tinted.left, ==, left);
    g_assert_cmpint (tinted.top, ==, top);
    g_assert_cmpint (tinted.right, ==, left + 45);
    g_assert_cmpint (tinted.bottom, ==, top + 45);
  }
  gst_harness_teardown (harness);
}

/* A frame in RGB, converted by GStreamer. */
static void
pixels_read_rgb (Pixels *self, const GstVideoInfo *info, GstBuffer *buffer)
{
  GstVideoConverter *converter = NULL;
  g_autoptr (GstBuffer) rgb = NULL;
  GstVideoFrame from, to;
  GstVideoInfo rgb_info;

  image_info (&rgb_info, GST_VIDEO_FORMAT_ARGB, info->width, info->height);
  rgb_info.colorimetry.primaries = info->colorimetry.primaries;
  rgb_info.colorimetry.transfer = info->colorimetry.transfer;
  rgb = gst_buffer_new_allocate (NULL, rgb_info.size, NULL);
  converter = gst_video_converter_new (info, &rgb_info, NULL);
  g_assert_true (gst_video_frame_map (&from, info, buffer, GST_MAP_READ));
  g_assert_true (gst_video_frame_map (&to, &rgb_info, rgb, GST_MAP_WRITE));
  gst_video_converter_frame (converter, &from, &to);
  gst_video_frame_unmap (&to);
  gst_video_frame_unmap (&from);
  gst_video_converter_free (converter);
  pixels_read (self, &rgb_info, rgb);
}

/* The dark red of Turbo is the same colour with any matrix and range. */
static void
test_colorimetry (void)
{
  static const char *const colorimetries[] = {"bt601", "bt709", "bt2020",
                                              "1:4:0:0", "1:3:5:1"};
  static const GstVideoFormat formats[] = {
      GST_VIDEO_FORMAT_I420, GST_VIDEO_FORMAT_I420_10LE,
      GST_VIDEO_FORMAT_Y444_16LE, GST_VIDEO_FORMAT_AYUV, GST_VIDEO_FORMAT_RGBx};
  GstHarness *harness = harness_new ();
  g_autoptr (FeclipVerdict) verdict = verdict_new (0, 0, 1, 1, -1);

  gst_harness_set (harness, "feclipoverlay", "colormap", 0, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (colorimetries); i++) {
    for (guint j = 0; j < G_N_ELEMENTS (formats); j++) {
      g_autoptr (GstBuffer) buffer = NULL;
      g_auto (Pixels) pixels = {0};
      const guint16 *middle = NULL;
      double tolerance = 0;
      GstVideoInfo info;

      image_info (&info, formats[j], 32, 16);
      if (!GST_VIDEO_INFO_IS_RGB (&info))
        g_assert_true (gst_video_colorimetry_from_string (&info.colorimetry,
                                                          colorimetries[i]));
      tolerance = GST_VIDEO_INFO_COMP_DEPTH (&info, 0) > 8 ? 2 : 5;
      buffer = overlay (harness, &info, image_new (&info), verdict);
      pixels_read_rgb (&pixels, &info, buffer);
      middle = pixel_at (&pixels, 16, 8);
      g_assert_cmpfloat_with_epsilon (middle[1] / 257.0, 0x7a, tolerance);
      g_assert_cmpfloat_with_epsilon (middle[2] / 257.0, 0x04, tolerance);
      g_assert_cmpfloat_with_epsilon (middle[3] / 257.0, 0x03, tolerance);
    }
  }
  gst_harness_teardown (harness);
}

/* A half-transparent white over known colours, on frames with and without
 * alpha. */
static void
test_alpha (void)
{
  static const struct {
    GstVideoFormat format;
    guint8 under[4]; /* A, R, G, B */
    guint8 over[4];
  } cases[] = {
      {GST_VIDEO_FORMAT_xRGB, {255, 0, 100, 200}, {255, 128, 178, 228}},
      {GST_VIDEO_FORMAT_ARGB, {255, 0, 100, 200}, {255, 128, 178, 228}},
      {GST_VIDEO_FORMAT_ARGB, {0, 10, 20, 30}, {128, 255, 255, 255}},
      {GST_VIDEO_FORMAT_ARGB, {128, 0, 0, 90}, {192, 170, 170, 200}},
  };
  GstHarness *harness = harness_new ();
  g_autoptr (FeclipVerdict) verdict = verdict_new (0, 0, 1, 1, -1);

  gst_harness_set (harness, "feclipoverlay", "alpha", 0.5, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GstBuffer) buffer = NULL;
    guint8 pixel[4];
    GstVideoInfo info;

    image_info (&info, cases[i].format, 4, 4);
    buffer = gst_buffer_new_allocate (NULL, info.size, NULL);
    for (guint at = 0; at < info.size; at += 4)
      gst_buffer_fill (buffer, at, cases[i].under, 4);
    buffer = overlay (harness, &info, g_steal_pointer (&buffer), verdict);
    gst_buffer_extract (buffer, 20, pixel, 4);
    for (guint c = GST_VIDEO_INFO_HAS_ALPHA (&info) ? 0 : 1; c < 4; c++)
      g_assert_cmpfloat_with_epsilon (pixel[c], cases[i].over[c], 1.5);
  }
  gst_harness_teardown (harness);
}

/* In an interlaced frame, the first lines of the two fields have separate
 * chroma lines. */
static void
test_interlaced (void)
{
  static const float map[8] = {1, 1};
  GstHarness *harness = harness_new ();
  g_autoptr (FeclipResult) result = feclip_result_new (&(FeclipResult){
      .width = 1,
      .height = 1,
      .map_width = 1,
      .map_height = 8,
      .map = map,
  });
  g_autoptr (FeclipVerdict) verdict =
      feclip_verdict_new (result, 0.5, 0.6, TRUE);
  g_autoptr (GstBuffer) buffer = NULL;
  guint8 chroma[4] = {0};
  GstVideoInfo info;

  image_info (&info, GST_VIDEO_FORMAT_I420, 8, 8);
  info.interlace_mode = GST_VIDEO_INTERLACE_MODE_INTERLEAVED;
  buffer = gst_buffer_new_allocate (NULL, info.size, NULL);
  gst_buffer_memset (buffer, 0, 50, info.size);
  buffer = overlay (harness, &info, g_steal_pointer (&buffer), verdict);
  for (guint i = 0; i < 4; i++)
    gst_buffer_extract (buffer, info.offset[1] + i * info.stride[1], &chroma[i],
                        1);
  g_assert_cmpint (chroma[0], ==, 128);
  g_assert_cmpint (chroma[1], ==, 128);
  g_assert_cmpint (chroma[2], ==, 50);
  g_assert_cmpint (chroma[3], ==, 50);
  gst_harness_teardown (harness);
}

/* The frame's palette is replaced by GStreamer's; colours become the nearest
 * ones. */
static void
test_palette (void)
{
  GstHarness *harness = harness_new ();
  g_autoptr (FeclipVerdict) verdict = verdict_new (0, 0, 0.5, 1, -1);
  g_autoptr (GstBuffer) buffer = NULL;
  g_auto (Pixels) before = {0};
  g_auto (Pixels) after = {0};
  guint32 palette[256];
  GstVideoInfo info;

  for (guint i = 0; i < 256; i++)
    palette[i] = 0xff000000 | i << 16 | (255 - i) << 8 | (i ^ 0x55);
  image_info (&info, GST_VIDEO_FORMAT_RGB8P, 16, 16);
  buffer = gst_buffer_new_allocate (NULL, info.size, NULL);
  for (guint i = 0; i < info.offset[1]; i++)
    gst_buffer_memset (buffer, i, (guint8)(i * 7), 1);
  gst_buffer_fill (buffer, info.offset[1], palette, sizeof (palette));
  pixels_read (&before, &info, buffer);
  buffer = overlay (harness, &info, g_steal_pointer (&buffer), verdict);
  pixels_read (&after, &info, buffer);
  for (int y = 0; y < 16; y++) {
    for (int x = 0; x < 16; x++)
      for (guint c = 0; c < 4; c++)
        g_assert_cmpfloat_with_epsilon (
            pixel_at (&after, x, y)[c],
            x < 8 ? 65535 : pixel_at (&before, x, y)[c], 52 * 257);
  }
  gst_harness_teardown (harness);
}

/* A buffer whose image is part of a larger one: planes and strides come from
 * GstVideoMeta, the offset from GstVideoCropMeta. */
static void
test_layouts (void)
{
  GstHarness *harness = harness_new ();
  g_autoptr (FeclipVerdict) verdict = verdict_new (0, 0, 1, 1, 9);
  g_autoptr (GstBuffer) large = NULL;
  g_autoptr (GstBuffer) after = NULL;
  GstVideoCropMeta *crop = NULL;
  GstVideoInfo info, large_info;
  g_auto (Pixels) old = {0};
  g_auto (Pixels) new = {0};

  image_info (&info, GST_VIDEO_FORMAT_I420, 80, 48);
  image_info (&large_info, GST_VIDEO_FORMAT_I420, 112, 64);
  large = image_new (&large_info);
  gst_buffer_add_video_meta_full (large, GST_VIDEO_FRAME_FLAG_NONE,
                                  GST_VIDEO_FORMAT_I420, 112, 64, 3,
                                  large_info.offset, large_info.stride);
  crop = gst_buffer_add_video_crop_meta (large);
  crop->x = 16;
  crop->y = 8;
  crop->width = 80;
  crop->height = 48;
  pixels_read (&old, &large_info, large);
  after = overlay (harness, &info, g_steal_pointer (&large), verdict);
  pixels_read (&new, &large_info, after);

  for (int y = 0; y < 64; y++) {
    for (int x = 0; x < 112; x++) {
      const gboolean visible = x >= 16 && x < 96 && y >= 8 && y < 56;
      const double value =
          visible ? expected_value (verdict->result, 9, 80, 48, x - 16, y - 8)
                  : 0;

      if (value > 0.505)
        g_assert_cmpfloat_with_epsilon (pixel_at (&new, x, y)[1],
                                        encode_gray (&info, value), 600);
      else if (value < 0.495)
        g_assert_cmpuint (pixel_at (&new, x, y)[1], ==,
                          pixel_at (&old, x, y)[1]);
    }
  }
  gst_harness_teardown (harness);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/overlay/pixels/every-format", test_every_format);
  g_test_add_func ("/overlay/pixels/places", test_places);
  g_test_add_func ("/overlay/pixels/exact-rectangle", test_exact_rectangle);
  g_test_add_func ("/overlay/pixels/colorimetry", test_colorimetry);
  g_test_add_func ("/overlay/pixels/alpha", test_alpha);
  g_test_add_func ("/overlay/pixels/interlaced", test_interlaced);
  g_test_add_func ("/overlay/pixels/palette", test_palette);
  g_test_add_func ("/overlay/pixels/layouts", test_layouts);
  return g_test_run ();
}
