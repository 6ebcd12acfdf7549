/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/video.h"

#include <feclip/error.h>
#include <gst/app/gstappsink.h>
#include <gst/gst.h>

/* A decoder that takes longer than this for a frame has lost its way. */
#define FRAME_TIMEOUT (30 * GST_SECOND)

struct _FeVideo {
  char *name;
  GstElement *pipeline;
  GstElement *sink;
};

static gboolean
make_pipeline (FeVideo *self, const char *path, GError **error)
{
  g_autoptr (GstElement) source = NULL;
  g_autoptr (GstCaps) caps = fe_still_image_make_caps ();
  GstElement *pipeline =
      gst_parse_launch_full ("filesrc name=source ! decodebin ! videoconvert ! "
                             "videoflip video-direction=auto ! "
                             "appsink name=sink sync=false max-buffers=2",
                             NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);

  if (!pipeline)
    return FALSE;
  self->pipeline = g_object_ref_sink (pipeline);
  self->sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  g_object_set (source, "location", path, NULL);
  g_object_set (self->sink, "caps", caps, NULL);
  return TRUE;
}

FeVideo *
fe_video_new (const char *path, GError **error)
{
  g_autoptr (FeVideo) self = g_new0 (FeVideo, 1);

  self->name = g_filename_display_name (path);
  if (!make_pipeline (self, path, error)) {
    g_prefix_error (error, "%s: ", self->name);
    return NULL;
  }
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  return g_steal_pointer (&self);
}

void
fe_video_free (FeVideo *self)
{
  if (!self)
    return;
  if (self->pipeline)
    gst_element_set_state (self->pipeline, GST_STATE_NULL);
  g_clear_object (&self->sink);
  g_clear_object (&self->pipeline);
  g_free (self->name);
  g_free (self);
}

/* Why no frame came: an error that was posted, or nothing but the time. */
static void
set_cause (FeVideo *self, GError **error)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);
  g_autoptr (GstMessage) message =
      gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  g_autoptr (GError) cause = NULL;

  if (message)
    gst_message_parse_error (message, &cause, NULL);
  if (!cause && gst_app_sink_is_eos (GST_APP_SINK (self->sink)))
    return;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
               "%s: cannot be decoded as video: %s", self->name,
               cause ? cause->message : "it takes too long");
}

/*
 * Waits in short steps, as a pipeline that has failed sends the sink neither a
 * frame nor the end.
 */
static GstSample *
pull_sample (FeVideo *self)
{
  const GstClockTime step = GST_SECOND / 20;
  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);

  for (GstClockTime waited = 0; waited < FRAME_TIMEOUT; waited += step) {
    GstSample *sample =
        gst_app_sink_try_pull_sample (GST_APP_SINK (self->sink), step);

    if (sample || gst_app_sink_is_eos (GST_APP_SINK (self->sink)))
      return sample;
    if (gst_bus_have_pending (bus)) {
      g_autoptr (GstMessage) message =
          gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);

      if (message) {
        gst_bus_post (bus, g_steal_pointer (&message));
        return NULL;
      }
    }
  }
  return NULL;
}

FeStillImage *
fe_video_read (FeVideo *self, GError **error)
{
  GstSample *sample = pull_sample (self);

  if (sample)
    return fe_still_image_new_from_sample (sample, self->name, error);
  set_cause (self, error);
  return NULL;
}
