/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How turned, changing and unusable frames are dealt with. */
#include <feclip/error.h>
#include <math.h>
#include <string.h>

#include "support/golden.h"
#include "support/preprocess_stage.h"

/* Stores an upright RGB image the way an orientation says. */
static void
store_turned (const FeclipFrame *upright, FeclipOrientation orientation,
              FeclipFrame *stored)
{
  gboolean swap = exif_swaps (orientation);

  *stored = *upright;
  stored->orientation = orientation;
  stored->width = swap ? upright->height : upright->width;
  stored->height = swap ? upright->width : upright->height;
  stored->strides[0] = 3 * stored->width;
  stored->planes[0] = g_malloc (stored->strides[0] * stored->height);
  for (guint row = 0; row < stored->height; row++) {
    for (guint column = 0; column < stored->width; column++) {
      guint x = 0, y = 0;

      exif_place (orientation, upright->width, upright->height, column, row, &x,
                  &y);
      memcpy (frame_sample (stored, 0, column, row),
              frame_sample (upright, 0, x, y), 3);
    }
  }
}

/* The region and the map of a turned frame lie as it is stored. */
static void
check_turned_result (Stage *stage, const FeclipFrame *stored)
{
  const guint edge = 5;
  float upright[25], turned[25];
  double x, y, width, height;
  gboolean wide = stored->width > stored->height;

  for (guint i = 0; i < 25; i++)
    upright[i] = (float)i;
  fe_preprocess_map_to_stored (stage->preprocess, upright, edge, turned);
  for (guint i = 0; i < 25; i++) {
    guint column = 0, row = 0;

    exif_place (stored->orientation, edge, edge, i % edge, i / edge, &column,
                &row);
    g_assert_cmpfloat (turned[i], ==, upright[row * edge + column]);
  }

  /* 97×60 becomes 45×28; 8.5 columns are cut away on the left, rounded to 8,
   * and 9 on the right. */
  fe_preprocess_get_region (stage->preprocess, &x, &y, &width, &height);
  g_assert_cmpfloat_with_epsilon (wide ? width : height, 28 / 45.0, 1e-9);
  g_assert_cmpfloat_with_epsilon (wide ? height : width, 1, 1e-9);
  g_assert_cmpfloat_with_epsilon (wide ? y : x, 0, 1e-9);
  switch (stored->orientation) {
  case FECLIP_ORIENTATION_MIRRORED:
  case FECLIP_ORIENTATION_ROTATED_180:
  case FECLIP_ORIENTATION_TRANSVERSED:
  case FECLIP_ORIENTATION_ROTATE_90_CW:
    g_assert_cmpfloat_with_epsilon (wide ? x : y, 9 / 45.0, 1e-9);
    break;
  default:
    g_assert_cmpfloat_with_epsilon (wide ? x : y, 8 / 45.0, 1e-9);
  }
}

static void
test_orientation (void)
{
  g_autoptr (Stage) stage = stage_new (28, 14, FECLIP_FIT_CROP);
  g_autoptr (GRand) random = g_rand_new_with_seed (6);
  FeclipFrame upright = {
      .format = FECLIP_PIXEL_FORMAT_RGB, .width = 97, .height = 60};
  g_autofree float *expected = NULL;

  frame_init_random (&upright, 0, random);
  stage_run (stage, &upright);
  expected = stage_read (stage);
  for (FeclipOrientation i = FECLIP_ORIENTATION_UNKNOWN;
       i <= FECLIP_ORIENTATION_ROTATE_90_CCW; i++) {
    g_autofree float *got = NULL;
    FeclipFrame stored;

    store_turned (&upright, i, &stored);
    stage_run (stage, &stored);
    got = stage_read (stage);
    stage_expect ("differs from the upright image", &stored,
                  largest_difference (got, expected, 3 * 28 * 28), 0);
    check_turned_result (stage, &stored);
    frame_clear (&stored);
  }
  frame_clear (&upright);
}

static void
test_region (void)
{
  static const struct {
    guint width, height;
    FeclipFit fit;
    double x, y, w, h;
  } cases[] = {
      {640, 360, FECLIP_FIT_CROP, 44 / 199.0, 0, 112 / 199.0, 1},
      {360, 640, FECLIP_FIT_CROP, 0, 44 / 199.0, 1, 112 / 199.0},
      {97, 60, FECLIP_FIT_CROP, 34 / 181.0, 0, 112 / 181.0, 1},
      {112, 112, FECLIP_FIT_CROP, 0, 0, 1, 1},
      {640, 360, FECLIP_FIT_STRETCH, 0, 0, 1, 1},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (Stage) stage = stage_new (112, 14, cases[i].fit);
    g_autoptr (GRand) random = g_rand_new_with_seed (7);
    FeclipFrame frame = {.format = FECLIP_PIXEL_FORMAT_GRAY8,
                         .width = cases[i].width,
                         .height = cases[i].height};
    double x, y, width, height;

    frame_init_random (&frame, 0, random);
    stage_run (stage, &frame);
    fe_preprocess_get_region (stage->preprocess, &x, &y, &width, &height);
    g_assert_cmpfloat_with_epsilon (x, cases[i].x, 1e-9);
    g_assert_cmpfloat_with_epsilon (y, cases[i].y, 1e-9);
    g_assert_cmpfloat_with_epsilon (width, cases[i].w, 1e-9);
    g_assert_cmpfloat_with_epsilon (height, cases[i].h, 1e-9);
    frame_clear (&frame);
  }
}

