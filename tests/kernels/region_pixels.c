/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the preprocessing makes of tiles and of frames in which parts are
 * ignored, beside plain C. */
#include <math.h>
#include <string.h>

#include "image/fill_sources.h"
#include "support/golden.h"
#include "support/preprocess_stage.h"

static const double mean[] = {0.48145466, 0.4578275, 0.40821073};
static const double deviation[] = {0.26862954, 0.26130258, 0.27577711};

/* A whole frame's rectangle, packed: its first byte moves. */
static FeclipFrame
crop (const FeclipFrame *frame, const FeRect *part)
{
  FeclipFrame cropped = *frame;

  cropped.width = part->width;
  cropped.height = part->height;
  for (guint c = 0; c < 3; c++)
    cropped.planes[c] = frame_sample (frame, c, part->x, part->y);
  return cropped;
}

static float *
run_tile (Stage *stage, const FeclipFrame *frame, guint tile)
{
  g_autoptr (FeCommands) commands = NULL;
  g_autoptr (GError) error = NULL;
  gboolean changed = FALSE;

  fe_preprocess_prepare (stage->preprocess, frame, &changed, &error);
  g_assert_no_error (error);
  fe_preprocess_upload (stage->preprocess, frame, &error);
  g_assert_no_error (error);
  commands = fe_commands_new (stage->device, FALSE, &error);
  g_assert_no_error (error);
  fe_preprocess_record_tile (stage->preprocess, tile, commands);
  fe_commands_end (commands, &error);
  g_assert_no_error (error);
  fe_commands_run (commands, &error);
  g_assert_no_error (error);
  return stage_read (stage);
}

/* Each tile is what its rectangle alone would be, however the frame lies. */
static void
test_tiles (void)
{
  const guint size = 28, n = 3 * size * size;
  const FeTiling tiling = {.columns = 3, .rows = 2, .overlap = 0.2};
  g_autoptr (Stage) tiled = stage_new (size, 7, FECLIP_FIT_CROP);
  g_autoptr (Stage) alone = stage_new (size, 7, FECLIP_FIT_STRETCH);
  g_autoptr (GRand) random = g_rand_new_with_seed (1);

  fe_preprocess_set_tiling (tiled->preprocess, &tiling);
  for (guint orientation = 0; orientation < 9; orientation++) {
    FeclipFrame frame = {
        .format = FECLIP_PIXEL_FORMAT_Y444,
        .width = 101,
        .height = 53,
        .orientation = orientation,
    };

    frame_init_random (&frame, 5, random);
    for (guint i = 0; i < 6; i++) {
      g_autofree float *got = run_tile (tiled, &frame, i);
      g_autofree float *wanted = NULL;
      const FeTiles *tiles = fe_preprocess_get_tiles (tiled->preprocess);
      FeclipFrame part = crop (&frame, &tiles->parts[i]);

      stage_run (alone, &part);
      wanted = stage_read (alone);
      stage_expect ("a tile", &part, largest_difference (got, wanted, n),
                    STAGE_TOLERANCE);
    }
    frame_clear (&frame);
  }
}

/* Beside another tile, chroma is that of the whole frame. */
static void
test_chroma (void)
{
  const FeTiling tiling = {.columns = 2, .rows = 2};
  g_autoptr (Stage) stage = stage_new (28, 14, FECLIP_FIT_CROP);
  g_autoptr (GRand) random = g_rand_new_with_seed (2);
  FeclipFrame frame = {
      .format = FECLIP_PIXEL_FORMAT_I420, .width = 56, .height = 56};
  Image whole;

  fe_preprocess_set_tiling (stage->preprocess, &tiling);
  frame_init_random (&frame, 3, random);
  whole = ref_convert (&frame);
  for (guint i = 0; i < 4; i++) {
    g_autofree float *got = run_tile (stage, &frame, i);

    for (guint at = 0; at < 3 * 28 * 28; at++) {
      guint c = at / (28 * 28), y = at / 28 % 28 + i / 2 * 28;
      guint x = at % 28 + i % 2 * 28;
      double wanted =
          (whole.rgb[(y * 56 + x) * 3 + c] - mean[c]) / deviation[c];

      g_assert_cmpfloat_with_epsilon (got[at], wanted, STAGE_TOLERANCE);
    }
  }
  image_clear (&whole);
  frame_clear (&frame);
}

/* What is kept of each pixel of an upright image. */
static gboolean *
ref_kept (const FeclipFrame *frame, const FeIgnoreMask *mask)
{
  gboolean swap = exif_swaps (frame->orientation);
  guint width = swap ? frame->height : frame->width;
  guint height = swap ? frame->width : frame->height;
  gboolean *kept = g_new (gboolean, (gsize)width * height);

  for (guint row = 0; row < frame->height; row++) {
    for (guint column = 0; column < frame->width; column++) {
      guint32 word = mask->words[row * mask->stride + column / 32];
      guint x = 0, y = 0;

      exif_place (frame->orientation, width, height, column, row, &x, &y);
      kept[y * width + x] = !(word >> column % 32 & 1);
    }
  }
  return kept;
}

