/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-feclip
 * @title: feclip
 * @see_also: feclipoverlay, feclippublish
 *
 * Detects anomalies in each video frame with FE-CLIP, without training on the
 * objects in it, and attaches the result to the frame: a score, a map and the
 * regions of defects. The frames themselves are not changed or copied, and keep
 * their order. See #FeclipVerdict for the metadata.
 *
 * Weights and prompts are loaded when the element goes from NULL to READY.
 * Properties that are only read then, such as #GstFeclip:model-file, take
 * effect at the next change from NULL to READY or from READY to PAUSED. All
 * others can be changed while the element plays, and #GstFeclip:threshold and
 * #GstFeclip:pixel-threshold can be controlled over time. New prompts take
 * effect with the next frame, a new #GstFeclip:adapter-file when it has been
 * loaded, which is announced by an element message named "feclip-adapters". A
 * value that cannot be used causes a warning, and the old one stays in force.
 *
 * With #GstFeclip:nireq above 1 that many frames are analysed at the same time.
 * They are pushed downstream in the order they arrived; serialized events wait
 * for them. With 1 a frame is analysed in the upstream streaming thread, unless
 * #GstFeclip:on-overload is set, which controls what happens to frames that
 * arrive faster than they are analysed: `block` slows upstream down; the other
 * values delay a frame by at most #GstFeclip:max-delay. `skip` pushes the frame
 * without a result, `reuse-last` with the latest one and its age. Both post QoS
 * messages. A result that takes longer than #GstFeclip:max-delay is attached to
 * the next frame that is pushed.
 *
 * The LATENCY query is answered with the measured delay of the latest frames,
 * and a latency message is posted when that has changed. The base class's `qos`
 * drops frames that are already late instead of analysing them. Elements with
 * the same files share one network in device memory, and with
 * #GstFeclip:batch-size above 1 also its runs: a frame then waits for frames of
 * other elements, at most for #GstFeclip:batch-timeout. Normal images to
 * compare with are set by #GstFeclip:reference-location and
 * #GstFeclip:learn-frames.
 *
 * Frames are in system memory or, in a build with GStreamer's Vulkan library,
 * in Vulkan images. Empty buffers, buffers flagged GAP and buffers that do not
 * hold a frame are pushed without metadata. Frames are turned upright for the
 * network as their image-orientation tag says; results are in coordinates of
 * the stored frame.
 *
 * ## Messages
 *
 * With #GstFeclip:post-messages, an element message named "feclip" is posted
 * for each analysed frame, with the fields `timestamp`, `stream-time`,
 * `running-time`, `duration` and `analysis-time` (guint64, ns), `score`,
 * `threshold` and `pixel-threshold` (double), `anomalous` (boolean) and
 * `n-defects` (guint).
 *
 * A sequence of anomalous frames is announced by "anomaly-start" and
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

#include "feclip/dataflow.h"
#include "feclip/events/calibrator.h"
#include "feclip/events/postprocess.h"
#include "feclip/frame_queue.h"
#include "feclip/frame_reader.h"
#include "feclip/references.h"
#include "feclip/session.h"
#include "feclip/settings_properties.h"
#include "feclip/vulkan/context.h"
#include "plugin.h"

#define GST_CAT_DEFAULT gst_feclip_debug

/* Defaults of the element's own properties. */
#define DEFAULT_INFERENCE_INTERVAL 1
#define DEFAULT_ACTIVE TRUE
#define DEFAULT_POST_MESSAGES FALSE
/* Each worker needs device memory for the activations of a network. */
#define DEFAULT_NIREQ 1
#define DEFAULT_BATCH_SIZE 1
/* Long enough for streams with synchronous frames to share a batch, short
 * enough that a late camera does not visibly delay the others. */
#define DEFAULT_BATCH_TIMEOUT (10 * GST_MSECOND)
#define DEFAULT_ON_OVERLOAD GST_FECLIP_OVERLOAD_BLOCK
#define DEFAULT_MAX_DELAY (500 * GST_MSECOND)

