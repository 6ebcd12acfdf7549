/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The feclip element over every format, size and memory layout of a frame: the
 * same image gives the same result however it is stored. */
#include <math.h>

#include "support/gst_analyser.h"
#include "support/gst_test_image.h"

enum {
  WIDTH = 160,
  HEIGHT = 120,
};

/* Rounding to 8 bits and back. */
#define SCORE_TOLERANCE 5e-3
#define MAP_TOLERANCE 3e-2

/* One element for all tests: it renegotiates from frame to frame. */
static GstHarness *harness;

static FeclipResult *
analyse_image (const GstVideoInfo *info)
{
  return analyser_analyse (harness, info, image_new (info));
}

/* What the image gives in 8-bit RGB, with nothing lost. */
static FeclipResult *
reference (gboolean gray)
{
  GstVideoInfo info;

  image_info (&info, GST_VIDEO_FORMAT_RGB, WIDTH, HEIGHT);
  return analyser_analyse (harness, &info,
                           gray ? image_new_gray (&info) : image_new (&info));
}

/* Formats with few bits or little chroma, and how far their scores may be. */
static double
format_tolerance (const GstVideoFormatInfo *format)
{
  if (GST_VIDEO_FORMAT_INFO_HAS_PALETTE (format))
    return 1;
  if (GST_VIDEO_FORMAT_INFO_DEPTH (format, 0) < 8)
    return 0.1;
  return SCORE_TOLERANCE;
}

static void
test_formats (void)
{
  g_autoptr (FeclipResult) color = reference (FALSE);
  g_autoptr (FeclipResult) gray = reference (TRUE);
  guint n = 0;
  const GstVideoFormat *formats = gst_video_formats_raw (&n);

  /* Else the tolerances below would let anything pass. */
  g_assert_cmpfloat (analyser_mean_difference (color, gray), >,
                     2 * MAP_TOLERANCE);
  for (guint i = 0; i < n; i++) {
    const GstVideoFormatInfo *format = gst_video_format_get_info (formats[i]);
    gboolean is_gray = GST_VIDEO_FORMAT_INFO_IS_GRAY (format);
    double tolerance = format_tolerance (format);
    g_autoptr (FeclipResult) result = NULL;
    GstVideoInfo info;

    image_info (&info, formats[i], WIDTH, HEIGHT);
    result = analyse_image (&info);
    analyser_assert_near (GST_VIDEO_FORMAT_INFO_NAME (format), result,
                          is_gray ? gray : color, tolerance,
                          tolerance * MAP_TOLERANCE / SCORE_TOLERANCE);
  }
}

static void
test_colorimetry (void)
{
  static const struct {
    GstVideoFormat format;
    const char *colorimetry;
    GstVideoChromaSite site;
  } cases[] = {
      {GST_VIDEO_FORMAT_I420, "bt709", GST_VIDEO_CHROMA_SITE_MPEG2},
      {GST_VIDEO_FORMAT_NV12, "bt2020", GST_VIDEO_CHROMA_SITE_MPEG2},
      {GST_VIDEO_FORMAT_YUY2, "bt601", GST_VIDEO_CHROMA_SITE_COSITED},
      {GST_VIDEO_FORMAT_I420, "1:4:0:0", GST_VIDEO_CHROMA_SITE_JPEG},
      {GST_VIDEO_FORMAT_Y444, "1:3:5:1", GST_VIDEO_CHROMA_SITE_UNKNOWN},
      {GST_VIDEO_FORMAT_RGB, "2:1:0:0", GST_VIDEO_CHROMA_SITE_UNKNOWN},
      {GST_VIDEO_FORMAT_AYUV, "smpte240m", GST_VIDEO_CHROMA_SITE_UNKNOWN},
      {GST_VIDEO_FORMAT_I420_10LE, "bt2020", GST_VIDEO_CHROMA_SITE_MPEG2},
  };
  g_autoptr (FeclipResult) wanted = reference (FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (FeclipResult) result = NULL;
    GstVideoInfo info;

    image_info (&info, cases[i].format, WIDTH, HEIGHT);
    g_assert_true (gst_video_colorimetry_from_string (&info.colorimetry,
                                                      cases[i].colorimetry));
    info.chroma_site = cases[i].site;
    result = analyse_image (&info);
    analyser_assert_near (cases[i].colorimetry, result, wanted, SCORE_TOLERANCE,
                          MAP_TOLERANCE);
  }
}

/* The same bytes under another range, matrix or chroma site are another
 * image. */