/* Only what recorded commands depend on makes them void; strides do not. */
static void
test_changed (void)
{
  g_autoptr (Stage) stage = stage_new (28, 14, FECLIP_FIT_CROP);
  g_autoptr (GRand) random = g_rand_new_with_seed (8);
  FeclipFrame frame = {
      .format = FECLIP_PIXEL_FORMAT_NV12, .width = 40, .height = 30};
  const FeclipFrame first = frame;

  for (guint i = 0; i < 12; i++) {
    frame = first;
    frame.format = i == 1 ? FECLIP_PIXEL_FORMAT_NV21 : first.format;
    frame.width = i == 2 ? 42 : first.width;
    frame.height = i == 3 ? 32 : first.height;
    frame.range = i == 4 ? FECLIP_COLOR_RANGE_FULL : first.range;
    frame.kr = i == 5 ? 0.2126 : first.kr;
    frame.kb = i == 5 ? 0.0722 : i == 6 ? 0.1 : first.kb;
    if (i == 6)
      frame.kr = 0.2126;
    frame.chroma_site = i == 7 ? FECLIP_CHROMA_SITE_V_COSITED : 0;
    frame.orientation = i == 8 ? FECLIP_ORIENTATION_FLIPPED : 0;
    for (guint padding = 0; padding < 3; padding++) {
      gboolean again = padding > 0 || i > 9;

      frame_init_random (&frame, padding, random);
      g_assert_cmpint (stage_run (stage, &frame), ==, !again);
      stage_check (stage, &frame);
      frame_clear (&frame);
    }
  }
}

/* Says what is wrong with a frame and keeps what was prepared before. */
static void
refuse (Stage *stage, const FeclipFrame *frame, const char *sentence)
{
  g_autoptr (GError) error = NULL;
  gboolean changed = FALSE;

  g_assert_false (
      fe_preprocess_prepare (stage->preprocess, frame, &changed, &error));
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT);
  if (!g_pattern_match_simple (sentence, error->message))
    g_test_message ("said \"%s\"", error->message);
  g_assert_true (g_pattern_match_simple (sentence, error->message));
}

static void
test_bad_frames (void)
{
  g_autoptr (Stage) stage = stage_new (28, 14, FECLIP_FIT_STRETCH);
  g_autoptr (GRand) random = g_rand_new_with_seed (9);
  FeclipFrame good = {
      .format = FECLIP_PIXEL_FORMAT_NV12, .width = 9, .height = 7};
  FeclipFrame bad;

#define REFUSE(field, value, sentence) \
  bad = good; \
  bad.field = value; \
  refuse (stage, &bad, sentence)

  frame_init_random (&good, 0, random);
  stage_run (stage, &good);
  REFUSE (format, 99, "a frame has the unknown pixel format 99");
  REFUSE (format, -1, "a frame has the unknown pixel format 4294967295");
  REFUSE (width, 0, "a frame of 0×7 pixels holds nothing to analyse");
  REFUSE (height, 0, "a frame of 9×0 pixels holds nothing to analyse");
  REFUSE (width, G_MAXUINT,
          "a frame of 4294967295×7 pixels is longer than 65535 *");
  REFUSE (range, 3, "a frame has the unknown color range 3");
  REFUSE (chroma_site, 4, "a frame has the unknown chroma site 4");
  REFUSE (orientation, 9, "a frame has the unknown orientation 9");
  REFUSE (kr, 0.3, "a frame has the luma weights kr 0.3 and kb 0; *");
  REFUSE (kb, NAN, "a frame has the luma weights kr 0 and kb nan; *");
  bad.kr = bad.kb = 0.5;
  refuse (stage, &bad, "a frame has the luma weights kr 0.5 and kb 0.5; *");
  REFUSE (planes[1], NULL, "plane 1 of a frame in NV12 is missing");
  REFUSE (strides[0], 8,
          "plane 0 of a frame in NV12 has a stride of 8 bytes, but a row of 9 "
          "pixels takes 9");
  REFUSE (strides[1], 9,
          "plane 1 of a frame in NV12 has a stride of 9 bytes, but a row of 9 "
          "pixels takes 10");
#undef REFUSE
  g_assert_false (stage_run (stage, &good));
  frame_clear (&good);
}

/* What no device's buffers can hold is refused before anything is read. */
static void
test_too_large (void)
{
  g_autoptr (Stage) stage = stage_new (28, 14, FECLIP_FIT_STRETCH);
  const guint8 byte = 0;
  const FeclipFrame frame = {.format = FECLIP_PIXEL_FORMAT_RGBX,
                             .width = 65535,
                             .height = 65535,
                             .planes = {&byte},
                             .strides = {4 * 65535}};
  g_autofree char *sentence = g_strdup_printf (
      "a frame of 65535×65535 pixels in RGBx is too large for %s, *",
      stage->device->name);

  refuse (stage, &frame, sentence);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/frames/orientation", test_orientation);
  g_test_add_func ("/frames/region", test_region);
  g_test_add_func ("/frames/changed", test_changed);
  g_test_add_func ("/frames/bad-frames", test_bad_frames);
  g_test_add_func ("/frames/too-large", test_too_large);
  return g_test_run ();
}
