/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the preprocessing makes of frames, beside plain C and the golden
 * numbers. */
#include <math.h>

#include "support/golden.h"
#include "support/preprocess_stage.h"

#define GOLDEN_TOLERANCE 1e-3

/* Fills a frame with random bytes and compares what becomes of it. */
static void
check_random_frame (Stage *stage, FeclipFrame *frame, GRand *random)
{
  frame_init_random (frame, (gsize)g_rand_int_range (random, 0, 9), random);
  stage_check (stage, frame);
  frame_clear (frame);
}

/* Every format with every range, site and orientation, in small frames: the
 * sizes and fits take turns. */
static void
test_formats (void)
{
  static const guint sizes[][2] = {{1, 1},   {2, 1},   {1, 2},   {3, 5},
                                   {17, 31}, {31, 17}, {28, 28}, {2, 9}};
  g_autoptr (Stage) crop = stage_new (28, 7, FECLIP_FIT_CROP);
  g_autoptr (Stage) stretch = stage_new (28, 7, FECLIP_FIT_STRETCH);
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  const guint n = N_PIXEL_FORMATS * 3 * 4 * 9;

  for (guint i = 0; i < n; i++) {
    guint turn = i + i / 9;
    const guint *size = sizes[turn % G_N_ELEMENTS (sizes)];
    gboolean stretched = turn / G_N_ELEMENTS (sizes) % 2;
    FeclipFrame frame = {
        .orientation = i % 9,
        .chroma_site = i / 9 % 4,
        .range = i / 36 % 3,
        .format = i / 108,
        .width = size[0],
        .height = size[1],
        .kr = i % 2 ? 0.2126 : 0,
        .kb = i % 2 ? 0.0722 : 0,
    };

    check_random_frame (stretched ? stretch : crop, &frame, random);
  }
}

/* Every format in frames that are cropped and shrunk, odd sizes among them. */
static void
test_sizes (void)
{
  static const guint sizes[][2] = {{97, 60},   {60, 97},   {213, 317},
                                   {640, 360}, {112, 112}, {113, 111}};
  g_autoptr (Stage) crop = stage_new (112, 14, FECLIP_FIT_CROP);
  g_autoptr (Stage) stretch = stage_new (112, 14, FECLIP_FIT_STRETCH);
  g_autoptr (GRand) random = g_rand_new_with_seed (2);

  for (guint i = 0; i < 2 * N_PIXEL_FORMATS; i++) {
    const guint *size = sizes[i % G_N_ELEMENTS (sizes)];
    FeclipFrame frame = {
        .format = i % N_PIXEL_FORMATS,
        .width = size[0],
        .height = size[1],
        .chroma_site = i % 4,
        .orientation = i % 9,
    };

    check_random_frame (i % 3 ? crop : stretch, &frame, random);
  }
}

/* Frames of which only a strip is seen, or that are mostly interpolated. */
static void
test_extremes (void)
{
  static const guint sizes[][2] = {{3, 5000}, {5000, 3}, {1, 700}, {700, 1}};
  g_autoptr (Stage) crop = stage_new (28, 14, FECLIP_FIT_CROP);
  g_autoptr (Stage) stretch = stage_new (28, 14, FECLIP_FIT_STRETCH);
  g_autoptr (GRand) random = g_rand_new_with_seed (3);

  for (guint i = 0; i < 16; i++) {
    FeclipFrame frame = {
        .format = i % 2 ? FECLIP_PIXEL_FORMAT_NV12 : FECLIP_PIXEL_FORMAT_UYVY,
        .width = sizes[i % 4][0],
        .height = sizes[i % 4][1],
        .orientation = 1 + i % 8,
    };

    check_random_frame (i < 8 ? crop : stretch, &frame, random);
  }
}

/* Frames that take several bands: too much RGB at once, or rows so long that
 * their resized ones need bands as well. */
static void
test_bands (void)
{
  static const guint sizes[][2] = {{1700, 1300}, {40000, 11}};
  g_autoptr (Stage) stage = stage_new (112, 14, FECLIP_FIT_STRETCH);
  g_autoptr (GRand) random = g_rand_new_with_seed (4);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    FeclipFrame frame = {
        .format = i ? FECLIP_PIXEL_FORMAT_I420 : FECLIP_PIXEL_FORMAT_RGB,
        .width = sizes[i][0],
        .height = sizes[i][1],
    };

    check_random_frame (stage, &frame, random);
  }
}

/* An 8K frame of one color comes out in that color. Each output is made of very
 * many pixels here, so that the loops of an invocation are long. */
static void
test_8k (void)
{
  static const guint8 color[] = {200, 100, 50};
  static const double mean[] = {0.48145466, 0.4578275, 0.40821073};
  static const double deviation[] = {0.26862954, 0.26130258, 0.27577711};
  const guint size = 14, area = size * size;
  g_autoptr (Stage) stage = stage_new (size, 14, FECLIP_FIT_CROP);
  FeclipFrame frame = {.format = FECLIP_PIXEL_FORMAT_RGB,
                       .width = 8192,
                       .height = 4320,
                       .strides = {3 * 8192}};
  gsize n = frame.strides[0] * frame.height;
  g_autofree guint8 *bytes = g_malloc (n);
  g_autofree float *got = NULL;

  for (gsize i = 0; i < n; i++)
    bytes[i] = color[i % 3];
  frame.planes[0] = bytes;
  stage_run (stage, &frame);
  got = stage_read (stage);
  for (guint i = 0; i < 3 * area; i++) {
    guint c = i / area;

    g_assert_cmpfloat_with_epsilon (
        got[i], (color[c] / 255.0 - mean[c]) / deviation[c], STAGE_TOLERANCE);
  }
}

