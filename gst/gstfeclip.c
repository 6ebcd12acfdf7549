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
 * #GstFeclip:pixel-threshold be controlled over time.
 *
 * The analysis runs in the streaming thread; the element adds no latency of its
 * own to the LATENCY query and passes QoS events on. A `queue` before it that
 * leaks keeps a live pipeline on time where the network is slower than the
 * camera, as does #GstFeclip:inference-interval. Set the base class's `qos` to
 * drop frames that are already late instead of analysing them.
 *
 * Frames must lie in system memory. Empty buffers, those flagged GAP and those
 * that do not hold a frame pass without metadata. An image-orientation tag
 * turns the picture upright for the network; what it found is said in
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
 * ## Example launch lines
 * |[
 * gst-launch-1.0 filesrc location=parts.mp4 ! decodebin ! videoconvert !
 * feclip model-file=clip.safetensors adapter-file=adapter.safetensors !
 * feclipoverlay ! videoconvert ! autovideosink
 * ]| Shows defects in a recording.
 * |[
 * gst-launch-1.0 -m v4l2src ! queue leaky=downstream max-size-buffers=1 !
 * feclip model-file=clip.safetensors post-messages=true ! fakesink
 * ]| Prints a message with the score of each frame of a camera.
 */
#include "gstfeclip.h"

#include <feclip/feclip.h>
#include <feclip/gst/meta.h>

#include "plugin.h"
#include "report.h"
#include "settings_properties.h"
#include "stats.h"
#include "stream.h"

#define GST_CAT_DEFAULT gst_feclip_debug

#define DEFAULT_INFERENCE_INTERVAL 1
#define DEFAULT_ACTIVE TRUE
#define DEFAULT_POST_MESSAGES FALSE

enum {
  PROP_0,
  PROP_MODEL,
  PROP_INFERENCE_INTERVAL,
  PROP_INFERENCE_REGION,
  PROP_ACTIVE,
  PROP_POST_MESSAGES,
  PROP_STATS,
  PROP_FIRST_SETTING,
};

struct _GstFeclip {
  GstBaseTransform parent;

  /* Under the object lock. */
  FeclipSettings *settings;
  gboolean reopen; /* a setting changed since model and detector were made */
  gboolean regions_changed; /* since the detector read them */
  guint inference_interval;
  GstFeclipInferenceRegion inference_region;
  gboolean active;
  gboolean post_messages;
  GstFeclipStats stats;

  /* Of state changes, and of the streaming thread between them. */
  FeclipModel *model;
  FeclipDetector *detector;

  /* Of the streaming thread. */
  GstFeclipStream stream;
};

/* What a frame is judged by, read once for it. */
typedef struct {
  double threshold;
  double pixel_threshold;
  guint interval;
  GstFeclipInferenceRegion region;
  gboolean active;
  gboolean post_messages;
} Terms;

/* First what is read without conversion, for upstream to choose from. */
#define NATIVE_FORMATS \
  "{ NV12, I420, YV12, NV21, YUY2, UYVY, Y42B, Y444, RGB, BGR, RGBx, BGRx, " \
  "xRGB, xBGR, RGBA, BGRA, ARGB, ABGR, A420, AV12, GRAY8 }"

#define CAPS_WITH(formats) \
  GST_VIDEO_CAPS_MAKE (formats) \
  ";" GST_VIDEO_CAPS_MAKE_WITH_FEATURES ( \
      GST_CAPS_FEATURE_MEMORY_SYSTEM_MEMORY \
      "," GST_CAPS_FEATURE_META_GST_VIDEO_OVERLAY_COMPOSITION, \
      formats)

#define CAPS CAPS_WITH (NATIVE_FORMATS) ";" CAPS_WITH (GST_VIDEO_FORMATS_ALL)

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (CAPS));

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (CAPS));

G_DEFINE_FINAL_TYPE (GstFeclip, gst_feclip, GST_TYPE_BASE_TRANSFORM)

GST_ELEMENT_REGISTER_DEFINE (feclip, "feclip", GST_RANK_NONE, GST_TYPE_FECLIP)

static void
set_setting (GstFeclip *self, const char *name, const GValue *value)
{
  gboolean late = FALSE;

  GST_OBJECT_LOCK (self);
  g_object_set_property (G_OBJECT (self->settings), name, value);
  self->reopen = TRUE;
  late = GST_STATE (self) > GST_STATE_READY;
  GST_OBJECT_UNLOCK (self);
  if (late)
    GST_WARNING_OBJECT (self, "%s takes effect when the element starts again",
                        name);
}

