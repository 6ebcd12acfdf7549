/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stream.h"

#include "frame.h"

void
gst_feclip_stream_clear (GstFeclipStream *self)
{
  gst_feclip_stream_forget (self);
  gst_feclip_reader_free (self->reader);
  *self = (GstFeclipStream){0};
}

void
gst_feclip_stream_set_info (GstFeclipStream *self, const GstVideoInfo *info)
{
  gst_feclip_stream_forget (self);
  gst_feclip_reader_free (self->reader);
  self->reader = gst_feclip_reader_new (info);
}

void
gst_feclip_stream_forget (GstFeclipStream *self)
{
  g_clear_pointer (&self->latest, feclip_result_unref);
  g_clear_pointer (&self->defects, g_array_unref);
}

gboolean
gst_feclip_stream_analyse (GstFeclipStream *self, FeclipDetector *detector,
                           GstBuffer *buffer, GError **error)
{
  FeclipFrame frame = {0};

  gst_feclip_stream_forget (self);
  if (!gst_feclip_reader_open (self->reader, buffer, &frame)) {
    g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
                 "A buffer of %" G_GSIZE_FORMAT " bytes does not hold a frame "
                 "of the size and format that its caps announce.",
                 gst_buffer_get_size (buffer));
    return FALSE;
  }
  frame.orientation = gst_feclip_orientation_get (&self->orientation);
  self->latest = feclip_detector_analyse (detector, &frame, error);
  self->age = 0;
  self->width = frame.width;
  self->height = frame.height;
  gst_feclip_reader_close (self->reader);
  return self->latest != NULL;
}

const GArray *
gst_feclip_stream_get_defects (GstFeclipStream *self, double pixel_threshold)
{
  if (self->defects == NULL || self->defects_threshold != pixel_threshold) {
    g_clear_pointer (&self->defects, g_array_unref);
    self->defects = feclip_result_find_defects (self->latest, self->width,
                                                self->height, pixel_threshold);
    self->defects_threshold = pixel_threshold;
  }
  return self->defects;
}
