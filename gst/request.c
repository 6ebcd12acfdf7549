/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "request.h"

#include "frame.h"

gboolean
gst_feclip_request_init (GstFeclipRequest *self, FeclipModel *model,
                         FeclipSettings *settings, GError **error)
{
  *self = (GstFeclipRequest){0};
  self->detector = feclip_detector_new (model, settings, error);
  return self->detector != NULL;
}

void
gst_feclip_request_clear (GstFeclipRequest *self)
{
  g_clear_pointer (&self->reader, gst_feclip_reader_free);
  g_clear_object (&self->detector);
}

static void
prepare_reader (GstFeclipRequest *self, const GstVideoInfo *info)
{
  if (self->reader != NULL && gst_video_info_is_equal (&self->info, info))
    return;
  gst_feclip_reader_free (self->reader);
  self->reader = gst_feclip_reader_new (info);
  self->info = *info;
}

static FeclipResult *
analyse (GstFeclipRequest *self, const GstFeclipView *view,
         GstFeclipOutcome *outcome)
{
  FeclipFrame frame = {0};
  FeclipResult *result = NULL;

  if (!gst_feclip_reader_open (self->reader, view->buffer, &frame)) {
    g_set_error (&outcome->error, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
                 "A buffer of %" G_GSIZE_FORMAT " bytes does not hold a frame "
                 "of the size and format that its caps announce.",
                 gst_buffer_get_size (view->buffer));
    return NULL;
  }
  frame.orientation = view->orientation;
  outcome->width = frame.width;
  outcome->height = frame.height;
  result = feclip_detector_analyse (self->detector, &frame, &outcome->error);
  gst_feclip_reader_close (self->reader);
  return result;
}

void
gst_feclip_request_analyse (GstFeclipRequest *self, const GstFeclipView *view,
                            GstFeclipOutcome *outcome)
{
  GstClockTime begin = gst_util_get_timestamp ();

  prepare_reader (self, &view->info);
  outcome->result = analyse (self, view, outcome);
  outcome->analysis_time = gst_util_get_timestamp () - begin;
}
