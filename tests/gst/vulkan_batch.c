/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Frames in Vulkan images that go through the network together: each has what
 * is found in it alone and in system memory. */
#include "support/gst_analyser.h"
#include "support/gst_vulkan_images.h"
#include "support/gst_numbered.h"
#include "support/gst_test_image.h"

#define FECLIP \
  "feclip name=feclip model-file=" ANALYSER_MODEL \
  " adapter-file=" ANALYSER_ADAPTER

/* So long that a test which waits for it has failed. */
#define LONG (30 * GST_SECOND)

enum { STREAMS = 2, FRAMES = 3 };

/* A stream, with frames of a size of its own. */
typedef struct {
  GstHarness *harness;
  GstElement *feclip;
  GstVideoInfo info;
  guint n; /* frames for the thread to push */
  GThread *thread;
} Stream;

/* Takes @harness over, whose feclip is in @bin. */
static void
stream_init (Stream *self, GstHarness *harness, GstElement *bin,
             const GstVideoInfo *info)
{
  *self = (Stream){
      .harness = harness,
      .feclip = gst_bin_get_by_name (GST_BIN (bin), "feclip"),
      .info = *info,
  };
  g_assert_nonnull (self->feclip);
}

static void
stream_close (Stream *self)
{
  gst_object_unref (self->feclip);
  gst_harness_teardown (self->harness);
}

/* Frames of its own size, which come out in memory of the kind @features. */
static void
open_stream (Stream *self, guint index, GstHarness *harness, GstElement *bin,
             const char *features)
{
  g_autofree char *sink = g_strdup_printf ("video/x-raw(%s)", features);
  GstVideoInfo info;

  image_info (&info, GST_VIDEO_FORMAT_RGBA, 64 + 13 * index, 48 + 7 * index);
  stream_init (self, harness, bin, &info);

  gst_harness_set_sink_caps_str (self->harness, sink);
  gst_harness_set_src_caps (self->harness,
                            gst_video_info_to_caps (&self->info));
}

static void
add_pad (GstBin *bin, GstElement *branch, const char *name, guint index)
{
  g_autofree char *exposed = g_strdup_printf ("%s_%u", name, index);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (branch, name);

  g_assert_true (gst_element_add_pad (GST_ELEMENT (bin),
                                      gst_ghost_pad_new (exposed, pad)));
}

/* Streams of one bin, which share what a pipeline's elements do. */
static void
open_together (Stream *streams, const char *description)
{
  GstBin *bin = GST_BIN (gst_object_ref_sink (gst_bin_new (NULL)));
  GstElement *branches[STREAMS];

  for (guint i = 0; i < STREAMS; i++) {
    g_autoptr (GError) error = NULL;

    branches[i] = gst_parse_bin_from_description (description, TRUE, &error);
    g_assert_no_error (error);
    gst_bin_add (bin, branches[i]);
    add_pad (bin, branches[i], "sink", i);
    add_pad (bin, branches[i], "src", i);
  }
  for (guint i = 0; i < STREAMS; i++) {
    g_autofree char *sink = g_strdup_printf ("sink_%u", i);
    g_autofree char *src = g_strdup_printf ("src_%u", i);

    open_stream (&streams[i], i,
                 gst_harness_new_with_element (GST_ELEMENT (bin), sink, src),
                 branches[i], IMAGES);
  }
  gst_object_unref (bin);
}

/* A stream that shares nothing with others. */
static void
open_apart (Stream *self, guint index, const char *description,
            const char *features)
{
  GstHarness *harness = gst_harness_new_parse (description);

  open_stream (self, index, harness, harness->element, features);
}

static void
push (Stream *self, guint number)
{
  g_autoptr (GstBuffer) out = NULL;

  numbered_push (self->harness, numbered_new (&self->info, number));
  out = gst_harness_pull (self->harness);
  numbered_assert_analysed (out, &self->info, number);
}

static gpointer
run (gpointer data)
{
  Stream *self = data;

  for (guint i = 1; i <= self->n; i++)
    push (self, i);
  gst_harness_push_event (self->harness, gst_event_new_eos ());
  return NULL;
}

static double
get_fill (const Stream *self)
{
  g_autoptr (GstStructure) stats = NULL;
  double fill = 0;

  g_object_get (self->feclip, "stats", &stats, NULL);
  g_assert_true (gst_structure_get_double (stats, "mean-batch-fill", &fill));
  return fill;
}

/* After the first frames, which know of no others, batches are full. */
static void
run_full (Stream *streams)
{
  for (guint i = 0; i < STREAMS; i++)
    push (&streams[i], 0);
  for (guint i = 0; i < STREAMS; i++) {
    g_object_set (streams[i].feclip, "batch-timeout", LONG, NULL);
    streams[i].n = FRAMES;
    streams[i].thread = g_thread_new ("stream", run, &streams[i]);
  }
  for (guint i = 0; i < STREAMS; i++)
    g_thread_join (streams[i].thread);
  for (guint i = 0; i < STREAMS; i++)
    g_assert_cmpfloat_with_epsilon (
        get_fill (&streams[i]), (1 + STREAMS * FRAMES) / (1.0 + FRAMES), 1e-9);
  for (guint i = 0; i < STREAMS; i++)
    stream_close (&streams[i]);
}