/* PyTorch's taps of one output: [first, end) of `in` samples. */
static void
ref_taps (guint in, guint shorter, guint size, guint output, guint *first,
          guint *end)
{
  double resized = floor (size * (double)in / shorter);
  double ratio = in / resized, reach = 2 * MAX (ratio, 1);
  double center = (rint ((resized - size) / 2) + output + 0.5) * ratio;

  *first = (guint)MAX (center - reach + 0.5, 0);
  *end = (guint)MIN (center + reach + 0.5, in);
}

/* The pixels that ignored ones have a share of. */
static guint8 *
ref_affected (const Stage *stage, const Image *image, const gboolean *kept)
{
  guint size = stage->size, w = image->width, h = image->height;
  gboolean crop = stage->fit == FECLIP_FIT_CROP;
  guint8 *affected = g_new0 (guint8, size * size);

  for (guint i = 0; i < size * size; i++) {
    guint left, right, top, bottom;

    ref_taps (w, crop ? MIN (w, h) : w, size, i % size, &left, &right);
    ref_taps (h, crop ? MIN (w, h) : h, size, i / size, &top, &bottom);
    for (guint y = top; y < bottom; y++) {
      for (guint x = left; x < right; x++)
        affected[i] |= !kept[y * w + x];
    }
  }
  return affected;
}

/* What fill_ignored.comp must make of an image whose ignored pixels are black,
 * and of the same one that is white where it counts: both as ref_resize()
 * leaves them, and the first one is changed. */
static void
ref_fill_ignored (float *image, const float *white, const guint8 *affected,
                  guint size)
{
  g_autofree guint32 *sources = fe_fill_sources_new (affected, size);
  guint area = size * size;

  for (guint i = 0; i < 3 * area; i++) {
    guint c = i / area, source = sources[i % area];
    double share = white[i] * deviation[c] + mean[c];

    if (!affected[i % area])
      continue;
    /* Black is the mean color, zero, where nothing is there. */
    image[i] += (float)((1 - share) * mean[c] / deviation[c]);
    if (source != FE_NO_SOURCE)
      image[i] += (float)((1 - share) * image[c * area + source]);
  }
}

static float *
ref_ignored (const Stage *stage, const FeclipFrame *frame,
             const FePolygons *polygons)
{
  guint n = 3 * stage->size * stage->size;
  Image image = ref_convert (frame), white;
  g_autofree gboolean *kept = NULL;
  g_autofree guint8 *affected = NULL;
  g_autofree float *shares = g_new (float, n);
  float *result = g_new (float, n);
  const FeRect all = {0, 0, frame->width, frame->height};
  FeIgnoreMask mask;
  g_autoptr (GError) error = NULL;

  fe_ignore_mask_init (&mask, polygons, &all, frame->width, frame->height,
                       &error);
  g_assert_no_error (error);
  kept = ref_kept (frame, &mask);
  white = image;
  white.rgb = g_new (double, 3 * (gsize)image.width * image.height);
  for (guint i = 0; i < 3 * image.width * image.height; i++) {
    white.rgb[i] = kept[i / 3];
    image.rgb[i] *= kept[i / 3];
  }
  ref_resize (&image, stage->fit, stage->size, result);
  ref_resize (&white, stage->fit, stage->size, shares);
  affected = ref_affected (stage, &image, kept);
  ref_fill_ignored (result, shares, affected, stage->size);
  image_clear (&image);
  image_clear (&white);
  fe_ignore_mask_clear (&mask);
  return result;
}

static void
check_ignored (Stage *stage, FeclipFrame *frame, const char *include,
               const char *ignore, GRand *random)
{
  g_autoptr (GError) error = NULL;
  g_autofree float *wanted = NULL;
  g_autofree float *got = NULL;
  FePolygons *polygons = fe_polygons_new (include, ignore, NULL, &error);

  g_assert_no_error (error);
  frame_init_random (frame, 2, random);
  wanted = ref_ignored (stage, frame, polygons);
  fe_preprocess_take_polygons (stage->preprocess, polygons);
  stage_run (stage, frame);
  got = stage_read (stage);
  stage_expect (ignore ? ignore : include, frame,
                largest_difference (got, wanted, 3 * stage->size * stage->size),
                STAGE_TOLERANCE);
  frame_clear (frame);
}

