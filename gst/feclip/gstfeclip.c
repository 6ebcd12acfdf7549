/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-feclip
 * @title: feclip
 * @see_also: feclipoverlay, feclippublish
 *
 * Looks for anomalies in each video frame with FE-CLIP, without having been
 * trained on the objects it sees, and attaches what it found to the frame: a
 * score, a map and the regions of defects. The frames themselves go through
 * untouched, in order and in the memory they came in. See #FeclipVerdict for
 * the metadata.
 *
 * Weights and prompts are loaded when the element goes from NULL to READY.
 * Properties that only matter there, such as #GstFeclip:model-file, take effect
 * at the next change from NULL to READY or from READY to PAUSED. All others can
 * be changed while the element plays, and #GstFeclip:threshold and
 * #GstFeclip:pixel-threshold be controlled over time. New prompts count from
 * the next frame that comes, a new #GstFeclip:adapter-file once it is loaded,
 * which an element message named "feclip-adapters" tells. What cannot be used
 * causes a warning, and what was in force stays so.
 *
 * With #GstFeclip:nireq above 1 that many frames are analysed at the same time,
 * while the next ones arrive, and leave in the order they came; events wait for
 * them. With 1 a frame is analysed in the thread that brings it, unless
 * #GstFeclip:on-overload is set: it says what becomes of frames that come
 * faster than they are analysed. `block` slows upstream down. The others never
 * do that for longer than #GstFeclip:max-delay: `skip` passes such frames on
 * without a result, `reuse-last` with the latest one, whose age they carry.
 * Both post QoS messages. A result that takes longer than #GstFeclip:max-delay
 * goes with the next frame that leaves.
 *
 * The LATENCY query is answered with what frames took lately, and a latency
 * message is posted when that has changed. The base class's `qos` drops frames
 * that are already late instead of analysing them. Elements with the same files
 * share one network in device memory, and with #GstFeclip:batch-size above 1
 * runs of it: a frame then waits for those of others for
 * #GstFeclip:batch-timeout at most. Normal images to compare with come
 * from #GstFeclip:reference-location and #GstFeclip:learn-frames.
 *
 * Frames lie in system memory or, with a build that has GStreamer's Vulkan
 * library, in Vulkan images. Empty buffers, those flagged GAP and those
 * that do not hold a frame pass without metadata. An image-orientation tag
 * turns the image upright for the network; what it found is said in
 * coordinates of the stored frame.
 *
 * ## Messages
 *
 * With #GstFeclip:post-messages, an element message named "feclip" is posted
 * for each analysed frame, with the fields `timestamp`, `stream-time`,
 * `running-time`, `duration` and `analysis-time` (guint64, ns), `score`,
 * `threshold` and `pixel-threshold` (double), `anomalous` (boolean) and
 * `n-defects` (guint).
 *
 * A stretch of anomalous frames is told of by "anomaly-start" and
 * "anomaly-end", unless #GstFeclip:post-events is off.
 *
 * ## Example launch lines
 * |[
 * gst-launch-1.0 filesrc location=parts.mp4 ! decodebin ! videoconvert !
 * feclip model-file=clip.safetensors adapter-file=adapter.safetensors !
 * feclipoverlay ! videoconvert ! autovideosink
 * ]| Shows defects in a recording.
 * |[
 * gst-launch-1.0 -m v4l2src ! feclip model-file=clip.safetensors nireq=2
 * on-overload=reuse-last post-messages=true ! fakesink
 * ]| Prints a message with the score of each frame of a camera that is
 * analysed.
 */
#include "feclip/gstfeclip.h"

#include <feclip/feclip.h>

#include "feclip/feclip_properties.h"
#include "feclip/frame_reader.h"
#include "feclip/session.h"
#include "feclip/dataflow.h"
#include "plugin.h"
#include "feclip/settings_properties.h"
#include "feclip/vulkan/context.h"

#define GST_CAT_DEFAULT gst_feclip_debug

struct _GstFeclip {
  GstBaseTransform parent;

  /* Under the object lock. */
  guint inference_interval;
  GstFeclipInferenceRegion inference_region;
  gboolean active;
  gboolean post_messages;
  GstFeclipOverload on_overload;
  GstClockTime max_delay;
  GstClockTime batch_timeout;

