/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The feclip element and image-orientation tags. */
#include <math.h>

#include "support/gst_analyser.h"
#include "support/gst_test_image.h"

enum {
  WIDTH = 160,
  HEIGHT = 120,
};

static GstHarness *harness;

/* How a tag turns the stored frame upright: columns and rows exchanged, then
 * mirrored. */
static const struct {
  const char *tag;
  gboolean swap;
  gboolean flip_x;
  gboolean flip_y;
} orientations[] = {
    {"rotate-0", FALSE, FALSE, FALSE},
    {"rotate-90", TRUE, TRUE, FALSE},
    {"rotate-180", FALSE, TRUE, TRUE},
    {"rotate-270", TRUE, FALSE, TRUE},
    {"flip-rotate-0", FALSE, TRUE, FALSE},
    {"flip-rotate-90", TRUE, TRUE, TRUE},
    {"flip-rotate-180", FALSE, FALSE, TRUE},
    {"flip-rotate-270", TRUE, FALSE, FALSE},
};

/* Returns: the index of the stored cell (x, y) in the upright grid of @columns
 * by @rows */
static guint
upright_index (guint orientation, guint x, guint y, guint columns, guint rows)
{
  guint a = orientations[orientation].swap ? y : x;
  guint b = orientations[orientation].swap ? x : y;

  if (orientations[orientation].flip_x)
    a = columns - 1 - a;
  if (orientations[orientation].flip_y)
    b = rows - 1 - b;
  return b * columns + a;
}

static GstBuffer *
image_new_oriented (GstVideoInfo *info, guint orientation)
{
  gboolean swap = orientations[orientation].swap;
  g_autoptr (GstBuffer) upright = NULL;
  GstBuffer *buffer = NULL;
  GstMapInfo from, to;

  image_info (info, GST_VIDEO_FORMAT_RGBx, WIDTH, HEIGHT);
  upright = image_new (info);
  if (swap)
    image_info (info, GST_VIDEO_FORMAT_RGBx, HEIGHT, WIDTH);
  buffer = gst_buffer_new_allocate (NULL, info->size, NULL);
  g_assert_true (gst_buffer_map (upright, &from, GST_MAP_READ));
  g_assert_true (gst_buffer_map (buffer, &to, GST_MAP_WRITE));
  for (int y = 0; y < info->height; y++)
    for (int x = 0; x < info->width; x++)
      memcpy (to.data + 4 * (y * info->width + x),
              from.data + 4 * upright_index (orientation, x, y, WIDTH, HEIGHT),
              4);
  gst_buffer_unmap (upright, &from);
  gst_buffer_unmap (buffer, &to);
  return buffer;
}

static void
push_tag (GstTagScope scope, const char *orientation)
{
  GstTagList *tags =
      gst_tag_list_new (GST_TAG_IMAGE_ORIENTATION, orientation, NULL);

  gst_tag_list_set_scope (tags, scope);
  g_assert_true (gst_harness_push_event (harness, gst_event_new_tag (tags)));
}

/* The map has the orientation of the stored frame, whichever orientation the
 * network saw. */
static void
assert_turned (guint orientation, const FeclipResult *got,
               const FeclipResult *upright)
{
  guint size = upright->map_width;
  gboolean swap = orientations[orientation].swap;

  g_assert_cmpfloat_with_epsilon (got->score, upright->score, 1e-4);
  for (guint y = 0; y < size; y++)
    for (guint x = 0; x < size; x++)
      g_assert_cmpfloat_with_epsilon (
          got->map[y * size + x],
          upright->map[upright_index (orientation, x, y, size, size)], 1e-3);
  g_assert_cmpfloat_with_epsilon (
      got->width, swap ? upright->height : upright->width, 1e-6);
  g_assert_cmpfloat_with_epsilon (
      got->height, swap ? upright->width : upright->height, 1e-6);
}

static void
test_orientation (void)
{
  g_autoptr (FeclipResult) upright = NULL;
  g_autoptr (FeclipResult) untold = NULL;
  GstVideoInfo info;

  upright = analyser_analyse (harness, &info, image_new_oriented (&info, 0));
  untold = analyser_analyse (harness, &info, image_new_oriented (&info, 1));
  g_assert_cmpfloat (fabs (untold->score - upright->score), >, 1e-3);
  for (guint i = 0; i < G_N_ELEMENTS (orientations); i++) {
    g_autoptr (FeclipResult) result = NULL;
    GstBuffer *buffer = image_new_oriented (&info, i);

    push_tag (GST_TAG_SCOPE_STREAM, orientations[i].tag);
    result = analyser_analyse (harness, &info, buffer);
    assert_turned (i, result, upright);
  }
}

/* A tag of the stream overrides one of the file, and is valid until the stream
 * ends. */
static void
test_orientation_scopes (void)
{
  g_autoptr (FeclipResult) upright = NULL;
  g_autoptr (FeclipResult) own = NULL;
  g_autoptr (FeclipResult) of_file = NULL;
  GstVideoInfo info;

  push_tag (GST_TAG_SCOPE_STREAM, "rotate-0");
  upright = analyser_analyse (harness, &info, image_new_oriented (&info, 0));
  push_tag (GST_TAG_SCOPE_GLOBAL, "rotate-90");
  own = analyser_analyse (harness, &info, image_new_oriented (&info, 0));
  analyser_assert_same ("the stream's tag", own, upright);

  g_assert_true (gst_harness_push_event (
      harness, gst_event_new_stream_start ("another stream")));
  of_file = analyser_analyse (harness, &info, image_new_oriented (&info, 1));
  assert_turned (1, of_file, upright);
  push_tag (GST_TAG_SCOPE_GLOBAL, "rotate-0");
}

int
main (int argc, char **argv)
{
  int status = 0;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  harness = analyser_new ();
  g_test_add_func ("/orientation/tags", test_orientation);
  g_test_add_func ("/orientation/scopes", test_orientation_scopes);
  status = g_test_run ();
  gst_harness_teardown (harness);
  return status;
}