/* Those of references, settings and postprocessing follow the own ones. */
enum {
  PROP_0,
  PROP_MODEL,
  PROP_INFERENCE_INTERVAL,
  PROP_INFERENCE_REGION,
  PROP_ACTIVE,
  PROP_POST_MESSAGES,
  PROP_NIREQ,
  PROP_BATCH_SIZE,
  PROP_BATCH_TIMEOUT,
  PROP_ON_OVERLOAD,
  PROP_MAX_DELAY,
  PROP_STATS,
  PROP_FIRST_REFERENCES,
  PROP_FIRST_SETTING =
      PROP_FIRST_REFERENCES + GST_FECLIP_REFERENCES_N_PROPERTIES,
  PROP_FIRST_POSTPROCESS = 1000,
};

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

  GstFeclipSession session;
  GstFeclipDataflow dataflow;
  GstFeclipReferences references;
  GstFeclipVulkan *vulkan;
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_FECLIP_CAPS));

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_FECLIP_CAPS));

G_DEFINE_FINAL_TYPE (GstFeclip, gst_feclip, GST_TYPE_BASE_TRANSFORM)

GST_ELEMENT_REGISTER_DEFINE (feclip, "feclip", GST_RANK_NONE, GST_TYPE_FECLIP)

/* Properties */

static GType
get_region_type (void)
{
  static const GEnumValue values[] = {
      {GST_FECLIP_INFERENCE_REGION_FULL_FRAME, "The frame", "full-frame"},
      {GST_FECLIP_INFERENCE_REGION_ROI_LIST,
       "Each region of interest that other elements have put on the frame",
       "roi-list"},
      {0, NULL, NULL},
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (
        &type, g_enum_register_static ("GstFeclipInferenceRegion", values));
  return type;
}

static GType
get_overload_type (void)
{
  static const GEnumValue values[] = {
      {GST_FECLIP_OVERLOAD_BLOCK, "Wait until a request is free", "block"},
      {GST_FECLIP_OVERLOAD_SKIP, "Pass the frame on without a result", "skip"},
      {GST_FECLIP_OVERLOAD_REUSE_LAST,
       "Pass the frame on with the latest result", "reuse-last"},
      {0, NULL, NULL},
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
                       g_enum_register_static ("GstFeclipOverload", values));
  return type;
}

static void
install_analysis_properties (GObjectClass *klass)
{
  const GParamFlags common = G_PARAM_STATIC_STRINGS | G_PARAM_READWRITE;
  const GParamFlags live = common | GST_PARAM_MUTABLE_PLAYING;

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
      g_param_spec_enum ("inference-region", "Inference region",
                         "What is analysed as one image", get_region_type (),
                         GST_FECLIP_INFERENCE_REGION_FULL_FRAME, live));
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
}

static void
install_scheduling_properties (GObjectClass *klass)
{
  const GParamFlags common = G_PARAM_STATIC_STRINGS | G_PARAM_READWRITE;
  const GParamFlags live = common | GST_PARAM_MUTABLE_PLAYING;

  g_object_class_install_property (
      klass, PROP_NIREQ,
      g_param_spec_uint ("nireq", "Requests",
                         "Frames that may be analysed at the same time", 1,
                         GST_FECLIP_MAX_WORKERS, DEFAULT_NIREQ,
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
                         get_overload_type (), DEFAULT_ON_OVERLOAD, live));
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
}