static void
test_caps_count (void)
{
  static const struct {
    GstVideoFormat format;
    const char *colorimetry[2];
    GstVideoChromaSite site[2];
  } cases[] = {
      {GST_VIDEO_FORMAT_GRAY8, {"1:4:0:0", "2:4:0:0"}, {0}},
      {GST_VIDEO_FORMAT_RGB, {"1:1:7:1", "2:1:7:1"}, {0}},
      {GST_VIDEO_FORMAT_I420, {"1:4:0:0", "2:4:0:0"}, {0}},
      {GST_VIDEO_FORMAT_I420, {"bt601", "bt709"}, {0}},
      {GST_VIDEO_FORMAT_NV12,
       {"bt709", "bt709"},
       {GST_VIDEO_CHROMA_SITE_JPEG, GST_VIDEO_CHROMA_SITE_MPEG2}},
      {GST_VIDEO_FORMAT_NV12,
       {"bt709", "bt709"},
       {GST_VIDEO_CHROMA_SITE_MPEG2, GST_VIDEO_CHROMA_SITE_COSITED}},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GstBuffer) buffer = NULL;
    FeclipResult *results[2] = {NULL};
    GstVideoInfo info;

    image_info (&info, cases[i].format, WIDTH, HEIGHT);
    buffer = image_new (&info);
    for (guint k = 0; k < 2; k++) {
      g_assert_true (gst_video_colorimetry_from_string (
          &info.colorimetry, cases[i].colorimetry[k]));
      info.chroma_site = cases[i].site[k];
      results[k] = analyser_analyse (harness, &info, gst_buffer_copy (buffer));
    }
    g_assert_cmpfloat (analyser_mean_difference (results[0], results[1]), >,
                       1e-5);
    feclip_result_unref (results[0]);
    feclip_result_unref (results[1]);
  }
}

static void
test_sizes (void)
{
  static const guint sizes[][2] = {
      {1, 1},   {2, 1},   {1, 3},     {3, 2},     {5, 7},
      {17, 33}, {97, 60}, {113, 111}, {321, 241}, {1001, 63},
  };
  static const GstVideoFormat formats[] = {
      GST_VIDEO_FORMAT_RGB,  GST_VIDEO_FORMAT_I420, GST_VIDEO_FORMAT_NV12,
      GST_VIDEO_FORMAT_YUY2, GST_VIDEO_FORMAT_Y42B, GST_VIDEO_FORMAT_v210,
  };

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++) {
    for (guint f = 0; f < G_N_ELEMENTS (formats); f++) {
      double width = sizes[s][0], height = sizes[s][1];
      /* The network's image is cut out on its own pixels. */
      double pixel = MIN (width, height) / 100;
      g_autoptr (FeclipResult) result = NULL;
      GstVideoInfo info;

      image_info (&info, formats[f], sizes[s][0], sizes[s][1]);
      result = analyse_image (&info);
      g_assert_cmpfloat (result->score, >, 0);
      g_assert_cmpfloat (result->score, <, 1);
      g_assert_cmpfloat_with_epsilon (result->width * width,
                                      MIN (width, height), pixel);
      g_assert_cmpfloat_with_epsilon (result->height * height,
                                      MIN (width, height), pixel);
      g_assert_cmpfloat_with_epsilon (result->x + result->width / 2, 0.5,
                                      pixel / width);
      g_assert_cmpfloat_with_epsilon (result->y + result->height / 2, 0.5,
                                      pixel / height);
    }
  }
}

/* Copies an image into @layout's memory, described by a GstVideoMeta: @before
 * bytes in front of each plane, rows @padding bytes longer. */
static GstBuffer *
lay_out (const GstVideoInfo *info, gsize before, int padding,
         gboolean one_memory_per_plane)
{
  g_autoptr (GstBuffer) image = image_new (info);
  GstBuffer *buffer = gst_buffer_new ();
  gsize offsets[GST_VIDEO_MAX_PLANES] = {0}, size = 0;
  int strides[GST_VIDEO_MAX_PLANES] = {0};
  GstVideoFrame from, to;

  for (guint p = 0; p < GST_VIDEO_INFO_N_PLANES (info); p++) {
    gsize rows = (p == 0 ? info->height : (info->height + 1) / 2);

    strides[p] = GST_VIDEO_INFO_PLANE_STRIDE (info, p) + padding;
    offsets[p] = size + before;
    size = offsets[p] + strides[p] * rows;
    if (one_memory_per_plane)
      gst_buffer_append_memory (
          buffer, gst_allocator_alloc (NULL, before + strides[p] * rows, NULL));
  }
  if (!one_memory_per_plane)
    gst_buffer_append_memory (buffer, gst_allocator_alloc (NULL, size, NULL));
  gst_buffer_memset (buffer, 0, 0xa5, size);
  gst_buffer_add_video_meta_full (buffer, GST_VIDEO_FRAME_FLAG_NONE,
                                  GST_VIDEO_INFO_FORMAT (info), info->width,
                                  info->height, GST_VIDEO_INFO_N_PLANES (info),
                                  offsets, strides);
  g_assert_true (gst_video_frame_map (&from, info, image, GST_MAP_READ));
  g_assert_true (gst_video_frame_map (&to, info, buffer, GST_MAP_WRITE));
  g_assert_true (gst_video_frame_copy (&to, &from));
  gst_video_frame_unmap (&from);
  gst_video_frame_unmap (&to);
  return buffer;
}

