/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/frame_job.h"

void
gst_feclip_times_init (GstFeclipTimes *self, GstBuffer *buffer,
                       const GstSegment *segment)
{
  *self = (GstFeclipTimes){
      .timestamp = GST_BUFFER_PTS (buffer),
      .duration = GST_BUFFER_DURATION (buffer),
      .stream_time = GST_CLOCK_TIME_NONE,
      .running_time = GST_CLOCK_TIME_NONE,
  };
  if (segment->format != GST_FORMAT_TIME)
    return;
  self->stream_time =
      gst_segment_to_stream_time (segment, GST_FORMAT_TIME, self->timestamp);
  self->running_time =
      gst_segment_to_running_time (segment, GST_FORMAT_TIME, self->timestamp);
}

void
gst_feclip_analysis_clear (GstFeclipAnalysis *self)
{
  g_clear_pointer (&self->result, feclip_result_unref);
  g_clear_pointer (&self->rois, g_ptr_array_unref);
  g_clear_error (&self->error);
}

void
gst_feclip_analysis_free (GstFeclipAnalysis *self)
{
  if (self == NULL)
    return;
  gst_feclip_analysis_clear (self);
  g_free (self);
}

void
gst_feclip_frame_job_free (GstFeclipFrameJob *self)
{
  if (self == NULL)
    return;
  g_assert (self->request == NULL);
  gst_feclip_analysis_clear (&self->outcome);
  gst_clear_buffer (&self->buffer);
  g_free (self);
}

gint64
gst_feclip_frame_job_get_deadline (const GstFeclipFrameJob *self)
{
  const GstFeclipFrameParams *terms = &self->terms;

  if (terms->on_overload == GST_FECLIP_OVERLOAD_BLOCK
      || terms->max_delay >= G_MAXINT64 - self->arrival)
    return G_MAXINT64;
  return (gint64)((self->arrival + terms->max_delay) / 1000);
}