static void
gst_feclip_set_property (GObject *object, guint id, const GValue *value,
                         GParamSpec *pspec)
{
  GstFeclip *self = GST_FECLIP (object);

  if (id == PROP_MODEL) {
    gst_feclip_session_set (&self->session, "model-file", value);
    return;
  }
  if (id >= PROP_FIRST_REFERENCES && id < PROP_FIRST_SETTING) {
    gst_feclip_references_set (&self->references, id - PROP_FIRST_REFERENCES,
                               value);
    gst_feclip_session_mark_changed (&self->session, pspec->name);
    return;
  }
  if (id >= PROP_FIRST_POSTPROCESS) {
    gst_feclip_postprocess_set_property (&self->dataflow.postprocess,
                                         GST_ELEMENT (self),
                                         id - PROP_FIRST_POSTPROCESS, value);
    return;
  }
  if (id >= PROP_FIRST_SETTING) {
    gst_feclip_session_set (&self->session, pspec->name, value);
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
    self->session.n_workers = g_value_get_uint (value);
    self->session.reopen = TRUE;
    break;
  case PROP_BATCH_SIZE:
    self->session.batch_size = g_value_get_uint (value);
    self->session.reopen = TRUE;
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
  if (id >= PROP_FIRST_POSTPROCESS) {
    gst_feclip_postprocess_get_property (&self->dataflow.postprocess,
                                         GST_ELEMENT (self),
                                         id - PROP_FIRST_POSTPROCESS, value);
    return;
  }
  if (id == PROP_STATS) { /* queries the device without the object lock */
    g_value_take_boxed (value, gst_feclip_dataflow_get_stats (&self->dataflow));
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
    g_value_set_uint (value, self->session.n_workers);
    break;
  case PROP_BATCH_SIZE:
    g_value_set_uint (value, self->session.batch_size);
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
  default:
    g_object_get_property (G_OBJECT (self->session.settings), setting, value);
  }
  GST_OBJECT_UNLOCK (self);
}

/* Called once for all properties that are set together. */
static void
gst_feclip_dispatch_properties_changed (GObject *object, guint n,
                                        GParamSpec **pspecs)
{
  G_OBJECT_CLASS (gst_feclip_parent_class)
      ->dispatch_properties_changed (object, n, pspecs);
  gst_feclip_session_begin_change (&GST_FECLIP (object)->session);
}

/* Moves the controlled properties of @element to the time of @buffer. */
static void
sync_properties (GstBaseTransform *element, GstBuffer *buffer)
{
  const GstSegment *segment = &element->segment;
  GstClockTime time = GST_CLOCK_TIME_NONE;

  if (segment->format == GST_FORMAT_TIME)
    time = gst_segment_to_stream_time (segment, GST_FORMAT_TIME,
                                       GST_BUFFER_PTS (buffer));
  if (GST_CLOCK_TIME_IS_VALID (time))
    gst_object_sync_values (GST_OBJECT (element), time);
}

static GstFeclipFrameParams
read_params (GstFeclip *self)
{
  GstFeclipFrameParams params = {0};

  GST_OBJECT_LOCK (self);
  g_object_get (self->session.settings, "threshold", &params.threshold,
                "pixel-threshold", &params.pixel_threshold, "min-area",
                &params.min_area, NULL);
  params.interval = self->inference_interval;
  params.region = self->inference_region;
  params.active = self->active;
  params.post_messages = self->post_messages;
  params.on_overload = self->on_overload;
  params.max_delay = self->max_delay;
  params.batch_timeout = self->batch_timeout;
  GST_OBJECT_UNLOCK (self);
  return params;
}

/* Actions */

static void
gst_feclip_learn (GstFeclip *self, guint n_frames)
{
  gst_feclip_references_learn_next (&self->references, n_frames);
}

static void
gst_feclip_clear_references (GstFeclip *self)
{
  gst_feclip_references_forget (&self->references);
}

static gboolean
gst_feclip_save_references (GstFeclip *self, const char *path)
{
  g_autoptr (GError) error = NULL;

  if (gst_feclip_references_save (&self->references, path, &error))
    return TRUE;
  GST_ELEMENT_WARNING (self, RESOURCE, WRITE, ("%s", error->message), (NULL));
  return FALSE;
}

static gboolean
gst_feclip_calibrate (GstFeclip *self, guint n_frames, double false_alarm_rate)
{
  return gst_feclip_calibrator_start (&self->dataflow.postprocess.calibrator,
                                      GST_ELEMENT (self), n_frames,
                                      false_alarm_rate);
}

static gboolean
gst_feclip_save_calibration (GstFeclip *self, const char *path)
{
  return gst_feclip_calibrator_save (&self->dataflow.postprocess.calibrator,
                                     GST_ELEMENT (self), path);
}

static void
install_actions (GType type)
{
  const GSignalFlags flags = G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION;

  /**
   * GstFeclip::learn:
   * @element: the element
   * @n_frames: how many
   *
   * Adds the next frames to the normal images.
   */
  g_signal_new_class_handler ("learn", type, flags,
                              G_CALLBACK (gst_feclip_learn), NULL, NULL, NULL,
                              G_TYPE_NONE, 1, G_TYPE_UINT);
  /**
   * GstFeclip::clear-references:
   * @element: the element
   *
   * Removes all normal images, from the next frame on.
   */
  g_signal_new_class_handler ("clear-references", type, flags,
                              G_CALLBACK (gst_feclip_clear_references), NULL,
                              NULL, NULL, G_TYPE_NONE, 0);
  /**
   * GstFeclip::save-references:
   * @element: the element
   * @path: the file to write
   *
   * Writes the normal images to a file for #GstFeclip:reference-location.
   *
   * Returns: whether it was written; if not, a warning is posted
   */
  g_signal_new_class_handler ("save-references", type, flags,
                              G_CALLBACK (gst_feclip_save_references), NULL,
                              NULL, NULL, G_TYPE_BOOLEAN, 1, G_TYPE_STRING);
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
  g_signal_new_class_handler (
      "calibrate", type, flags, G_CALLBACK (gst_feclip_calibrate), NULL, NULL,
      NULL, G_TYPE_BOOLEAN, 2, G_TYPE_UINT, G_TYPE_DOUBLE);
  /**
   * GstFeclip::save-calibration:
   * @path: the file, which is replaced
   *
   * Writes the latest calibration, finished or loaded, to a file for
   * #GstFeclip:calibration-file.
   *
   * Returns: whether that succeeded
   */
  g_signal_new_class_handler ("save-calibration", type, flags,
                              G_CALLBACK (gst_feclip_save_calibration), NULL,
                              NULL, NULL, G_TYPE_BOOLEAN, 1, G_TYPE_STRING);
}

/* States */

static GstStateChangeReturn
gst_feclip_change_state (GstElement *element, GstStateChange transition)
{
  GstFeclip *self = GST_FECLIP (element);
  GstStateChangeReturn ret = GST_STATE_CHANGE_FAILURE;

  if ((transition == GST_STATE_CHANGE_NULL_TO_READY
       || transition == GST_STATE_CHANGE_READY_TO_PAUSED)
      && !gst_feclip_calibrator_open (
          &self->dataflow.postprocess.calibrator, element,
          transition == GST_STATE_CHANGE_NULL_TO_READY))
    return GST_STATE_CHANGE_FAILURE;
  if (transition == GST_STATE_CHANGE_NULL_TO_READY
      && !gst_feclip_session_open (&self->session))
    return GST_STATE_CHANGE_FAILURE;
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED
      && gst_feclip_session_needs_open (&self->session)
      && !gst_feclip_session_open (&self->session))
    return GST_STATE_CHANGE_FAILURE;
  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING
      || transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED)
    gst_feclip_frame_queue_set_playing (
        self->dataflow.queue, transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING);
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    gst_feclip_session_start (&self->session);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    gst_feclip_session_stop (&self->session);
    gst_feclip_dataflow_unblock (&self->dataflow);
  }

  ret = GST_ELEMENT_CLASS (gst_feclip_parent_class)
            ->change_state (element, transition);

  if (transition == GST_STATE_CHANGE_READY_TO_NULL)
    gst_feclip_session_close (&self->session);
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

  if (self->dataflow.queue == NULL)
    return FALSE;
  gst_feclip_dataflow_start (&self->dataflow);
  return TRUE;
}

