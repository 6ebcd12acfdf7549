/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Frames in memory of the device, beside the same frames in system memory. */
#include <string.h>
#include <unistd.h>

#include "support/golden.h"
#include "api/model.h"
#include "compute/vulkan/shared_memory.h"

#define WIDTH 62
#define HEIGHT 46
#define MEMORY_SIZE 16384

/* What all tests share; NULL where the device shares no memory. */
static FeclipModel *model;
static FeclipSettings *settings;

static guint8 pixels[MEMORY_SIZE];

/* Describes the pixels in a format, its planes behind each other with gaps. */
static void
frame_init (FeclipFrame *frame, FeclipPixelFormat format)
{
  gboolean yuv = format == FECLIP_PIXEL_FORMAT_NV12;

  for (guint i = 0; i < sizeof pixels; i++)
    pixels[i] = (guint8)(i * 7 + i / 256 * 31);
  *frame = (FeclipFrame){
      .format = format,
      .width = WIDTH,
      .height = HEIGHT,
      .strides = {yuv ? 65 : 4 * WIDTH + 12, 66},
      .offsets = {13, 13 + 65 * HEIGHT + 3},
  };
  for (guint p = 0; p < 2; p++)
    frame->planes[p] = pixels + frame->offsets[p];
}

/* The same on the device, its memory written as another device would. */
static FeclipFrame
move_frame (const FeclipFrame *frame, FeclipSharedMemory *memory)
{
  g_autoptr (GError) error = NULL;
  FeclipFrame moved = *frame;

  fe_buffer_write (fe_shared_memory_get_buffer (memory), 0, pixels,
                   sizeof pixels, &error);
  g_assert_no_error (error);
  feclip_shared_memory_acquire (memory, &error);
  g_assert_no_error (error);
  memset (moved.planes, 0, sizeof moved.planes);
  moved.memory = memory;
  return moved;
}

static FeclipSharedMemory *
memory_new (gsize size)
{
  g_autoptr (GError) error = NULL;
  FeclipSharedMemory *memory = feclip_shared_memory_new (model, size, &error);

  g_assert_no_error (error);
  return memory;
}

static FeclipDetector *
detector_new (const char *tiles)
{
  g_autoptr (GError) error = NULL;
  FeclipDetector *detector = NULL;

  g_object_set (settings, "tiles", tiles, NULL);
  detector = feclip_detector_new (model, settings, &error);
  g_assert_no_error (error);
  return detector;
}

static void
assert_same (FeclipResult *got, FeclipResult *wanted)
{
  g_assert_nonnull (got);
  g_assert_nonnull (wanted);
  g_assert_cmpfloat (got->score, ==, wanted->score);
  g_assert_cmpmem (got->map, got->map_width * got->map_height * sizeof (float),
                   wanted->map,
                   wanted->map_width * wanted->map_height * sizeof (float));
}

static gboolean
is_ready (void)
{
  if (!model)
    g_test_skip ("the device shares no memory with others");
  return model != NULL;
}

static void
check_format (FeclipDetector *detector, FeclipPixelFormat format)
{
  g_autoptr (FeclipSharedMemory) memory = memory_new (MEMORY_SIZE);
  g_autoptr (FeclipResult) wanted = NULL, got = NULL, part = NULL, moved = NULL;
  FeclipFrame frame, on_device;

  frame_init (&frame, format);
  on_device = move_frame (&frame, memory);
  wanted = feclip_detector_analyse (detector, &frame, NULL);
  got = feclip_detector_analyse (detector, &on_device, NULL);
  assert_same (got, wanted);
  /* From another place of the same memory. */
  part = feclip_detector_analyse_part (detector, &frame, 9, 5, 33, 21, NULL);
  moved =
      feclip_detector_analyse_part (detector, &on_device, 9, 5, 33, 21, NULL);
  assert_same (moved, part);
}

static void
test_results (void)
{
  g_autoptr (FeclipDetector) detector = NULL;

  if (!is_ready ())
    return;
  detector = detector_new ("2x1");
  check_format (detector, FECLIP_PIXEL_FORMAT_RGBX);
  check_format (detector, FECLIP_PIXEL_FORMAT_NV12);
}

static void
expect_error (FeclipDetector *detector, const FeclipFrame *frame,
              const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (feclip_detector_analyse (detector, frame, &error));
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT);
  if (!strstr (error->message, part))
    g_error ("\"%s\" does not say \"%s\"", error->message, part);
}

/* A frame must lie within the memory wherever the kernels look. */
static void
test_errors (void)
{
  g_autoptr (FeclipSharedMemory) memory = NULL;
  g_autoptr (FeclipDetector) detector = NULL;
  FeclipFrame good, bad;

  if (!is_ready ())
    return;
  memory = memory_new (MEMORY_SIZE);
  detector = detector_new ("1x1");
  frame_init (&good, FECLIP_PIXEL_FORMAT_NV12);
  good = move_frame (&good, memory);
  bad = good;
  bad.offsets[1] = MEMORY_SIZE - 66 * (HEIGHT / 2) + 66 - WIDTH + 1;
  expect_error (detector, &bad, "plane 1");
  bad.offsets[1] = G_MAXSIZE;
  expect_error (detector, &bad, "does not lie");
  bad = good;
  bad.strides[0] = G_MAXSIZE / 2;
  expect_error (detector, &bad, "plane 0");
  bad = good;
  bad.strides[0] = WIDTH - 1;
  expect_error (detector, &bad, "stride");
  bad = good;
  bad.format = FECLIP_PIXEL_FORMAT_I420;
  bad.strides[1] = 40;
  bad.strides[2] = 41;
  expect_error (detector, &bad, "different strides");
}

/* Descriptors are the caller's, and the identifiers are compared. */
static void
test_export (void)
{
  g_autoptr (FeclipSharedMemory) memory = NULL;
  g_autoptr (GError) error = NULL;
  const guint8 other[VK_UUID_SIZE] = {1, 2, 3};
  guint64 size = 0;
  guint type = 0;
  int fd;

  if (!is_ready ())
    return;
  memory = memory_new (1000);
  fd = feclip_shared_memory_export (memory, &size, &type, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpuint (size, >=, 1000);
  g_assert_cmpint (close (fd), ==, 0);
  g_assert_false (feclip_shared_memory_is_possible (model, other, other));
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  const FeDevice *device;
  int status;

  g_test_init (&argc, &argv, NULL);
  settings = golden_settings ();
  model = feclip_model_new (settings, &error);
  g_assert_no_error (error);
  device = fe_model_get_network (model)->device;
  if (!feclip_shared_memory_is_possible (model, device->uuid,
                                         device->driver_uuid))
    g_clear_object (&model);
  g_test_add_func ("/shared-memory/results", test_results);
  g_test_add_func ("/shared-memory/errors", test_errors);
  g_test_add_func ("/shared-memory/export", test_export);
  status = g_test_run ();
  g_clear_object (&model);
  g_clear_object (&settings);
  return status;
}
