/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/events/event_structure.h"

#define START_NAME "anomaly-start"
#define END_NAME "anomaly-end"

GstStructure *
gst_feclip_event_to_structure (const FeclipEvent *event)
{
  GstStructure *fields = gst_structure_new (
      event->ended ? END_NAME : START_NAME, "id", G_TYPE_UINT64, event->id,
      "timestamp", G_TYPE_UINT64, event->timestamp, "stream-time",
      G_TYPE_UINT64, event->stream_time, "running-time", G_TYPE_UINT64,
      event->running_time, "start-time", G_TYPE_UINT64, event->start_time,
      "peak-score", G_TYPE_DOUBLE, event->peak_score, "peak-time",
      G_TYPE_UINT64, event->peak_time, "x", G_TYPE_DOUBLE, event->x, "y",
      G_TYPE_DOUBLE, event->y, "width", G_TYPE_DOUBLE, event->width, "height",
      G_TYPE_DOUBLE, event->height, "frames", G_TYPE_UINT64, event->n_frames,
      NULL);

  if (event->ended)
    gst_structure_set (fields, "end-time", G_TYPE_UINT64, event->end_time,
                       "duration", G_TYPE_UINT64, event->duration, "reason",
                       G_TYPE_STRING, event->reason, NULL);
  return fields;
}

gboolean
gst_feclip_event_from_structure (const GstStructure *fields, FeclipEvent *event)
{
  *event = (FeclipEvent){
      .end_time = GST_CLOCK_TIME_NONE,
      .duration = GST_CLOCK_TIME_NONE,
  };
  if (fields == NULL)
    return FALSE;
  event->ended = gst_structure_has_name (fields, END_NAME);
  if (!event->ended && !gst_structure_has_name (fields, START_NAME))
    return FALSE;
  if (!gst_structure_get (
          fields, "id", G_TYPE_UINT64, &event->id, "timestamp", G_TYPE_UINT64,
          &event->timestamp, "stream-time", G_TYPE_UINT64, &event->stream_time,
          "running-time", G_TYPE_UINT64, &event->running_time, "start-time",
          G_TYPE_UINT64, &event->start_time, "peak-score", G_TYPE_DOUBLE,
          &event->peak_score, "peak-time", G_TYPE_UINT64, &event->peak_time,
          "x", G_TYPE_DOUBLE, &event->x, "y", G_TYPE_DOUBLE, &event->y, "width",
          G_TYPE_DOUBLE, &event->width, "height", G_TYPE_DOUBLE, &event->height,
          "frames", G_TYPE_UINT64, &event->n_frames, NULL))
    return FALSE;
  if (!event->ended)
    return TRUE;
  event->reason = g_intern_string (gst_structure_get_string (fields, "reason"));
  return gst_structure_get (fields, "end-time", G_TYPE_UINT64, &event->end_time,
                            "duration", G_TYPE_UINT64, &event->duration, NULL);
}
