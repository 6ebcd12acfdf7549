/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/feclip_properties.h"

#include "feclip/frame_queue.h"
#include "feclip/overload.h"
#include "feclip/roi.h"
#include "feclip/events/postprocess.h"
#include "feclip/settings_properties.h"

void
gst_feclip_install_properties (GObjectClass *klass)
{
  const GParamFlags common = G_PARAM_STATIC_STRINGS | G_PARAM_READWRITE;
  const GParamFlags live = common | GST_PARAM_MUTABLE_PLAYING;

  gst_feclip_settings_install (klass, PROP_FIRST_SETTING);
  gst_feclip_postprocess_install (klass, PROP_FIRST_OF_JUDGE);
  g_object_class_install_property (
      klass, PROP_MODEL,
      g_param_spec_string ("model", "Model", "Another name of model-file", NULL,
                           common | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (
      klass, PROP_INFERENCE_INTERVAL,
      g_param_spec_uint ("inference-interval", "Inference interval",
                         "Analyse every Nth frame; those between carry the "
                         "latest result",
                         1, G_MAXUINT, DEFAULT_INFERENCE_INTERVAL, live));
  g_object_class_install_property (
      klass, PROP_INFERENCE_REGION,
      gst_feclip_inference_region_param_spec (live));
  g_object_class_install_property (
      klass, PROP_ACTIVE,
      g_param_spec_boolean ("active", "Active",
                            "Analyse frames; if not, they pass without "
                            "metadata",
                            DEFAULT_ACTIVE, live));
  g_object_class_install_property (
      klass, PROP_POST_MESSAGES,
      g_param_spec_boolean ("post-messages", "Post messages",
                            "Post an element message for each analysed frame",
                            DEFAULT_POST_MESSAGES, live));
  g_object_class_install_property (
      klass, PROP_NIREQ,
      g_param_spec_uint ("nireq", "Requests",
                         "Frames that may be analysed at the same time", 1,
                         GST_FECLIP_MAX_REQUESTS, DEFAULT_NIREQ,
                         common | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (
      klass, PROP_BATCH_SIZE,
      g_param_spec_uint ("batch-size", "Batch size",
                         "Frames of this element and others with the same "
                         "model and batch-size that go through the network "
                         "together",
                         1, FECLIP_BATCH_MAX, DEFAULT_BATCH_SIZE,
                         common | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (
      klass, PROP_BATCH_TIMEOUT,
      g_param_spec_uint64 ("batch-timeout", "Batch timeout",
                           "How long a frame waits for others to fill a batch, "
                           "in nanoseconds; the largest number: as long as it "
                           "takes",
                           0, G_MAXUINT64, DEFAULT_BATCH_TIMEOUT, live));
  g_object_class_install_property (
      klass, PROP_ON_OVERLOAD,
      g_param_spec_enum ("on-overload", "On overload",
                         "What becomes of a frame that arrives while all "
                         "requests are busy",
                         GST_TYPE_FECLIP_OVERLOAD, DEFAULT_ON_OVERLOAD, live));
  g_object_class_install_property (
      klass, PROP_MAX_DELAY,
      g_param_spec_uint64 ("max-delay", "Maximum delay",
                           "How long a frame waits for its result, in "
                           "nanoseconds, unless on-overload is block",
                           0, G_MAXUINT64, DEFAULT_MAX_DELAY, live));
  g_object_class_install_property (
      klass, PROP_STATS,
      g_param_spec_boxed (
          "stats", "Statistics",
          "Frames, analyses, scores, times in nanoseconds and memory "
          "since the element was started",
          GST_TYPE_STRUCTURE, G_PARAM_STATIC_STRINGS | G_PARAM_READABLE));
  gst_feclip_references_install (klass, PROP_FIRST_REFERENCES);
}
