/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Frames in memory of the device, beside the same frames in system memory. */
#include <string.h>
#include <unistd.h>

#include "api/model.h"
#include "compute/vulkan/shared_memory.h"
#include "image/frame_upload.h"
#include "support/golden.h"

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

/* Plans reading a frame in the device's memory, which nobody looks into. */
static gboolean
plan (const FeclipFrame *frame, FeFrameUpload *upload, GError **error)
{
  const FeRect whole = {0, 0, frame->width, frame->height};

  return fe_frame_upload_init (upload, frame, &whole, error);
}

static void
expect_beyond (const FeclipFrame *frame, const char *plane)
{
  g_autoptr (GError) error = NULL;
  FeFrameUpload upload;

  g_assert_false (plan (frame, &upload, &error));
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT);
  if (!strstr (error->message, plane) || !strstr (error->message, "4 GiB"))
    g_error ("\"%s\" does not say \"%s\" and 4 GiB", error->message, plane);
}

/* Kernels address 4 GiB: what is beyond must not come out somewhere below. No
 * such memory is needed for the arithmetic. */
static void
test_addresses (void)
{
  const gsize chroma_size = 66 * (HEIGHT / 2 - 1) + WIDTH;
  const gsize end = (gsize)G_MAXUINT32 + 1;
  g_autoptr (FeclipSharedMemory) memory =
      g_object_new (FECLIP_TYPE_SHARED_MEMORY, NULL);
  g_autoptr (GError) error = NULL;
  FeFrameUpload upload;
  FeclipFrame good, bad;

  frame_init (&good, FECLIP_PIXEL_FORMAT_NV12);
  good.memory = memory;
  good.offsets[0] = end / 4 * 3;
  good.offsets[1] = end - chroma_size;
  g_assert_true (plan (&good, &upload, &error));
  g_assert_no_error (error);
  g_assert_cmpint (upload.origin[0], ==, (gint64)good.offsets[0]);
  g_assert_cmpint (upload.origin[1], ==, (gint64)good.offsets[1]);
  g_assert_cmpint (upload.origin[2], ==, (gint64)good.offsets[1] + 1);
  g_assert_cmpuint (upload.stride[1], ==, 66);

  bad = good;
  bad.offsets[0] = end;
  expect_beyond (&bad, "plane 0");
  bad.offsets[0] = G_MAXSIZE;
  expect_beyond (&bad, "plane 0");
  bad = good;
  bad.offsets[1]++;
  expect_beyond (&bad, "plane 1");
  bad = good;
  bad.strides[0] = end + 65;
  expect_beyond (&bad, "plane 0");
  bad.strides[0] = end / 4;
  expect_beyond (&bad, "plane 0");
}

/* The plan of a copy counts in 64 bits, too. */
static void
test_large_frame (void)
{
  const FeclipFrame frame = {
      .format = FECLIP_PIXEL_FORMAT_RGBX,
      .width = FE_FRAME_MAX_EDGE,
      .height = FE_FRAME_MAX_EDGE,
      .planes = {pixels},
      .strides = {4 * FE_FRAME_MAX_EDGE},
  };
  const FeRect corner = {FE_FRAME_MAX_EDGE - 1, FE_FRAME_MAX_EDGE - 1, 1, 1};
  FeFrameUpload upload;

  g_assert_true (plan (&frame, &upload, NULL));
  /* Without the last pixel's padding byte. */
  g_assert_cmpuint (upload.stride[0], ==, 4 * FE_FRAME_MAX_EDGE - 1);
  g_assert_cmpuint (upload.size / 16, ==,
                    (upload.stride[0] * FE_FRAME_MAX_EDGE + 15) / 16);
  g_assert_true (fe_frame_upload_init (&upload, &frame, &corner, NULL));
  g_assert_cmpuint (upload.size, ==, 16);
  g_assert_cmpuint (upload.stride[0], ==, 3);
  g_assert_cmpint (upload.origin[0], ==,
                   -(gint64)4 * (FE_FRAME_MAX_EDGE - 1)
                       - (gint64)3 * (FE_FRAME_MAX_EDGE - 1));
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
  g_test_add_func ("/shared-memory/addresses", test_addresses);
  g_test_add_func ("/shared-memory/large-frame", test_large_frame);
  g_test_add_func ("/shared-memory/export", test_export);
  status = g_test_run ();
  g_clear_object (&model);
  g_clear_object (&settings);
  return status;
}