static void
test_layouts (void)
{
  static const GstVideoFormat formats[] = {
      GST_VIDEO_FORMAT_I420, GST_VIDEO_FORMAT_YV12, GST_VIDEO_FORMAT_NV12,
      GST_VIDEO_FORMAT_RGB,  GST_VIDEO_FORMAT_UYVY, GST_VIDEO_FORMAT_P010_10LE,
  };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    const char *name = gst_video_format_to_string (formats[i]);
    g_autoptr (FeclipResult) plain = NULL;
    g_autoptr (FeclipResult) padded = NULL;
    g_autoptr (FeclipResult) scattered = NULL;
    GstVideoInfo info;

    image_info (&info, formats[i], 101, 67);
    plain = analyse_image (&info);
    padded = analyser_analyse (harness, &info, lay_out (&info, 52, 26, FALSE));
    scattered = analyser_analyse (harness, &info, lay_out (&info, 0, 14, TRUE));
    analyser_assert_same (name, padded, plain);
    analyser_assert_same (name, scattered, plain);
  }
}

/* A frame stored from its last row to its first. */
static void
test_bottom_up (void)
{
  GstVideoInfo info;
  g_autoptr (GstBuffer) buffer = NULL;
  g_autoptr (FeclipResult) wanted = NULL;
  g_autoptr (FeclipResult) result = NULL;
  GstMapInfo map;
  gsize row = 0, offset[GST_VIDEO_MAX_PLANES] = {0};
  int stride[GST_VIDEO_MAX_PLANES] = {0};

  image_info (&info, GST_VIDEO_FORMAT_RGBx, WIDTH, HEIGHT);
  row = GST_VIDEO_INFO_PLANE_STRIDE (&info, 0);
  wanted = analyse_image (&info);
  buffer = image_new (&info);
  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_READWRITE));
  for (int y = 0; y < HEIGHT / 2; y++) {
    guint8 *upper = map.data + y * row;
    guint8 *lower = map.data + (HEIGHT - 1 - y) * row;
    g_autofree guint8 *kept = g_memdup2 (upper, row);

    memcpy (upper, lower, row);
    memcpy (lower, kept, row);
  }
  gst_buffer_unmap (buffer, &map);
  offset[0] = (HEIGHT - 1) * row;
  stride[0] = -(int)row;
  gst_buffer_add_video_meta_full (buffer, GST_VIDEO_FRAME_FLAG_NONE,
                                  GST_VIDEO_FORMAT_RGBx, WIDTH, HEIGHT, 1,
                                  offset, stride);
  result = analyser_analyse (harness, &info, g_steal_pointer (&buffer));
  analyser_assert_same ("bottom up", result, wanted);
}

static void
convert (const GstVideoInfo *from_info, GstBuffer *from_buffer,
         const GstVideoInfo *to_info, GstBuffer *to_buffer, guint x, guint y)
{
  GstVideoFrame from, to;
  GstVideoConverter *converter = gst_video_converter_new (
      from_info, to_info,
      gst_structure_new ("cut", GST_VIDEO_CONVERTER_OPT_SRC_X, G_TYPE_INT, x,
                         GST_VIDEO_CONVERTER_OPT_SRC_Y, G_TYPE_INT, y,
                         GST_VIDEO_CONVERTER_OPT_SRC_WIDTH, G_TYPE_INT,
                         to_info->width, GST_VIDEO_CONVERTER_OPT_SRC_HEIGHT,
                         G_TYPE_INT, to_info->height, NULL));

  g_assert_true (
      gst_video_frame_map (&from, from_info, from_buffer, GST_MAP_READ));
  g_assert_true (
      gst_video_frame_map (&to, to_info, to_buffer, GST_MAP_READWRITE));
  gst_video_converter_frame (converter, &from, &to);
  gst_video_frame_unmap (&from);
  gst_video_frame_unmap (&to);
  gst_video_converter_free (converter);
}

