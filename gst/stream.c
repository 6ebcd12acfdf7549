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
  g_clear_pointer (&self->rois, g_ptr_array_unref);
}

gboolean
gst_feclip_stream_can_analyse (GstBuffer *buffer)
{
  return gst_buffer_get_size (buffer) > 0
         && !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP);
}

static gboolean
analyse_regions (GstFeclipStream *self, FeclipDetector *detector,
                 GstBuffer *buffer, const FeclipFrame *frame, GError **error)
{
  self->rois = gst_feclip_roi_list_analyse (buffer, detector, frame, error);
  if (self->rois != NULL && self->rois->len > 0)
    self->latest = feclip_result_join ((FeclipResult *const *)self->rois->pdata,
                                       self->rois->len);
  return self->rois != NULL;
}

gboolean
gst_feclip_stream_analyse (GstFeclipStream *self, FeclipDetector *detector,
                           GstBuffer *buffer, GstFeclipInferenceRegion region,
                           GError **error)
{
  FeclipFrame frame = {0};
  gboolean ok = FALSE;

  gst_feclip_stream_forget (self);
  if (!gst_feclip_reader_open (self->reader, buffer, &frame)) {
    g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
                 "A buffer of %" G_GSIZE_FORMAT " bytes does not hold a frame "
                 "of the size and format that its caps announce.",
                 gst_buffer_get_size (buffer));
    return FALSE;
  }
  frame.orientation = gst_feclip_orientation_get (&self->orientation);
  if (region == GST_FECLIP_INFERENCE_REGION_ROI_LIST) {
    ok = analyse_regions (self, detector, buffer, &frame, error);
  } else {
    self->latest = feclip_detector_analyse (detector, &frame, error);
    ok = self->latest != NULL;
  }
  self->age = 0;
  self->width = frame.width;
  self->height = frame.height;
  gst_feclip_reader_close (self->reader);
  return ok;
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