static void
set_frame_setting (GstFeclip *self, GParamSpec *pspec, const GValue *value)
{
  GST_OBJECT_LOCK (self);
  g_object_set_property (G_OBJECT (self->settings), pspec->name, value);
  self->regions_changed |= gst_feclip_settings_is_region (pspec);
  GST_OBJECT_UNLOCK (self);
}

static void
gst_feclip_set_property (GObject *object, guint id, const GValue *value,
                         GParamSpec *pspec)
{
  GstFeclip *self = GST_FECLIP (object);

  if (id == PROP_MODEL) {
    set_setting (self, "model-file", value);
    return;
  }
  if (id >= PROP_FIRST_SETTING) {
    if (gst_feclip_settings_is_fixed (pspec))
      set_setting (self, pspec->name, value);
    else
      set_frame_setting (self, pspec, value);
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
  case PROP_STATS:
    g_value_take_boxed (value, gst_feclip_stats_to_structure (&self->stats));
    break;
  default:
    g_object_get_property (G_OBJECT (self->settings), setting, value);
  }
  GST_OBJECT_UNLOCK (self);
}

static Terms
read_terms (GstFeclip *self)
{
  Terms terms = {0};

  GST_OBJECT_LOCK (self);
  g_object_get (self->settings, "threshold", &terms.threshold,
                "pixel-threshold", &terms.pixel_threshold, NULL);
  terms.interval = self->inference_interval;
  terms.region = self->inference_region;
  terms.active = self->active;
  terms.post_messages = self->post_messages;
  self->stats.frames++;
  GST_OBJECT_UNLOCK (self);
  return terms;
}

/* Model and detector */

static void
close_detector (GstFeclip *self)
{
  g_clear_object (&self->detector);
  g_clear_object (&self->model);
}

static gboolean
open_detector (GstFeclip *self)
{
  g_autoptr (FeclipSettings) settings = NULL;
  g_autoptr (FeclipModel) model = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  /* Loading takes seconds: it works on a copy, not under the lock. */
  GST_OBJECT_LOCK (self);
  settings = gst_feclip_settings_copy (self->settings);
  self->reopen = self->regions_changed = FALSE;
  GST_OBJECT_UNLOCK (self);

  g_object_get (settings, "model-file", &path, NULL);
  if (path == NULL || *path == '\0') {
    g_free (path);
    path = feclip_model_find_builtin ();
    GST_ELEMENT_INFO (self, RESOURCE, SETTINGS,
                      ("%s runs the small built-in model, which demonstrates "
                       "and tests: \"model-file\" names another one.",
                       GST_ELEMENT_NAME (self)),
                      (NULL));
  }
  /* The old model goes last, so that a new one from the same files shares its
   * memory. */
  model = feclip_model_new (settings, &error);
  g_clear_object (&self->detector);
  if (model != NULL)
    self->detector = feclip_detector_new (model, settings, &error);
  if (self->detector == NULL) {
    close_detector (self);
    gst_feclip_post_error (GST_ELEMENT (self), error);
    return FALSE;
  }
  g_set_object (&self->model, model);
  if (!feclip_model_has_adapters (model))
    GST_ELEMENT_WARNING (self, RESOURCE, SETTINGS,
                         ("%s holds no adapters and the property "
                          "\"adapter-file\" is not set: frames get CLIP's own "
                          "score and no map.",
                          path),
                         (NULL));
  GST_INFO_OBJECT (self, "%s on %s", path,
                   feclip_model_get_device_name (model));
  return TRUE;
}

static gboolean
needs_reopening (GstFeclip *self)
{
  gboolean reopen = FALSE;

  GST_OBJECT_LOCK (self);
  reopen = self->reopen || self->detector == NULL;
  GST_OBJECT_UNLOCK (self);
  return reopen;
}