  GstFeclipSession opening;
  GstFeclipDataflow passage;
  GstFeclipReferences references;
  GstFeclipVulkan *vulkan;
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_FECLIP_CAPS));

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_FECLIP_CAPS));

G_DEFINE_FINAL_TYPE (GstFeclip, gst_feclip, GST_TYPE_BASE_TRANSFORM)

GST_ELEMENT_REGISTER_DEFINE (feclip, "feclip", GST_RANK_NONE, GST_TYPE_FECLIP)

static void
gst_feclip_set_property (GObject *object, guint id, const GValue *value,
                         GParamSpec *pspec)
{
  GstFeclip *self = GST_FECLIP (object);

  if (id == PROP_MODEL) {
    gst_feclip_session_set (&self->opening, "model-file", value);
    return;
  }
  if (id >= PROP_FIRST_REFERENCES && id < PROP_FIRST_SETTING) {
    gst_feclip_references_set (&self->references, id - PROP_FIRST_REFERENCES,
                               value);
    gst_feclip_session_mark_changed (&self->opening, pspec->name);
    return;
  }
  if (id >= PROP_FIRST_OF_JUDGE) {
    gst_feclip_postprocess_set_property (&self->passage.judge,
                                         GST_ELEMENT (self),
                                         id - PROP_FIRST_OF_JUDGE, value);
    return;
  }
  if (id >= PROP_FIRST_SETTING) {
    gst_feclip_session_set (&self->opening, pspec->name, value);
    return;
  }

  GST_OBJECT_LOCK (self);
  switch (id) {
  case PROP_INFERENCE_INTERVAL:
    self->inference_interval = g_value_get_uint (value);
    break;
  case PROP_INFERENCE_REGION:
    self->inference_region = g_value_get_enum (value);
    break;
  case PROP_ACTIVE:
    self->active = g_value_get_boolean (value);
    break;
  case PROP_POST_MESSAGES:
    self->post_messages = g_value_get_boolean (value);
    break;
  case PROP_NIREQ:
    self->opening.n_requests = g_value_get_uint (value);
    self->opening.reopen = TRUE;
    break;
  case PROP_BATCH_SIZE:
    self->opening.batch_size = g_value_get_uint (value);
    self->opening.reopen = TRUE;
    break;
  case PROP_BATCH_TIMEOUT:
    self->batch_timeout = g_value_get_uint64 (value);
    break;
  case PROP_ON_OVERLOAD:
    self->on_overload = g_value_get_enum (value);
    break;
  case PROP_MAX_DELAY:
    self->max_delay = g_value_get_uint64 (value);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_feclip_get_property (GObject *object, guint id, GValue *value,
                         GParamSpec *pspec)
{
  GstFeclip *self = GST_FECLIP (object);
  const char *setting = id == PROP_MODEL ? "model-file" : pspec->name;

  if (id >= PROP_FIRST_REFERENCES && id < PROP_FIRST_SETTING) {
    gst_feclip_references_get (&self->references, id - PROP_FIRST_REFERENCES,
                               value);
    return;
  }
  if (id >= PROP_FIRST_OF_JUDGE) {
    gst_feclip_postprocess_get_property (&self->passage.judge,
                                         GST_ELEMENT (self),
                                         id - PROP_FIRST_OF_JUDGE, value);
    return;
  }
  GST_OBJECT_LOCK (self);
  switch (id) {
  case PROP_INFERENCE_INTERVAL:
    g_value_set_uint (value, self->inference_interval);
    break;
  case PROP_INFERENCE_REGION:
    g_value_set_enum (value, self->inference_region);
    break;
  case PROP_ACTIVE:
    g_value_set_boolean (value, self->active);
    break;
  case PROP_POST_MESSAGES:
    g_value_set_boolean (value, self->post_messages);
    break;
  case PROP_NIREQ:
    g_value_set_uint (value, self->opening.n_requests);
    break;
  case PROP_BATCH_SIZE:
    g_value_set_uint (value, self->opening.batch_size);
    break;
  case PROP_BATCH_TIMEOUT:
    g_value_set_uint64 (value, self->batch_timeout);
    break;
  case PROP_ON_OVERLOAD:
    g_value_set_enum (value, self->on_overload);
    break;
  case PROP_MAX_DELAY:
    g_value_set_uint64 (value, self->max_delay);
    break;
  case PROP_STATS:
    g_value_take_boxed (value, gst_feclip_dataflow_get_stats (&self->passage));
    break;
  default:
    g_object_get_property (G_OBJECT (self->opening.settings), setting, value);
  }
  GST_OBJECT_UNLOCK (self);
}

/* Properties that are set together arrive here together. */
static void
gst_feclip_dispatch_properties_changed (GObject *object, guint n,
                                        GParamSpec **pspecs)
{
  G_OBJECT_CLASS (gst_feclip_parent_class)
      ->dispatch_properties_changed (object, n, pspecs);
  gst_feclip_session_begin_change (&GST_FECLIP (object)->opening);
}

static GstFeclipFrameParams
read_terms (GstFeclip *self)
{
  GstFeclipFrameParams terms = {0};

  GST_OBJECT_LOCK (self);
  g_object_get (self->opening.settings, "threshold", &terms.threshold,
                "pixel-threshold", &terms.pixel_threshold, "min-area",
                &terms.min_area, NULL);
  terms.interval = self->inference_interval;
  terms.region = self->inference_region;
  terms.active = self->active;
  terms.post_messages = self->post_messages;
  terms.on_overload = self->on_overload;
  terms.max_delay = self->max_delay;
  terms.batch_timeout = self->batch_timeout;
  GST_OBJECT_UNLOCK (self);
  return terms;
}

GstFeclipReferences *
gst_feclip_get_references (GstFeclip *self)
{
  return &self->references;
}

static GstStateChangeReturn
gst_feclip_change_state (GstElement *element, GstStateChange transition)
{
  GstFeclip *self = GST_FECLIP (element);
  GstStateChangeReturn ret = GST_STATE_CHANGE_FAILURE;

  if ((transition == GST_STATE_CHANGE_NULL_TO_READY
       || transition == GST_STATE_CHANGE_READY_TO_PAUSED)
      && !gst_feclip_calibrator_open (&self->passage.judge.calibrator, element,
                                      transition
                                          == GST_STATE_CHANGE_NULL_TO_READY))
    return GST_STATE_CHANGE_FAILURE;
  if (transition == GST_STATE_CHANGE_NULL_TO_READY
      && !gst_feclip_session_open (&self->opening))
    return GST_STATE_CHANGE_FAILURE;
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED
      && gst_feclip_session_needs_open (&self->opening)
      && !gst_feclip_session_open (&self->opening))
    return GST_STATE_CHANGE_FAILURE;
  gst_feclip_vulkan_set_model (self->vulkan, self->opening.model);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING
      || transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED)
    gst_feclip_frame_queue_set_playing (
        self->passage.lane, transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING);
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    gst_feclip_session_start (&self->opening);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    gst_feclip_session_stop (&self->opening);
    gst_feclip_dataflow_unblock (&self->passage);
  }

  ret = GST_ELEMENT_CLASS (gst_feclip_parent_class)
            ->change_state (element, transition);

  if (transition == GST_STATE_CHANGE_READY_TO_NULL) {
    gst_feclip_vulkan_set_model (self->vulkan, NULL);
    gst_feclip_session_close (&self->opening);
  }
  return ret;
}