static gboolean
gst_feclip_stop (GstBaseTransform *trans)
{
  gst_feclip_dataflow_stop (&GST_FECLIP (trans)->dataflow);
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
  gst_feclip_dataflow_set_info (&self->dataflow, &info);
  return TRUE;
}

static gboolean
gst_feclip_sink_event (GstBaseTransform *trans, GstEvent *event)
{
  GstFeclip *self = GST_FECLIP (trans);
  gboolean flushed = GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP;
  gboolean flushing = GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_START;
  gboolean ret = FALSE;

  if (!gst_feclip_dataflow_before_event (&self->dataflow, event)) {
    gst_event_unref (event);
    return FALSE;
  }
  /* After the frame queue, so that the frame that waits does not enter it. */
  if (flushing)
    gst_feclip_session_set_flushing (&self->session, TRUE);
  ret = GST_BASE_TRANSFORM_CLASS (gst_feclip_parent_class)
            ->sink_event (trans, event);
  if (flushed) {
    gst_feclip_session_set_flushing (&self->session, FALSE);
    gst_feclip_dataflow_after_flush (&self->dataflow);
  }
  return ret;
}

static gboolean
gst_feclip_query (GstBaseTransform *trans, GstPadDirection direction,
                  GstQuery *query)
{
  GstFeclip *self = GST_FECLIP (trans);

  if (direction == GST_PAD_SRC && GST_QUERY_TYPE (query) == GST_QUERY_LATENCY)
    return gst_feclip_dataflow_answer_latency (&self->dataflow, query);
  /* A serialized query keeps its place among the frames, as an event does. */
  if (direction == GST_PAD_SINK && GST_QUERY_IS_SERIALIZED (query)
      && !gst_feclip_dataflow_drain (&self->dataflow))
    return FALSE;
  if (GST_QUERY_TYPE (query) == GST_QUERY_CONTEXT
      && gst_feclip_vulkan_answer (self->vulkan, GST_ELEMENT (self), query,
                                   FALSE))
    return TRUE;
  if (GST_BASE_TRANSFORM_CLASS (gst_feclip_parent_class)
          ->query (trans, direction, query))
    return TRUE;
  /* No neighbour has one: create it. */
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
    GST_FECLIP (trans)->dataflow.discont = TRUE;
  return flow;
}

