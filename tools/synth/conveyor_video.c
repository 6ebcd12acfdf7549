/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/conveyor_video.h"

#include <feclip/error.h>
#include <glib.h>
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>
#include <string.h>

/* A video file that is written frame by frame. */
typedef struct _Encoder Encoder;

struct _Encoder {
  GstElement *pipeline;
  GstAppSrc *source;
  char *path;
  int width;
  int height;
  guint fps;
  guint64 frames;
};

/* The encoders for each file extension, the best one first. */
static const struct {
  const char *ending;
  const char *encoder;
  /* The encoder with the elements behind it. */
  const char *branch;
} formats[] = {
    {".mp4", "x264enc",
     "x264enc pass=quant quantizer=20 speed-preset=fast key-int-max=30 "
     "! video/x-h264,profile=high ! mp4mux"},
    {".mp4", "openh264enc", "openh264enc bitrate=3000000 ! h264parse ! mp4mux"},
    {".mp4", "avenc_mpeg4", "avenc_mpeg4 bitrate=4000000 ! mp4mux"},
    {".mkv", "x264enc",
     "x264enc pass=quant quantizer=20 speed-preset=fast key-int-max=30 "
     "! matroskamux"},
    {".mkv", "vp8enc",
     "vp8enc deadline=1 target-bitrate=4000000 "
     "! matroskamux"},
    {".webm", "vp8enc", "vp8enc deadline=1 target-bitrate=4000000 ! webmmux"},
    {".avi", "jpegenc", "jpegenc quality=92 ! avimux"},
};

/* NULL is allowed. A file that was not finished is incomplete. */
static void
encoder_free (Encoder *self)
{
  if (!self)
    return;
  g_clear_object (&self->source);
  if (self->pipeline) {
    gst_element_set_state (self->pipeline, GST_STATE_NULL);
    gst_object_unref (self->pipeline);
  }
  g_free (self->path);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Encoder, encoder_free)

static gboolean
has_element (const char *name)
{
  GstElementFactory *factory = gst_element_factory_find (name);

  if (!factory)
    return FALSE;
  gst_object_unref (factory);
  return TRUE;
}

/* Returns NULL with an error where no encoder is installed. */
static const char *
choose_branch (const char *path, GError **error)
{
  GString *missing = g_string_new (NULL);
  const char *branch = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (formats) && !branch; i++) {
    if (!g_str_has_suffix (path, formats[i].ending))
      continue;
    if (has_element (formats[i].encoder))
      branch = formats[i].branch;
    else
      g_string_append_printf (missing, "%s%s", missing->len > 0 ? ", " : "",
                              formats[i].encoder);
  }
  if (!branch && missing->len > 0)
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_DEVICE,
                 "%s: GStreamer has none of the encoders %s", path,
                 missing->str);
  else if (!branch)
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "%s does not end in .mp4, .mkv, .webm or .avi", path);
  g_string_free (missing, TRUE);
  return branch;
}

/* Waits for an error of the pipeline; FALSE with that error. */
static gboolean
check_bus (Encoder *self, GstClockTime wait, GError **error)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);
  g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (
      bus, wait, GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
  g_autoptr (GError) cause = NULL;

  if (!message || GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
    return TRUE;
  gst_message_parse_error (message, &cause, NULL);
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
               "%s cannot be written: %s", self->path, cause->message);
  return FALSE;
}

/*
 * The extension of @path selects the format: .mp4, .mkv, .webm or .avi. Fails
 * where GStreamer has no encoder for it.
 */
static Encoder *
encoder_new (const char *path, int width, int height, guint fps, GError **error)
{
  g_autoptr (Encoder) self = g_new0 (Encoder, 1);
  const char *branch = choose_branch (path, error);
  g_autofree char *line = NULL;
  g_autoptr (GstElement) sink = NULL;

  if (!branch)
    return NULL;
  self->path = g_strdup (path);
  self->width = width;
  self->height = height;
  self->fps = fps;
  line = g_strdup_printf (
      "appsrc name=source format=time block=true max-buffers=8 max-bytes=0 "
      "caps=video/x-raw,format=RGB,width=%d,height=%d,framerate=%u/1 "
      "! videoconvert ! video/x-raw,format=I420 ! %s ! filesink name=sink",
      width, height, fps, branch);
  self->pipeline = gst_parse_launch (line, error);
  if (!self->pipeline)
    return NULL;
  sink = gst_bin_get_by_name (GST_BIN (self->pipeline), "sink");
  g_object_set (sink, "location", path, NULL);
  self->source =
      GST_APP_SRC (gst_bin_get_by_name (GST_BIN (self->pipeline), "source"));
  if (gst_element_set_state (self->pipeline, GST_STATE_PLAYING)
      == GST_STATE_CHANGE_FAILURE) {
    if (check_bus (self, 0, error))
      g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
                   "%s cannot be written", path);
    return NULL;
  }
  return g_steal_pointer (&self);
}