/* Every orientation and several formats, in sizes from one pixel on. */
static void
test_ignored (void)
{
  static const guint sizes[][2] = {
      {1, 1}, {3, 5}, {33, 31}, {97, 60}, {64, 65}};
  static const char *const regions[][2] = {
      {NULL, "0.1,0.2 0.6,0.1 0.4,0.9"},
      {"0.2,0.1 0.9,0.3 0.5,1", NULL},
      {"0,0 1,0 1,0.7 0,0.7", "0.5,0 1,0 1,1 0.5,1; 0,0 0.1,0 0,0.1"},
      {NULL, "0,0 1,0 1,1 0,1"},
  };
  static const FeclipPixelFormat formats[] = {FECLIP_PIXEL_FORMAT_RGB,
                                              FECLIP_PIXEL_FORMAT_NV12,
                                              FECLIP_PIXEL_FORMAT_GRAY8};
  g_autoptr (Stage) crop = stage_new (28, 7, FECLIP_FIT_CROP);
  g_autoptr (Stage) stretch = stage_new (42, 14, FECLIP_FIT_STRETCH);
  g_autoptr (GRand) random = g_rand_new_with_seed (3);

  for (guint i = 0; i < 60; i++) {
    const char *const *region = regions[i % G_N_ELEMENTS (regions)];
    FeclipFrame frame = {
        .format = formats[i % G_N_ELEMENTS (formats)],
        .width = sizes[i % G_N_ELEMENTS (sizes)][0],
        .height = sizes[i % G_N_ELEMENTS (sizes)][1],
        .orientation = i % 9,
    };

    check_ignored (i % 2 ? crop : stretch, &frame, region[0], region[1],
                   random);
  }
}

/* After regions are gone a frame is what it was. */
static void
test_gone (void)
{
  g_autoptr (Stage) stage = stage_new (28, 7, FECLIP_FIT_CROP);
  g_autoptr (GRand) random = g_rand_new_with_seed (4);
  FeclipFrame frame = {
      .format = FECLIP_PIXEL_FORMAT_RGB, .width = 40, .height = 30};

  check_ignored (stage, &frame, NULL, "0,0 1,0 1,0.5 0,0.5", random);
  fe_preprocess_take_polygons (stage->preprocess, NULL);
  frame_init_random (&frame, 0, random);
  stage_check (stage, &frame);
  frame_clear (&frame);
}

/* The distance to the nearest clean pixel, found the slow way. */
static double
ref_distance (const guint8 *affected, guint edge, guint pixel)
{
  double nearest = INFINITY;

  for (guint i = 0; i < edge * edge; i++) {
    double x = (double)(i % edge) - pixel % edge;
    double y = (double)(i / edge) - pixel / edge;

    if (!affected[i])
      nearest = MIN (nearest, hypot (x, y));
  }
  return nearest;
}

/* Clean pixels are taken, from no further than a mirror shows. */
static void
test_sources (void)
{
  const guint edge = 37;
  g_autoptr (GRand) random = g_rand_new_with_seed (5);

  for (guint round = 0; round < 6; round++) {
    g_autofree guint8 *affected = g_new (guint8, edge * edge);
    g_autofree guint32 *sources = NULL;

    for (guint i = 0; i < edge * edge; i++)
      affected[i] = round < 3 ? i % edge > 10 * round && i / edge < 30
                              : g_rand_int_range (random, 0, 60) > 0;
    sources = fe_fill_sources_new (affected, edge);
    for (guint i = 0; i < edge * edge; i++) {
      guint source = sources[i];
      double x = (double)(source % edge) - i % edge;
      double y = (double)(source / edge) - i / edge;
      double distance = ref_distance (affected, edge, i);

      g_assert_cmpuint (source, <, edge * edge);
      g_assert_false (affected[source]);
      g_assert_cmpfloat (hypot (x, y), >=, distance);
      g_assert_cmpfloat (hypot (x, y), <=, 2 * distance + 1);
      g_assert_true (affected[i] || source == i);
    }
    /* Beside a straight border: what lies as far behind it. */
    if (round == 1)
      g_assert_cmpuint (sources[15], ==, 5);
  }
}

static void
test_no_source (void)
{
  const guint8 affected[] = {1, 1, 1, 1};
  g_autofree guint32 *sources = fe_fill_sources_new (affected, 2);

  for (guint i = 0; i < 4; i++)
    g_assert_cmpuint (sources[i], ==, FE_NO_SOURCE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/regions-pixels/tiles", test_tiles);
  g_test_add_func ("/regions-pixels/chroma", test_chroma);
  g_test_add_func ("/regions-pixels/sources", test_sources);
  g_test_add_func ("/regions-pixels/no-source", test_no_source);
  g_test_add_func ("/regions-pixels/ignored", test_ignored);
  g_test_add_func ("/regions-pixels/gone", test_gone);
  return g_test_run ();
}