static void
gst_feclip_set_context (GstElement *element, GstContext *context)
{
  gst_feclip_vulkan_set_context (GST_FECLIP (element)->vulkan, element,
                                 context);
  GST_ELEMENT_CLASS (gst_feclip_parent_class)->set_context (element, context);
}

/* Streaming */

static gboolean
gst_feclip_start (GstBaseTransform *trans)
{
  GstFeclip *self = GST_FECLIP (trans);

  if (self->passage.lane == NULL)
    return FALSE;
  gst_feclip_dataflow_start (&self->passage);
  return TRUE;
}

static gboolean
gst_feclip_stop (GstBaseTransform *trans)
{
  gst_feclip_dataflow_stop (&GST_FECLIP (trans)->passage);
  return TRUE;
}

static gboolean
gst_feclip_set_caps (GstBaseTransform *trans, GstCaps *in, GstCaps *out)
{
  GstFeclip *self = GST_FECLIP (trans);
  GstVideoInfo info;

  if (!gst_video_info_from_caps (&info, in))
    return FALSE;
  gst_feclip_vulkan_negotiate (self->vulkan, GST_ELEMENT (self), in);
  gst_feclip_dataflow_set_info (&self->passage, &info);
  return TRUE;
}

static gboolean
gst_feclip_sink_event (GstBaseTransform *trans, GstEvent *event)
{
  GstFeclip *self = GST_FECLIP (trans);
  gboolean flushed = GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP;
  gboolean ret = FALSE;

  if (!gst_feclip_dataflow_before_event (&self->passage, event)) {
    gst_event_unref (event);
    return FALSE;
  }
  ret = GST_BASE_TRANSFORM_CLASS (gst_feclip_parent_class)
            ->sink_event (trans, event);
  if (flushed)
    gst_feclip_dataflow_after_flush (&self->passage);
  return ret;
}