/* GStreamer expects lines of RGB at multiples of four bytes. */
static GstBuffer *
wrap_pixels (const Encoder *self, guint8 *pixels)
{
  gsize line = (gsize)self->width * 3;
  gsize stride = (line + 3) & ~(gsize)3;
  gsize size = stride * (gsize)self->height;
  guint8 *padded;

  if (stride == line)
    return gst_buffer_new_wrapped (pixels, size);
  padded = g_malloc0 (size);
  for (int row = 0; row < self->height; row++)
    memcpy (padded + (gsize)row * stride, pixels + (gsize)row * line, line);
  g_free (pixels);
  return gst_buffer_new_wrapped (padded, size);
}

/* Takes @pixels, [height][width][3]. */
static gboolean
encoder_add (Encoder *self, guint8 *pixels, GError **error)
{
  GstBuffer *buffer = wrap_pixels (self, pixels);

  GST_BUFFER_PTS (buffer) =
      gst_util_uint64_scale (self->frames, GST_SECOND, self->fps);
  GST_BUFFER_DURATION (buffer) = GST_SECOND / self->fps;
  self->frames++;
  if (gst_app_src_push_buffer (self->source, buffer) == GST_FLOW_OK)
    return TRUE;
  if (check_bus (self, GST_SECOND, error))
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE, "%s cannot be written",
                 self->path);
  return FALSE;
}

static gboolean
encoder_finish (Encoder *self, GError **error)
{
  gst_app_src_end_of_stream (self->source);
  return check_bus (self, GST_CLOCK_TIME_NONE, error);
}

/* Frames per thread that are rendered at once before they are encoded. */
#define AHEAD 4

typedef struct {
  const FeConveyor *conveyor;
  guint first;
  guint8 **frames;
} Run;

static gboolean
render (gpointer data, guint index, GError **error)
{
  Run *run = data;

  run->frames[index] = fe_conveyor_render (run->conveyor, run->first + index);
  return TRUE;
}

/* Renders a few frames in parallel and encodes them in order. */
static gboolean
write_run (Run *run, guint n, const FePlan *plan, Encoder *encoder,
           GError **error)
{
  gboolean written = fe_plan_run (plan, n, render, run, error);

  for (guint i = 0; i < n; i++) {
    guint8 *pixels = g_steal_pointer (&run->frames[i]);

    if (written)
      written = encoder_add (encoder, pixels, error);
    else
      g_free (pixels);
  }
  return written;
}

static gboolean
write_json (const FeConveyor *conveyor, const char *path, GError **error)
{
  const char *dot = strrchr (path, '.');
  g_autofree char *stem = g_strndup (path, (gsize)(dot - path));
  g_autofree char *file = g_strconcat (stem, ".json", NULL);
  g_autofree char *json = fe_conveyor_to_json (conveyor, path);

  return g_file_set_contents (file, json, -1, error);
}

gboolean
fe_conveyor_video_write (const FePlan *plan, const FeConveyorShow *show,
                         const char *path, GError **error)
{
  g_autoptr (Encoder) encoder =
      encoder_new (path, plan->width, plan->height, show->fps, error);
  g_autoptr (FeConveyor) conveyor = NULL;
  guint length = AHEAD * plan->threads;
  g_autofree guint8 **frames = g_new0 (guint8 *, length);
  gint64 start = g_get_monotonic_time ();
  FePlan silent = *plan;

  if (!encoder)
    return FALSE;
  /* Progress is reported for the whole video, not for each run. */
  silent.progress = NULL;
  conveyor = fe_conveyor_new (plan, show);
  for (guint i = 0; i < show->frames; i += length) {
    Run run = {conveyor, i, frames};
    guint n = MIN (length, show->frames - i);

    if (!write_run (&run, n, &silent, encoder, error))
      return FALSE;
    if (plan->progress)
      plan->progress (i + n, show->frames, start);
  }
  return encoder_finish (encoder, error) && write_json (conveyor, path, error);
}