static GstStateChangeReturn
gst_feclip_change_state (GstElement *element, GstStateChange transition)
{
  GstFeclip *self = GST_FECLIP (element);
  GstStateChangeReturn ret = GST_STATE_CHANGE_FAILURE;

  if (transition == GST_STATE_CHANGE_NULL_TO_READY && !open_detector (self))
    return GST_STATE_CHANGE_FAILURE;
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && needs_reopening (self)
      && !open_detector (self))
    return GST_STATE_CHANGE_FAILURE;

  ret = GST_ELEMENT_CLASS (gst_feclip_parent_class)
            ->change_state (element, transition);

  if (transition == GST_STATE_CHANGE_READY_TO_NULL)
    close_detector (self);
  return ret;
}

/* Streaming */

static gboolean
gst_feclip_start (GstBaseTransform *trans)
{
  GstFeclip *self = GST_FECLIP (trans);

  GST_OBJECT_LOCK (self);
  self->stats = (GstFeclipStats){0};
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

static gboolean
gst_feclip_stop (GstBaseTransform *trans)
{
  GstFeclip *self = GST_FECLIP (trans);

  gst_feclip_stream_clear (&self->stream);
  return TRUE;
}

static gboolean
gst_feclip_set_caps (GstBaseTransform *trans, GstCaps *in, GstCaps *out)
{
  GstFeclip *self = GST_FECLIP (trans);
  GstVideoInfo info;

  if (!gst_video_info_from_caps (&info, in))
    return FALSE;
  gst_feclip_stream_set_info (&self->stream, &info);
  return TRUE;
}

static gboolean
gst_feclip_sink_event (GstBaseTransform *trans, GstEvent *event)
{
  GstFeclip *self = GST_FECLIP (trans);

  switch (GST_EVENT_TYPE (event)) {
  case GST_EVENT_STREAM_START:
  case GST_EVENT_SEGMENT:
  case GST_EVENT_FLUSH_STOP:
    gst_feclip_stream_forget (&self->stream);
    break;
  default:
    break;
  }
  gst_feclip_orientation_observe (&self->stream.orientation, event);
  return GST_BASE_TRANSFORM_CLASS (gst_feclip_parent_class)
      ->sink_event (trans, event);
}

static void
sync_values (GstFeclip *self, GstBuffer *buffer)
{
  const GstSegment *segment = &GST_BASE_TRANSFORM (self)->segment;
  GstClockTime time = GST_CLOCK_TIME_NONE;

  if (segment->format == GST_FORMAT_TIME)
    time = gst_segment_to_stream_time (segment, GST_FORMAT_TIME,
                                       GST_BUFFER_PTS (buffer));
  if (GST_CLOCK_TIME_IS_VALID (time))
    gst_object_sync_values (GST_OBJECT (self), time);
}

/* Regions that cannot be read leave those before them in force. */
static void
update_regions (GstFeclip *self)
{
  g_autoptr (FeclipSettings) settings = NULL;
  g_autoptr (GError) error = NULL;

  GST_OBJECT_LOCK (self);
  if (self->regions_changed)
    settings = gst_feclip_settings_copy (self->settings);
  self->regions_changed = FALSE;
  GST_OBJECT_UNLOCK (self);
  if (settings != NULL
      && !feclip_detector_update_regions (self->detector, settings, &error))
    GST_ELEMENT_WARNING (self, LIBRARY, SETTINGS, ("%s", error->message),
                         ("The regions before them stay in force."));
}

/* Returns: FALSE when the network failed. A buffer that holds no frame is no
 * reason to stop the stream. */
static gboolean
analyse (GstFeclip *self, GstBuffer *buffer, GstFeclipInferenceRegion region)
{
  g_autoptr (GError) error = NULL;

  update_regions (self);
  if (gst_feclip_stream_analyse (&self->stream, self->detector, buffer, region,
                                 &error))
    return TRUE;
  if (error->domain == GST_STREAM_ERROR) {
    GST_ELEMENT_WARNING (self, STREAM, FORMAT, ("%s", error->message), (NULL));
    return TRUE;
  }
  gst_feclip_post_error (GST_ELEMENT (self), error);
  return FALSE;
}

static void
count_analysis (GstFeclip *self, const FeclipVerdict *verdict,
                GstClockTime time)
{
  GST_OBJECT_LOCK (self);
  gst_feclip_stats_add_analysis (&self->stats, time, verdict->result->score,
                                 verdict->anomalous);
  GST_OBJECT_UNLOCK (self);
}

/* Returns: (transfer full): @buffer (transfer full) with the latest result on
 * it; only the buffer itself may have been copied, never its memory */
static GstBuffer *
attach_latest (GstFeclip *self, GstBuffer *buffer, const Terms *terms,
               gboolean analysed, GstClockTime analysis_time)
{
  GstFeclipStream *stream = &self->stream;
  const GArray *defects =
      gst_feclip_stream_get_defects (stream, terms->pixel_threshold);
  g_autoptr (FeclipVerdict) verdict = feclip_verdict_new (
      stream->latest, terms->threshold, terms->pixel_threshold, analysed);

  buffer = gst_buffer_make_writable (buffer);
  feclip_verdict_attach (verdict, buffer, stream->width, stream->height,
                         defects);
  if (!analysed)
    return buffer;

  if (stream->rois != NULL)
    gst_feclip_roi_list_write (buffer, stream->rois, stream->width,
                               stream->height, terms->threshold);
  count_analysis (self, verdict, analysis_time);
  GST_LOG_OBJECT (self, "score %g, %u defects, in %" GST_TIME_FORMAT,
                  verdict->result->score, defects->len,
                  GST_TIME_ARGS (analysis_time));
  if (terms->post_messages)
    gst_feclip_post_verdict (GST_BASE_TRANSFORM (self), buffer, verdict,
                             defects->len, analysis_time);
  return buffer;
}

static GstFlowReturn
gst_feclip_generate_output (GstBaseTransform *trans, GstBuffer **out)
{
  GstFeclip *self = GST_FECLIP (trans);
  g_autoptr (GstBuffer) buffer = g_steal_pointer (&trans->queued_buf);
  gboolean due = FALSE;
  GstClockTime begin = 0;
  Terms terms = {0};

  if (buffer == NULL)
    return GST_FLOW_OK;
  if (self->stream.reader == NULL)
    return GST_FLOW_NOT_NEGOTIATED;

  sync_values (self, buffer);
  terms = read_terms (self);
  if (!terms.active)
    gst_feclip_stream_forget (&self->stream);
  if (!terms.active || !gst_feclip_stream_can_analyse (buffer)) {
    *out = g_steal_pointer (&buffer);
    return GST_FLOW_OK;
  }

  self->stream.age++;
  due = self->stream.latest == NULL || self->stream.age >= terms.interval;
  begin = gst_util_get_timestamp ();
  if (due && !analyse (self, buffer, terms.region))
    return GST_FLOW_ERROR;
  if (self->stream.latest != NULL)
    buffer = attach_latest (self, g_steal_pointer (&buffer), &terms, due,
                            gst_util_get_timestamp () - begin);
  *out = g_steal_pointer (&buffer);
  return GST_FLOW_OK;
}

static void
gst_feclip_finalize (GObject *object)
{
  GstFeclip *self = GST_FECLIP (object);

  g_object_unref (self->settings);
  G_OBJECT_CLASS (gst_feclip_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *klass)
{
  const GParamFlags common = G_PARAM_STATIC_STRINGS | G_PARAM_READWRITE;
  const GParamFlags live = common | GST_PARAM_MUTABLE_PLAYING;

  gst_feclip_settings_install (klass, PROP_FIRST_SETTING);
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
      klass, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
                          "Frames, analyses and their times in nanoseconds "
                          "since the element was started",
                          GST_TYPE_STRUCTURE,
                          G_PARAM_STATIC_STRINGS | G_PARAM_READABLE));
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
  install_properties (object_class);

  gst_element_class_set_static_metadata (
      element_class, "FE-CLIP anomaly detector", "Filter/Analyzer/Video",
      "Finds anomalies in video frames with FE-CLIP on Vulkan",
      "The feclip authors");
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  element_class->change_state = gst_feclip_change_state;

  trans_class->start = gst_feclip_start;
  trans_class->stop = gst_feclip_stop;
  trans_class->set_caps = gst_feclip_set_caps;
  trans_class->sink_event = gst_feclip_sink_event;
  trans_class->generate_output = gst_feclip_generate_output;
}

static void
gst_feclip_init (GstFeclip *self)
{
  self->settings = feclip_settings_new ();
  self->inference_interval = DEFAULT_INFERENCE_INTERVAL;
  self->active = DEFAULT_ACTIVE;
  self->post_messages = DEFAULT_POST_MESSAGES;
  /* Caps and allocation pass as if the element were not there; the buffer that
   * carries the metadata comes from generate_output(). */
  gst_base_transform_set_passthrough (GST_BASE_TRANSFORM (self), TRUE);
}