static gboolean
gst_feclip_query (GstBaseTransform *trans, GstPadDirection direction,
                  GstQuery *query)
{
  GstFeclip *self = GST_FECLIP (trans);

  if (direction == GST_PAD_SRC && GST_QUERY_TYPE (query) == GST_QUERY_LATENCY)
    return gst_feclip_dataflow_answer_latency (&self->passage, query);
  /* Keeps its place among the frames, as a serialized event does. */
  if (direction == GST_PAD_SINK && GST_QUERY_IS_SERIALIZED (query)
      && !gst_feclip_dataflow_drain (&self->passage))
    return FALSE;
  if (GST_QUERY_TYPE (query) == GST_QUERY_CONTEXT
      && gst_feclip_vulkan_answer (self->vulkan, GST_ELEMENT (self), query,
                                   FALSE))
    return TRUE;
  if (GST_BASE_TRANSFORM_CLASS (gst_feclip_parent_class)
          ->query (trans, direction, query))
    return TRUE;
  /* What nobody else has is made here. */
  return GST_QUERY_TYPE (query) == GST_QUERY_CONTEXT
         && gst_feclip_vulkan_answer (self->vulkan, GST_ELEMENT (self), query,
                                      TRUE);
}

static GstFlowReturn
gst_feclip_submit_input_buffer (GstBaseTransform *trans, gboolean discont,
                                GstBuffer *input)
{
  GstFlowReturn flow = GST_BASE_TRANSFORM_CLASS (gst_feclip_parent_class)
                           ->submit_input_buffer (trans, discont, input);

  if (flow == GST_BASE_TRANSFORM_FLOW_DROPPED)
    GST_FECLIP (trans)->passage.discont = TRUE;
  return flow;
}

static GstFlowReturn
gst_feclip_generate_output (GstBaseTransform *trans, GstBuffer **out)
{
  GstFeclip *self = GST_FECLIP (trans);
  g_autoptr (GstBuffer) buffer = g_steal_pointer (&trans->queued_buf);
  GstFeclipFrameParams terms = {0};

  if (buffer == NULL)
    return GST_FLOW_OK;
  if (!self->passage.negotiated)
    return GST_FLOW_NOT_NEGOTIATED;
  gst_feclip_settings_sync (trans, buffer);
  terms = read_terms (self);
  gst_feclip_session_apply (&self->opening, &terms);
  return gst_feclip_dataflow_push (&self->passage, g_steal_pointer (&buffer),
                                   &terms, out);
}

static void
gst_feclip_finalize (GObject *object)
{
  GstFeclip *self = GST_FECLIP (object);

  gst_feclip_vulkan_free (self->vulkan);
  gst_feclip_references_clear (&self->references);
  gst_feclip_postprocess_clear (&self->passage.judge);
  gst_feclip_session_clear (&self->opening);
  G_OBJECT_CLASS (gst_feclip_parent_class)->finalize (object);
}

/* Action signals */

