/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* feclip with frames in Vulkan images, as GStreamer's vulkanupload makes them,
 * beside the same frames in system memory. */
#include "support/gst_analyser.h"
#include "support/gst_vulkan_images.h"
#include "support/gst_test_image.h"

#define FECLIP \
  "feclip name=feclip model-file=" ANALYSER_MODEL \
  " adapter-file=" ANALYSER_ADAPTER

#define SYSTEM "memory:SystemMemory"

#define WIDTH 96
#define HEIGHT 64

static gboolean
lies_in_image (GstBuffer *buffer)
{
  return gst_memory_is_type (gst_buffer_peek_memory (buffer, 0), "VulkanImage");
}

static GstPadProbeReturn
note_memory (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstMemory **memory = data;

  *memory = gst_buffer_peek_memory (GST_PAD_PROBE_INFO_BUFFER (info), 0);
  return GST_PAD_PROBE_OK;
}

/* Says in *@memory where frames lie at a pad of feclip's. */
static void
watch (GstHarness *harness, const char *name, GstMemory **memory)
{
  g_autoptr (GstElement) feclip =
      gst_bin_get_by_name (GST_BIN (harness->element), "feclip");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (feclip, name);

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, note_memory, memory, NULL);
}

/* A harness whose frames come out in memory of the kind @features. */
static GstHarness *
harness_new (const char *description, const char *features)
{
  g_autofree char *caps = g_strdup_printf ("video/x-raw(%s)", features);
  GstHarness *harness = gst_harness_new_parse (description);

  gst_harness_set_sink_caps_str (harness, caps);
  return harness;
}

/* Returns: (transfer full): what comes out for a frame in system memory */
static GstBuffer *
push_image (GstHarness *harness, const GstVideoInfo *info)
{
  g_autoptr (GstCaps) caps = gst_video_info_to_caps (info);
  g_autoptr (GstBuffer) buffer = image_new (info);
  GstBuffer *out = NULL;

  /* GStreamer 1.22's vulkanupload looks for as many memories as planes before
   * and after it takes the frame as a whole; with a second owner mapping it
   * does not merge them. */
  for (guint i = 1; i < GST_VIDEO_INFO_N_PLANES (info); i++)
    gst_buffer_append_memory (buffer, gst_allocator_alloc (NULL, 1, NULL));
  gst_harness_set_src_caps (harness, gst_caps_ref (caps));
  out = gst_harness_push_and_pull (harness, gst_buffer_ref (buffer));
  g_assert_nonnull (out);
  return out;
}

/* Returns: (transfer full): the result that @buffer (transfer full) carries */
static FeclipResult *
take_result (GstBuffer *buffer)
{
  g_autoptr (FeclipVerdict) verdict = feclip_verdict_from_buffer (buffer);

  g_assert_nonnull (verdict);
  g_assert_true (verdict->analysed);
  gst_buffer_unref (buffer);
  return feclip_result_ref (verdict->result);
}

static GstPadProbeReturn
crop (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstBuffer *buffer =
      gst_buffer_make_writable (GST_PAD_PROBE_INFO_BUFFER (info));
  const GstVideoRectangle *part = data;
  GstVideoCropMeta *meta = gst_buffer_add_video_crop_meta (buffer);

  meta->x = part->x;
  meta->y = part->y;
  meta->width = part->w;
  meta->height = part->h;
  info->data = buffer;
  return GST_PAD_PROBE_OK;
}

static FeclipResult *
analyse_cropped (GstHarness *harness, const GstVideoInfo *info,
                 GstVideoRectangle *part)
{
  g_autoptr (GstElement) feclip =
      gst_bin_get_by_name (GST_BIN (harness->element), "feclip");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (feclip, "sink");
  gulong id =
      gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, crop, part, NULL);
  FeclipResult *result = take_result (push_image (harness, info));

  gst_pad_remove_probe (pad, id);
  return result;
}

/* Whole frames and the visible parts of some, also where chroma does not begin
 * with them, as in system memory. vulkanupload gets a pipeline of its own: it
 * cannot take another format later. */
