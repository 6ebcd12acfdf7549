/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/messages.h"

#include "plugin.h"

#define GST_CAT_DEFAULT gst_feclip_debug

void
gst_feclip_post_builtin_model (GstElement *element)
{
  GST_ELEMENT_INFO (element, RESOURCE, SETTINGS,
                    ("%s runs the small built-in model, which demonstrates "
                     "and tests: \"model-file\" names another one.",
                     GST_ELEMENT_NAME (element)),
                    (NULL));
}

void
gst_feclip_post_no_adapters (GstElement *element, const char *path)
{
  GST_ELEMENT_WARNING (element, RESOURCE, SETTINGS,
                       ("%s holds no adapters and the property "
                        "\"adapter-file\" is not set: frames get CLIP's own "
                        "score and no map.",
                        path),
                       (NULL));
}

void
gst_feclip_post_adapters (GstElement *element, FeclipSettings *settings,
                          FeclipModel *model, FeclipReferences *references,
                          guint forgotten)
{
  guint known = feclip_references_get_count (references);
  g_autofree char *path = NULL;

  g_object_get (settings, "adapter-file", &path, NULL);
  gst_element_post_message (
      element,
      gst_message_new_element (
          GST_OBJECT (element),
          gst_structure_new ("feclip-adapters", "adapter-file", G_TYPE_STRING,
                             path, "references", G_TYPE_UINT, known, NULL)));
  if (forgotten > 0)
    GST_ELEMENT_WARNING (
        element, LIBRARY, SETTINGS,
        ("%s: the normal images learnt from frames, %u of them, are "
         "forgotten, since other adapters were at work then.",
         path != NULL ? path : "adapter-file", forgotten),
        (NULL));
  if (!feclip_model_has_adapters (model) && known == 0)
    gst_feclip_post_no_adapters (element, "The model file");
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
      G_TYPE_DOUBLE, verdict->result->score, "raw-score", G_TYPE_DOUBLE,
      verdict->raw_score, "event-id", G_TYPE_UINT64, verdict->event_id,
      "threshold", G_TYPE_DOUBLE, verdict->threshold, "anomalous",
      G_TYPE_BOOLEAN, verdict->anomalous, "pixel-threshold", G_TYPE_DOUBLE,
      verdict->pixel_threshold, "n-defects", G_TYPE_UINT, n_defects,
      "analysis-time", G_TYPE_UINT64, analysis_time, NULL);

  gst_element_post_message (
      element, gst_message_new_element (GST_OBJECT (element), fields));
}