static gboolean
gst_feclip_calibrate (GstFeclip *self, guint n_frames, double false_alarm_rate)
{
  return gst_feclip_calibrator_start (&self->passage.judge.calibrator,
                                      GST_ELEMENT (self), n_frames,
                                      false_alarm_rate);
}

static gboolean
gst_feclip_save_calibration (GstFeclip *self, const char *path)
{
  return gst_feclip_calibrator_save (&self->passage.judge.calibrator,
                                     GST_ELEMENT (self), path);
}

static void
install_signals (GObjectClass *klass)
{
  const GSignalFlags flags = G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION;

  /**
   * GstFeclip::calibrate:
   * @n_frames: how many frames to take
   * @false_alarm_rate: share of normal frames that may be called anomalous
   *
   * Starts a calibration: takes the next analysed frames as normal ones and
   * then sets #GstFeclip:threshold and #GstFeclip:pixel-threshold from them.
   *
   * Returns: %FALSE if an argument is out of range
   */
  g_signal_new_class_handler ("calibrate", G_TYPE_FROM_CLASS (klass), flags,
                              G_CALLBACK (gst_feclip_calibrate), NULL, NULL,
                              NULL, G_TYPE_BOOLEAN, 2, G_TYPE_UINT,
                              G_TYPE_DOUBLE);
  /**
   * GstFeclip::save-calibration:
   * @path: the file, which is replaced
   *
   * Writes the latest calibration, finished or loaded, to a file for
   * #GstFeclip:calibration-file.
   *
   * Returns: whether that succeeded
   */
  g_signal_new_class_handler ("save-calibration", G_TYPE_FROM_CLASS (klass),
                              flags, G_CALLBACK (gst_feclip_save_calibration),
                              NULL, NULL, NULL, G_TYPE_BOOLEAN, 1,
                              G_TYPE_STRING);
}

static void
gst_feclip_class_init (GstFeclipClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseTransformClass *trans_class = GST_BASE_TRANSFORM_CLASS (klass);

  object_class->set_property = gst_feclip_set_property;
  object_class->get_property = gst_feclip_get_property;
  object_class->finalize = gst_feclip_finalize;
  object_class->dispatch_properties_changed =
      gst_feclip_dispatch_properties_changed;
  gst_feclip_install_properties (object_class);
  install_signals (object_class);

  gst_element_class_set_static_metadata (
      element_class, "FE-CLIP anomaly detector", "Filter/Analyzer/Video",
      "Finds anomalies in video frames with FE-CLIP on Vulkan",
      "The feclip authors");
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  element_class->change_state = gst_feclip_change_state;
  element_class->set_context = gst_feclip_set_context;

  trans_class->start = gst_feclip_start;
  trans_class->stop = gst_feclip_stop;
  trans_class->set_caps = gst_feclip_set_caps;
  trans_class->sink_event = gst_feclip_sink_event;
  trans_class->query = gst_feclip_query;
  trans_class->submit_input_buffer = gst_feclip_submit_input_buffer;
  trans_class->generate_output = gst_feclip_generate_output;
}

static void
gst_feclip_init (GstFeclip *self)
{
  self->vulkan = gst_feclip_vulkan_new ();
  gst_feclip_references_init (&self->references);
  self->inference_interval = DEFAULT_INFERENCE_INTERVAL;
  self->active = DEFAULT_ACTIVE;
  self->post_messages = DEFAULT_POST_MESSAGES;
  gst_feclip_session_init (&self->opening, GST_ELEMENT (self), &self->passage,
                           &self->references);
  gst_feclip_postprocess_init (&self->passage.judge, self->opening.settings);
  self->opening.n_requests = DEFAULT_NIREQ;
  self->opening.batch_size = DEFAULT_BATCH_SIZE;
  self->batch_timeout = DEFAULT_BATCH_TIMEOUT;
  self->on_overload = DEFAULT_ON_OVERLOAD;
  self->max_delay = DEFAULT_MAX_DELAY;
  self->passage.element = GST_BASE_TRANSFORM (self);
  /* Caps and allocation pass as if the element were not there; the buffer that
   * carries the metadata comes from generate_output(). */
  gst_base_transform_set_passthrough (GST_BASE_TRANSFORM (self), TRUE);
}
