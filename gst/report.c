/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report.h"

#include "plugin.h"

#define GST_CAT_DEFAULT gst_feclip_debug

void
gst_feclip_post_error (GstElement *element, const GError *error)
{
  GQuark domain = GST_LIBRARY_ERROR;
  int code = GST_LIBRARY_ERROR_FAILED;

  if (g_error_matches (error, FECLIP_ERROR, FECLIP_ERROR_FILE)) {
    domain = GST_RESOURCE_ERROR;
    code = GST_RESOURCE_ERROR_OPEN_READ;
  } else if (g_error_matches (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT)) {
    domain = GST_RESOURCE_ERROR;
    code = GST_RESOURCE_ERROR_READ;
  } else if (g_error_matches (error, FECLIP_ERROR, FECLIP_ERROR_DEVICE)) {
    code = GST_LIBRARY_ERROR_INIT;
  } else if (g_error_matches (error, FECLIP_ERROR, FECLIP_ERROR_INPUT)) {
    code = GST_LIBRARY_ERROR_SETTINGS;
  }
  GST_ERROR_OBJECT (element, "%s", error->message);
  gst_element_message_full (element, GST_MESSAGE_ERROR, domain, code,
                            g_strdup (error->message), NULL, __FILE__,
                            GST_FUNCTION, __LINE__);
}

void
gst_feclip_post_verdict (GstElement *element, const GstFeclipTimes *times,
                         const FeclipVerdict *verdict, guint n_defects,
                         GstClockTime analysis_time)
{
  GstStructure *fields = gst_structure_new (
      "feclip", "timestamp", G_TYPE_UINT64, times->timestamp, "stream-time",
      G_TYPE_UINT64, times->stream_time, "running-time", G_TYPE_UINT64,
      times->running_time, "duration", G_TYPE_UINT64, times->duration, "score",
      G_TYPE_DOUBLE, verdict->result->score, "threshold", G_TYPE_DOUBLE,
      verdict->threshold, "anomalous", G_TYPE_BOOLEAN, verdict->anomalous,
      "pixel-threshold", G_TYPE_DOUBLE, verdict->pixel_threshold, "n-defects",
      G_TYPE_UINT, n_defects, "analysis-time", G_TYPE_UINT64, analysis_time,
      NULL);

  gst_element_post_message (
      element, gst_message_new_element (GST_OBJECT (element), fields));
}