static GstFlowReturn
gst_feclip_generate_output (GstBaseTransform *trans, GstBuffer **out)
{
  GstFeclip *self = GST_FECLIP (trans);
  g_autoptr (GstBuffer) buffer = g_steal_pointer (&trans->queued_buf);
  GstFeclipFrameParams params = {0};

  if (buffer == NULL)
    return GST_FLOW_OK;
  if (!self->dataflow.negotiated)
    return GST_FLOW_NOT_NEGOTIATED;
  sync_properties (trans, buffer);
  params = read_params (self);
  gst_feclip_session_apply (&self->session, &params);
  return gst_feclip_dataflow_push (&self->dataflow, g_steal_pointer (&buffer),
                                   &params, out);
}

static void
gst_feclip_finalize (GObject *object)
{
  GstFeclip *self = GST_FECLIP (object);

  gst_feclip_vulkan_free (self->vulkan);
  gst_feclip_references_clear (&self->references);
  gst_feclip_postprocess_clear (&self->dataflow.postprocess);
  gst_feclip_session_clear (&self->session);
  G_OBJECT_CLASS (gst_feclip_parent_class)->finalize (object);
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
  install_analysis_properties (object_class);
  install_scheduling_properties (object_class);
  gst_feclip_settings_install (object_class, PROP_FIRST_SETTING);
  gst_feclip_postprocess_install (object_class, PROP_FIRST_POSTPROCESS);
  gst_feclip_references_install (object_class, PROP_FIRST_REFERENCES);
  install_actions (G_OBJECT_CLASS_TYPE (klass));

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
  gst_feclip_session_init (&self->session, GST_ELEMENT (self), &self->dataflow,
                           &self->references, self->vulkan);
  gst_feclip_postprocess_init (&self->dataflow.postprocess,
                               self->session.settings);
  self->session.n_workers = DEFAULT_NIREQ;
  self->session.batch_size = DEFAULT_BATCH_SIZE;
  self->batch_timeout = DEFAULT_BATCH_TIMEOUT;
  self->on_overload = DEFAULT_ON_OVERLOAD;
  self->max_delay = DEFAULT_MAX_DELAY;
  self->dataflow.element = GST_BASE_TRANSFORM (self);
  self->dataflow.references = &self->references;
  /* Caps and allocation pass as if the element were not there; the buffer that
   * carries the metadata comes from generate_output(). */
  gst_base_transform_set_passthrough (GST_BASE_TRANSFORM (self), TRUE);
}