/* An image inside a larger stored frame, at even and at odd places: the same
 * as when it is cut out in @reference, which can be cut there. */
static void
test_crop_meta (void)
{
  static const struct {
    GstVideoFormat format;
    GstVideoFormat reference;
    guint x;
    guint y;
  } cases[] = {
      {GST_VIDEO_FORMAT_RGB, GST_VIDEO_FORMAT_RGB, 7, 5},
      {GST_VIDEO_FORMAT_NV12, GST_VIDEO_FORMAT_NV12, 8, 6},
      {GST_VIDEO_FORMAT_YUY2, GST_VIDEO_FORMAT_YUY2, 16, 3},
      {GST_VIDEO_FORMAT_I420, GST_VIDEO_FORMAT_Y444, 7, 6},
      {GST_VIDEO_FORMAT_I420, GST_VIDEO_FORMAT_Y444, 6, 5},
      {GST_VIDEO_FORMAT_ARGB64, GST_VIDEO_FORMAT_RGB, 7, 5},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    GstVideoInfo stored, visible, large, small;
    g_autoptr (GstBuffer) buffer = NULL;
    g_autoptr (GstBuffer) whole = NULL;
    g_autoptr (GstBuffer) part = NULL;
    g_autoptr (FeclipResult) wanted = NULL;
    g_autoptr (FeclipResult) result = NULL;
    GstVideoCropMeta *crop = NULL;

    image_info (&stored, cases[i].format, 2 * WIDTH, 2 * HEIGHT);
    image_info (&visible, cases[i].format, WIDTH, HEIGHT);
    image_info (&large, cases[i].reference, 2 * WIDTH, 2 * HEIGHT);
    image_info (&small, cases[i].reference, WIDTH, HEIGHT);
    buffer = image_new (&stored);
    whole = gst_buffer_new_allocate (NULL, large.size, NULL);
    part = gst_buffer_new_allocate (NULL, small.size, NULL);
    convert (&stored, buffer, &large, whole, 0, 0);
    convert (&large, whole, &small, part, cases[i].x, cases[i].y);
    wanted = analyser_analyse (harness, &small, g_steal_pointer (&part));

    gst_buffer_add_video_meta (buffer, GST_VIDEO_FRAME_FLAG_NONE,
                               cases[i].format, 2 * WIDTH, 2 * HEIGHT);
    crop = gst_buffer_add_video_crop_meta (buffer);
    crop->x = cases[i].x;
    crop->y = cases[i].y;
    crop->width = WIDTH;
    crop->height = HEIGHT;
    result = analyser_analyse (harness, &visible, g_steal_pointer (&buffer));
    analyser_assert_near (gst_video_format_to_string (cases[i].format), result,
                          wanted, 1e-4, 1e-4);
  }
}

/* Buffers that do not hold what their caps or video meta promise. */
static void
test_short_buffers (void)
{
  GstVideoInfo info;
  gsize offsets[GST_VIDEO_MAX_PLANES] = {0};
  int strides[GST_VIDEO_MAX_PLANES] = {0};

  for (guint i = 0; i < 4; i++) {
    g_autoptr (GstBuffer) out = NULL;
    GstBuffer *buffer = gst_buffer_new_allocate (NULL, 1000, NULL);

    image_info (&info,
                i % 2 == 0 ? GST_VIDEO_FORMAT_NV12 : GST_VIDEO_FORMAT_Y410,
                WIDTH, HEIGHT);
    if (i >= 2) {
      strides[0] = strides[1] = 4 * WIDTH;
      gst_buffer_add_video_meta_full (
          buffer, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_INFO_FORMAT (&info),
          WIDTH, HEIGHT, GST_VIDEO_INFO_N_PLANES (&info), offsets, strides);
    }
    out = analyser_push (harness, &info, buffer);
    g_assert_true (out == buffer);
    g_assert_null (feclip_verdict_from_buffer (out));
  }
}

int
main (int argc, char **argv)
{
  int status = 0;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  harness = analyser_new ();
  g_test_add_func ("/frames/formats", test_formats);
  g_test_add_func ("/frames/colorimetry", test_colorimetry);
  g_test_add_func ("/frames/caps-count", test_caps_count);
  g_test_add_func ("/frames/sizes", test_sizes);
  g_test_add_func ("/frames/layouts", test_layouts);
  g_test_add_func ("/frames/bottom-up", test_bottom_up);
  g_test_add_func ("/frames/crop-meta", test_crop_meta);
  g_test_add_func ("/frames/short-buffers", test_short_buffers);
  status = g_test_run ();
  gst_harness_teardown (harness);
  return status;
}