static void
compare_uploaded (GstHarness *system, GstVideoFormat format)
{
  GstVideoRectangle parts[] = {{0, 0, WIDTH, HEIGHT},
                               {10, 20, 60, 40},
                               {12, 20, 60, 40},
                               {7, 3, 50, 51}};
  GstHarness *vulkan = harness_new ("vulkanupload ! " FECLIP, IMAGES);
  GstMemory *in = NULL, *out = NULL;
  GstVideoInfo info;

  image_info (&info, format, WIDTH, HEIGHT);
  watch (vulkan, "sink", &in);
  watch (vulkan, "src", &out);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    g_autoptr (FeclipResult) wanted =
        analyse_cropped (system, &info, &parts[i]);
    g_autoptr (FeclipResult) got = analyse_cropped (vulkan, &info, &parts[i]);

    analyser_assert_same (gst_video_format_to_string (format), got, wanted);
    g_assert_true (in != NULL && in == out);
  }
  gst_harness_teardown (vulkan);
}

/* One format that the library reads as it is and one that GStreamer converts.
 */
static void
test_formats (void)
{
  GstHarness *system = NULL;

  if (!images_are_ready ())
    return;
  system = harness_new (FECLIP, SYSTEM);
  compare_uploaded (system, GST_VIDEO_FORMAT_NV12);
  /* Where a device could be made to share memory with, it is used; not for the
   * part that begins amid a chroma sample. */
  g_test_message ("%d devices, %d times on the device, %d times read back",
                  images_seen.made_device, images_seen.copied_on_device,
                  images_seen.read_back);
  g_assert_cmpint (images_seen.copied_on_device, ==, images_seen.made_device);
  g_assert_cmpint (images_seen.read_back, ==, 1);
  compare_uploaded (system, GST_VIDEO_FORMAT_AYUV);
  g_assert_cmpint (images_seen.copied_on_device, <=, 1);
  g_assert_cmpint (images_seen.read_back, ==, 2);
  gst_harness_teardown (system);
}

/* An image that is smaller than its caps passes, and nothing is read. */
static void
push_too_small (GstHarness *feclip)
{
  GstHarness *upload = harness_new ("vulkanupload", IMAGES);
  g_autoptr (GstBuffer) out = NULL;
  g_autoptr (FeclipVerdict) verdict = NULL;
  g_autoptr (GstCaps) caps = NULL;
  GstBuffer *image = NULL;
  GstVideoInfo info;

  image_info (&info, GST_VIDEO_FORMAT_RGBA, WIDTH, HEIGHT);
  image = push_image (upload, &info);
  caps = gst_caps_make_writable (gst_pad_get_current_caps (upload->sinkpad));
  gst_caps_set_simple (caps, "width", G_TYPE_INT, 2 * WIDTH, NULL);
  gst_harness_set_src_caps (feclip, gst_caps_ref (caps));
  out = gst_harness_push_and_pull (feclip, image);
  g_assert_nonnull (out);
  verdict = feclip_verdict_from_buffer (out);
  g_assert_null (verdict);
  gst_harness_teardown (upload);
}

/* The device is somebody else's, without what sharing takes. */
static void
test_read_back (void)
{
  GstHarness *upload = NULL, *feclip = NULL;

  if (!images_are_ready ())
    return;
  feclip = gst_harness_new_parse (FECLIP);
  for (guint round = 0; round < 2; round++) {
    g_autoptr (FeclipResult) wanted = NULL, got = NULL;
    g_autoptr (GstCaps) caps = NULL;
    GstBuffer *image = NULL;
    GstVideoInfo info;

    image_info (&info, round ? GST_VIDEO_FORMAT_NV12 : GST_VIDEO_FORMAT_RGBA,
                WIDTH, HEIGHT);
    wanted = take_result (push_image (feclip, &info));
    /* Another device for each. */
    upload = harness_new ("vulkanupload", IMAGES);
    image = push_image (upload, &info);
    caps = gst_pad_get_current_caps (upload->sinkpad);
    g_assert_true (lies_in_image (image));
    gst_harness_set_src_caps (feclip, gst_caps_ref (caps));
    got = take_result (gst_harness_push_and_pull (feclip, image));
    analyser_assert_same ("read back", got, wanted);
    /* Not before: GStreamer 1.22's vulkanupload does not wait for the device
     * before it frees what that reads. */
    gst_harness_teardown (upload);
  }
  g_assert_cmpint (images_seen.copied_on_device, ==, 0);
  g_assert_cmpint (images_seen.read_back, ==, 2);
  push_too_small (feclip);
  gst_harness_teardown (feclip);
}

