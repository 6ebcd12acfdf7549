/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads feclip's metadata in C: prints each frame's score, and the boxes of its
 * defects in pixels.
 *
 * usage: read-metadata VIDEO [PROPERTY=VALUE...]
 *
 * PROPERTY is a property of the element feclip, such as
 * model-file=clip.safetensors. Once feclip is installed, compile this file with
 *
 *   cc read-metadata.c $(pkg-config --cflags --libs feclip-gst)
 */
#include <feclip/feclip.h>
#include <feclip/gst/meta.h>
#include <glib-unix.h>
#include <gst/video/video.h>

typedef struct {
  GstElement *pipeline;
  GMainLoop *loop;
  guint analysed;
  guint anomalous;
  int status;
} Reader;

static void
print_defects (const FeclipVerdict *verdict, const GstVideoInfo *info)
{
  g_autoptr (GArray) defects = feclip_result_find_defects (
      verdict->result, info->width, info->height, verdict->pixel_threshold);

  for (guint i = 0; i < defects->len; i++) {
    const FeclipDefect *d = &g_array_index (defects, FeclipDefect, i);

    g_print ("           %.3f at %.0f,%.0f to %.0f,%.0f\n", d->confidence,
             d->x_min * info->width, d->y_min * info->height,
             d->x_max * info->width, d->y_max * info->height);
  }
}

/* The position in the video. Timestamps alone need not begin at 0. */
static double
stream_seconds (GstPad *pad, GstBuffer *buffer)
{
  g_autoptr (GstEvent) event =
      gst_pad_get_sticky_event (pad, GST_EVENT_SEGMENT, 0);
  const GstSegment *segment;

  gst_event_parse_segment (event, &segment);
  return (double)gst_segment_to_stream_time (segment, GST_FORMAT_TIME,
                                             GST_BUFFER_PTS (buffer))
         / GST_SECOND;
}

/* Called in the streaming thread. */
static GstPadProbeReturn
read_frame (GstPad *pad, GstPadProbeInfo *probe, gpointer user_data)
{
  Reader *self = user_data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (probe);
  g_autoptr (FeclipVerdict) verdict = feclip_verdict_from_buffer (buffer);
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  GstVideoInfo info;

  /* Frames between two analyses carry the latest result again. */
  if (!verdict || !verdict->analysed || !gst_video_info_from_caps (&info, caps))
    return GST_PAD_PROBE_OK;
  self->analysed++;
  g_print ("%9.3f  %.3f  %s\n", stream_seconds (pad, buffer),
           verdict->result->score, verdict->anomalous ? "ANOMALOUS" : "good");
  if (verdict->anomalous) {
    self->anomalous++;
    print_defects (verdict, &info);
  }
  return GST_PAD_PROBE_OK;
}

static gboolean
receive (GstBus *bus, GstMessage *message, gpointer user_data)
{
  Reader *self = user_data;
  g_autoptr (GError) error = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error (message, &error, NULL);
    g_printerr ("%s: %s\n", GST_MESSAGE_SRC_NAME (message), error->message);
    self->status = 1;
    g_main_loop_quit (self->loop);
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS) {
    g_main_loop_quit (self->loop);
  }
  return G_SOURCE_CONTINUE;
}

static gboolean
interrupt (gpointer user_data)
{
  Reader *self = user_data;

  gst_element_send_event (self->pipeline, gst_event_new_eos ());
  return G_SOURCE_REMOVE;
}

/* feclip's properties become a part of the pipeline's description, so that they
 * are written as for gst-launch-1.0. */
static GstElement *
make_pipeline (const char *video, char **properties, GError **error)
{
  g_autofree char *words = g_strjoinv (" ", properties);
  g_autofree char *description = g_strdup_printf (
      "filesrc name=source ! decodebin ! videoconvert ! feclip name=analysis "
      "%s ! fakesink",
      words);
  GstElement *pipeline = gst_parse_launch_full (
      description, NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);
  g_autoptr (GstElement) source = NULL;

  if (!pipeline)
    return NULL;
  source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  g_object_set (source, "location", video, NULL);
  return pipeline;
}

static void
run (Reader *self)
{
  g_autoptr (GstElement) analysis =
      gst_bin_get_by_name (GST_BIN (self->pipeline), "analysis");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (analysis, "src");
  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);
  guint interrupted = g_unix_signal_add (SIGINT, interrupt, self);

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, read_frame, self, NULL);
  self->loop = g_main_loop_new (NULL, FALSE);
  gst_bus_add_watch (bus, receive, self);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  g_main_loop_run (self->loop);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_bus_remove_watch (bus);
  if (g_main_context_find_source_by_id (NULL, interrupted))
    g_source_remove (interrupted);
  g_main_loop_unref (self->loop);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  Reader self = {0};

  if (argc < 2 || g_str_equal (argv[1], "--help")) {
    g_printerr ("usage: %s VIDEO [PROPERTY=VALUE...]\n", argv[0]);
    return argc < 2 ? 2 : 0;
  }
  if (!g_file_test (argv[1], G_FILE_TEST_EXISTS)) {
    g_printerr ("%s: there is no such video\n", argv[1]);
    return 1;
  }
  gst_init (NULL, NULL);
  self.pipeline = make_pipeline (argv[1], argv + 2, &error);
  if (!self.pipeline) {
    g_printerr ("%s\n", error->message);
    if (g_error_matches (error, GST_PARSE_ERROR,
                         GST_PARSE_ERROR_NO_SUCH_ELEMENT))
      g_printerr ("Set GST_PLUGIN_PATH to the folder gst of feclip's build.\n");
    return 1;
  }
  run (&self);
  gst_object_unref (self.pipeline);
  g_print ("%u of %u frames are anomalous\n", self.anomalous, self.analysed);
  return self.status;
}