static void
test_golden (void)
{
  g_autoptr (Stage) stage = stage_new (112, 14, FECLIP_FIT_CROP);

  for (guint i = 0; i < GOLDEN_IMAGES; i++) {
    g_autofree char *name = g_strdup_printf ("image%u.preprocessed", i);
    g_autofree float *expected = NULL;
    g_autofree float *got = NULL;
    FeclipFrame frame;
    FeShape shape;

    expected = golden_tensor (name, &shape);
    g_assert_nonnull (expected);
    g_assert_cmpuint (shape.dims[1], ==, 112);
    golden_frame_init (&frame, i);
    stage_run (stage, &frame);
    got = stage_read (stage);
    stage_expect (name, &frame,
                  largest_difference (got, expected, 3 * 112 * 112),
                  GOLDEN_TOLERANCE);
    golden_frame_clear (&frame);
  }
}

/* A color that changes evenly over an image, at any place of it. */
static void
gradient_at (double x, double y, double rgb[3])
{
  rgb[0] = 0.1 + 0.02 * x + 0.005 * y;
  rgb[1] = 0.7 - 0.01 * x - 0.005 * y;
  rgb[2] = 0.2 - 0.005 * x + 0.02 * y;
}

/* Y, Cb, Cr of it by the definitions of BT.709, in bytes of limited range. */
static void
gradient_yuv (double x, double y, guint8 yuv[3])
{
  double rgb[3], luma;

  gradient_at (x, y, rgb);
  luma = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
  yuv[0] = (guint8)lrint (16 + 219 * luma);
  yuv[1] = (guint8)lrint (128 + 224 * (rgb[2] - luma) / 1.8556);
  yuv[2] = (guint8)lrint (128 + 224 * (rgb[0] - luma) / 1.5748);
}

/* Fills a YUV frame as a camera with this chroma site would. */
static void
fill_gradient (const FeclipFrame *frame)
{
  gboolean half_x = halves_columns (frame->format);
  gboolean half_y = halves_rows (frame->format);
  double shift_x =
      half_x && !(frame->chroma_site & FECLIP_CHROMA_SITE_H_COSITED) ? 0.5 : 0;
  double shift_y =
      half_y && !(frame->chroma_site & FECLIP_CHROMA_SITE_V_COSITED) ? 0.5 : 0;
  guint8 yuv[3];

  for (guint y = 0; y < frame->height; y++) {
    for (guint x = 0; x < frame->width; x++) {
      gradient_yuv (x, y, yuv);
      *frame_sample (frame, 0, x, y) = yuv[0];
      if ((half_x && x % 2) || (half_y && y % 2))
        continue;
      gradient_yuv (x + shift_x, y + shift_y, yuv);
      for (guint c = 1; c < 3; c++)
        *frame_sample (frame, c, half_x ? x / 2 : x, half_y ? y / 2 : y) =
            yuv[c];
    }
  }
}

/* The same scene in YUV and in RGB: rounding to bytes apart the same numbers,
 * but for the border, where chroma is replicated. A chroma site that is off by
 * a quarter of a sample moves reds by 0.04. */
static void
test_yuv_agrees (void)
{
  static const double mean[] = {0.48145466, 0.4578275, 0.40821073};
  static const double deviation[] = {0.26862954, 0.26130258, 0.27577711};
  g_autoptr (Stage) stage = stage_new (28, 14, FECLIP_FIT_CROP);
  g_autoptr (GRand) random = g_rand_new_with_seed (5);

  for (guint i = 0; i < 4 * N_PIXEL_FORMATS; i++) {
    FeclipFrame frame = {.format = i / 4,
                         .width = 28,
                         .height = 28,
                         .chroma_site = i % 4,
                         .kr = 0.2126,
                         .kb = 0.0722};
    g_autofree float *got = NULL;
    double sums[3] = {0};

    if (frame.format < FECLIP_PIXEL_FORMAT_I420)
      continue;
    frame_init_random (&frame, 3, random);
    fill_gradient (&frame);
    stage_run (stage, &frame);
    got = stage_read (stage);
    for (guint y = 2; y < 26; y++) {
      for (guint x = 2; x < 26; x++) {
        double rgb[3];

        gradient_at (x, y, rgb);
        for (guint c = 0; c < 3; c++)
          sums[c] +=
              got[(c * 28 + y) * 28 + x] - (rgb[c] - mean[c]) / deviation[c];
      }
    }
    for (guint c = 0; c < 3; c++)
      stage_expect ("its mean differs from RGB", &frame,
                    fabs (sums[c]) / (24 * 24), 0.002);
    frame_clear (&frame);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/preprocess/formats", test_formats);
  g_test_add_func ("/preprocess/sizes", test_sizes);
  g_test_add_func ("/preprocess/extremes", test_extremes);
  g_test_add_func ("/preprocess/bands", test_bands);
  g_test_add_func ("/preprocess/8k", test_8k);
  g_test_add_func ("/preprocess/golden", test_golden);
  g_test_add_func ("/preprocess/yuv-agrees", test_yuv_agrees);
  return g_test_run ();
}