#define BATCHED FECLIP " batch-size=2 batch-timeout=0"

static void
test_one_pipeline (void)
{
  Stream streams[STREAMS];

  if (!images_are_ready ())
    return;
  open_together (streams, "vulkanupload ! " BATCHED);
  run_full (streams);
}

/* Each stream's images are on a device of its own. */
static void
test_devices (void)
{
  Stream streams[STREAMS];

  if (!images_are_ready ())
    return;
  for (guint i = 0; i < STREAMS; i++)
    open_apart (&streams[i], i, "vulkanupload ! " BATCHED, IMAGES);
  run_full (streams);
}

static void
test_with_system_memory (void)
{
  Stream streams[STREAMS];

  if (!images_are_ready ())
    return;
  open_apart (&streams[0], 0, "vulkanupload ! " BATCHED, IMAGES);
  open_apart (&streams[1], 1, BATCHED, "memory:SystemMemory");
  run_full (streams);
}

/* One element's own frames, each copied for a request of its own, and none
 * overtaken by the upload of the next. */
static void
test_requests (void)
{
  Stream stream;

  if (!images_are_ready ())
    return;
  open_apart (&stream, 0, "vulkanupload ! " FECLIP " nireq=2 batch-size=2",
              IMAGES);
  g_object_set (stream.feclip, "batch-timeout", LONG, NULL);
  for (guint i = 0; i < 4; i++)
    numbered_push (stream.harness, numbered_new (&stream.info, i));
  for (guint i = 0; i < 4; i++)
    numbered_assert_next_analysed (stream.harness, &stream.info, i);
  g_assert_cmpfloat_with_epsilon (get_fill (&stream), 2, 1e-9);
  stream_close (&stream);
}

/* One image */

typedef struct {
  Stream *stream;
  GstBuffer *image;
} Branch;

static gpointer
push_image (gpointer data)
{
  const Branch *self = data;
  g_autoptr (GstBuffer) out = NULL;

  numbered_push (self->stream->harness, gst_buffer_ref (self->image));
  out = gst_harness_pull (self->stream->harness);
  numbered_assert_analysed (out, &self->stream->info, 0);
  return NULL;
}

/* Behind a tee, elements copy the same image at a time; on a device that is no
 * neighbour's, so that they read it back. */
static void
test_one_image (void)
{
  GstHarness *upload = NULL;
  Stream streams[STREAMS];
  Branch branches[STREAMS];
  GThread *threads[STREAMS];
  g_autoptr (GstBuffer) image = NULL;
  g_autoptr (GstCaps) caps = NULL;
  GstVideoInfo info;

  if (!images_are_ready ())
    return;
  image_info (&info, GST_VIDEO_FORMAT_RGBA, 64, 48);
  upload = gst_harness_new_parse ("vulkanupload");
  gst_harness_set_sink_caps_str (upload, "video/x-raw(" IMAGES ")");
  gst_harness_set_src_caps (upload, gst_video_info_to_caps (&info));
  image = gst_harness_push_and_pull (upload, numbered_new (&info, 0));
  caps = gst_pad_get_current_caps (upload->sinkpad);
  for (guint i = 0; i < STREAMS; i++) {
    GstHarness *harness = gst_harness_new_parse (BATCHED);

    stream_init (&streams[i], harness, harness->element, &info);
    gst_harness_set_src_caps (harness, gst_caps_ref (caps));
    branches[i] = (Branch){&streams[i], image};
    push_image (&branches[i]);
    g_object_set (streams[i].feclip, "batch-timeout", LONG, NULL);
  }
  for (guint i = 0; i < STREAMS; i++)
    threads[i] = g_thread_new ("branch", push_image, &branches[i]);
  for (guint i = 0; i < STREAMS; i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (images_seen.read_back, ==, STREAMS);
  for (guint i = 0; i < STREAMS; i++)
    g_assert_cmpfloat_with_epsilon (get_fill (&streams[i]), 1.5, 1e-9);
  for (guint i = 0; i < STREAMS; i++)
    stream_close (&streams[i]);
  /* Not before: GStreamer 1.22's vulkanupload does not wait for the device
   * before it frees what that reads. */
  gst_clear_buffer (&image);
  gst_harness_teardown (upload);
}

int
main (int argc, char **argv)
{
  numbered_init (&argc, &argv);
  images_init ();
  g_test_add_func ("/vulkan-batch/one-pipeline", test_one_pipeline);
  g_test_add_func ("/vulkan-batch/devices", test_devices);
  g_test_add_func ("/vulkan-batch/with-system-memory", test_with_system_memory);
  g_test_add_func ("/vulkan-batch/requests", test_requests);
  g_test_add_func ("/vulkan-batch/one-image", test_one_image);
  return numbered_run ();
}