/* Several requests, each with a copy of its own; and downloading what the
 * element has looked at gives the pixels that were uploaded. */
static void
test_download (void)
{
  GstHarness *harness = NULL;
  GstVideoInfo info;

  if (!images_are_ready ())
    return;
  image_info (&info, GST_VIDEO_FORMAT_RGBA, WIDTH, HEIGHT);
  harness = harness_new ("vulkanupload ! " FECLIP " nireq=2 ! vulkandownload",
                         SYSTEM);
  for (guint i = 0; i < 4; i++) {
    g_autoptr (GstBuffer) image = image_new (&info);
    g_autoptr (FeclipResult) result = NULL;
    GstBuffer *out = push_image (harness, &info);
    GstVideoFrame wanted, got;

    g_assert_true (gst_video_frame_map (&got, &info, out, GST_MAP_READ));
    g_assert_true (gst_video_frame_map (&wanted, &info, image, GST_MAP_READ));
    for (guint y = 0; y < HEIGHT; y++)
      g_assert_cmpmem (
          (guint8 *)got.data[0] + y * got.info.stride[0], WIDTH * 4,
          (guint8 *)wanted.data[0] + y * wanted.info.stride[0], WIDTH * 4);
    gst_video_frame_unmap (&wanted);
    gst_video_frame_unmap (&got);
    result = take_result (out);
    g_assert_cmpfloat (result->score, >, 0);
  }
  gst_harness_teardown (harness);
}

/* Flushes amid the copying of a frame: where a request says, the first time, in
 * which way it copies. */
static void
flush (GstDebugCategory *category, GstDebugLevel level, const char *file,
       const char *function, int line, GObject *object,
       GstDebugMessage *message, gpointer harness)
{
  if (g_str_equal (gst_debug_category_get_name (category), "feclip")
      && g_str_has_prefix (gst_debug_message_get (message), "frames are "))
    gst_harness_push_event (harness, gst_event_new_flush_start ());
}

/* A flush does not wait until a frame has been copied, and discards it. */
static void
test_flush (void)
{
  GstHarness *upload = NULL, *feclip = NULL;
  g_autoptr (FeclipResult) wanted = NULL, got = NULL;
  GstBuffer *image = NULL;
  GstSegment segment;
  GstVideoInfo info;

  if (!images_are_ready ())
    return;
  image_info (&info, GST_VIDEO_FORMAT_RGBA, WIDTH, HEIGHT);
  feclip = gst_harness_new_parse (FECLIP " nireq=2");
  wanted = take_result (push_image (feclip, &info));
  upload = harness_new ("vulkanupload", IMAGES);
  image = push_image (upload, &info);
  gst_harness_set_src_caps (feclip, gst_pad_get_current_caps (upload->sinkpad));

  gst_debug_add_log_function (flush, feclip, NULL);
  g_assert_cmpint (gst_harness_push (feclip, gst_buffer_ref (image)), ==,
                   GST_FLOW_FLUSHING);
  g_assert_cmpuint (gst_debug_remove_log_function_by_data (feclip), ==, 1);
  g_assert_cmpint (images_seen.read_back, ==, 1);
  g_assert_cmpuint (gst_harness_buffers_in_queue (feclip), ==, 0);

  gst_harness_push_event (feclip, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (feclip, gst_event_new_segment (&segment));
  got = take_result (gst_harness_push_and_pull (feclip, image));
  analyser_assert_same ("after a flush", got, wanted);
  gst_harness_teardown (upload);
  gst_harness_teardown (feclip);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  images_init ();
  g_test_add_func ("/vulkan-memory/formats", test_formats);
  g_test_add_func ("/vulkan-memory/read-back", test_read_back);
  g_test_add_func ("/vulkan-memory/download", test_download);
  g_test_add_func ("/vulkan-memory/flush", test_flush);
  return g_test_run ();
}
