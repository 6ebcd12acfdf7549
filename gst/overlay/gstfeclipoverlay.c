/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-feclipoverlay
 * @title: feclipoverlay
 * @see_also: feclip
 *
 * Draws what `feclip` found over each frame: a heatmap over the defects, their
 * outlines and boxes, and the score with its verdict. The heatmap's colours lie
 * on a fixed scale, so that they mean the same in every frame, and nothing is
 * tinted below the pixel threshold that `feclip` was given.
 *
 * Results are read from the frames' metadata (see #FeclipVerdict), which keeps
 * its place when a frame is converted or scaled on the way. A frame without a
 * result shows the latest one until #GstFeclipOverlay:expire-overlay has
 * passed; after that it goes through untouched, in the memory that it came in.
 *
 * The overlay goes along as #GstVideoOverlayCompositionMeta where downstream
 * both accepts it in its caps and asks for it in its ALLOCATION answer, else it
 * is blended into the frame, which can be of any raw format in system memory.
 * Frames in other memory need a sink that draws overlays.
 *
 * All properties can be changed while the element plays, and be controlled.
 *
 * ## Example launch lines
 * |[
 * gst-launch-1.0 filesrc location=parts.mp4 ! decodebin ! videoconvert !
 * feclip model-file=clip.safetensors adapter-file=adapter.safetensors !
 * feclipoverlay ! x264enc ! mp4mux ! filesink location=annotated.mp4
 * ]| Records what was found.
 * |[
 * gst-launch-1.0 v4l2src ! videoconvert ! feclip model-file=clip.safetensors
 * adapter-file=adapter.safetensors ! feclipoverlay draw-boxes=false alpha=0.7
 * colormap=inferno ! videoconvert ! autovideosink
 * ]| Shows a stronger heatmap without boxes over a camera's image.
 */
#include "overlay/gstfeclipoverlay.h"

#include <feclip/draw.h>
#include <gst/video/video.h>

#include "overlay/blend.h"
#include <feclip/feclip-enums.h>
#include "overlay/last_verdict.h"
#include "overlay/overlay_caps.h"
#include "plugin.h"

#define GST_CAT_DEFAULT gst_feclip_debug

#define DEFAULT_EXPIRE_OVERLAY GST_SECOND

enum {
  PROP_0,
  PROP_ALPHA,
  PROP_COLORMAP,
  PROP_DRAW_HEATMAP,
  PROP_DRAW_CONTOURS,
  PROP_DRAW_BOXES,
  PROP_DRAW_LABELS,
  PROP_CONTOUR_COLOR,
  PROP_BOX_COLOR,
  PROP_LABEL_COLOR,
  PROP_EXPIRE_OVERLAY,
  N_PROPS,
};

struct _GstFeclipOverlay {
  GstElement parent;
  GstPad *sink_pad;
  GstPad *src_pad;

  /* Under the object lock. */
  FeclipDrawOptions style;
  gboolean restyled; /* since the image was drawn */
  GstClockTime expire_overlay;

  /* Of the streaming thread. */
  GstSegment segment;
  guint width; /* of the frames, 0 before caps */
  guint height;
  GstVideoInfo info; /* of frames that are blended */
  gboolean attach;
  GstFeclipLastVerdict latest;
};

#define CAPS GST_VIDEO_CAPS_MAKE (GST_VIDEO_FORMATS_ALL) ";video/x-raw(ANY)"

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (CAPS));

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (CAPS));

G_DEFINE_FINAL_TYPE (GstFeclipOverlay, gst_feclip_overlay, GST_TYPE_ELEMENT)

GST_ELEMENT_REGISTER_DEFINE (feclipoverlay, "feclipoverlay", GST_RANK_NONE,
                             GST_TYPE_FECLIP_OVERLAY)

/* Properties */

/* Where a property's value lies. */
static gpointer
field (GstFeclipOverlay *self, guint id)
{
  gpointer const fields[N_PROPS] = {
      [PROP_ALPHA] = &self->style.alpha,
      [PROP_COLORMAP] = &self->style.colormap,
      [PROP_DRAW_HEATMAP] = &self->style.heatmap,
      [PROP_DRAW_CONTOURS] = &self->style.contours,
      [PROP_DRAW_BOXES] = &self->style.boxes,
      [PROP_DRAW_LABELS] = &self->style.labels,
      [PROP_CONTOUR_COLOR] = &self->style.contour_color,
      [PROP_BOX_COLOR] = &self->style.box_color,
      [PROP_LABEL_COLOR] = &self->style.label_color,
      [PROP_EXPIRE_OVERLAY] = &self->expire_overlay,
  };

  return fields[id];
}

static void
gst_feclip_overlay_set_property (GObject *object, guint id, const GValue *value,
                                 GParamSpec *pspec)
{
  GstFeclipOverlay *self = GST_FECLIP_OVERLAY (object);
  gpointer at = field (self, id);

  GST_OBJECT_LOCK (self);
  if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    *(gdouble *)at = g_value_get_double (value);
  else if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    *(gboolean *)at = g_value_get_boolean (value);
  else if (G_IS_PARAM_SPEC_UINT (pspec))
    *(guint *)at = g_value_get_uint (value);
  else if (G_IS_PARAM_SPEC_UINT64 (pspec))
    *(guint64 *)at = g_value_get_uint64 (value);
  else
    *(gint *)at = g_value_get_enum (value);
  self->restyled |= id != PROP_EXPIRE_OVERLAY;
  GST_OBJECT_UNLOCK (self);
}

static void
gst_feclip_overlay_get_property (GObject *object, guint id, GValue *value,
                                 GParamSpec *pspec)
{
  GstFeclipOverlay *self = GST_FECLIP_OVERLAY (object);
  gpointer at = field (self, id);

  GST_OBJECT_LOCK (self);
  if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    g_value_set_double (value, *(gdouble *)at);
  else if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    g_value_set_boolean (value, *(gboolean *)at);
  else if (G_IS_PARAM_SPEC_UINT (pspec))
    g_value_set_uint (value, *(guint *)at);
  else if (G_IS_PARAM_SPEC_UINT64 (pspec))
    g_value_set_uint64 (value, *(guint64 *)at);
  else
    g_value_set_enum (value, *(gint *)at);
  GST_OBJECT_UNLOCK (self);
}

/* Negotiation */

static gboolean
set_src_caps (GstFeclipOverlay *self, GstCaps *caps)
{
  g_autoptr (GstCaps) current = gst_pad_get_current_caps (self->src_pad);

  if (current != NULL && gst_caps_is_equal (current, caps))
    return TRUE;
  return gst_pad_push_event (self->src_pad, gst_event_new_caps (caps));
}

static gboolean
peer_takes_caps (GstFeclipOverlay *self, GstCaps *caps)
{
  g_autoptr (GstCaps) accepted = gst_pad_peer_query_caps (self->src_pad, caps);

  return !gst_caps_is_empty (accepted);
}

static gboolean
peer_takes_overlays (GstFeclipOverlay *self, GstCaps *caps)
{
  GstQuery *query = gst_query_new_allocation (caps, FALSE);
  const gboolean takes =
      gst_pad_peer_query (self->src_pad, query)
      && gst_query_find_allocation_meta (
          query, GST_VIDEO_OVERLAY_COMPOSITION_META_API_TYPE, NULL);

  gst_query_unref (query);
  return takes;
}

/* Finds out where the overlay goes and tells downstream. */
static gboolean
negotiate (GstFeclipOverlay *self, GstCaps *caps)
{
  const gboolean carries = gst_feclip_overlay_caps_carry (caps);
  g_autoptr (GstCaps) both = gst_feclip_overlay_caps_extend (caps);
  g_autoptr (GstCaps) carrying = gst_caps_copy_nth (both, carries ? 0 : 1);

  self->attach = FALSE;
  /* The caps go first, as downstream needs them to answer. */
  if (carries || peer_takes_caps (self, carrying)) {
    if (!set_src_caps (self, carrying))
      return FALSE;
    self->attach = peer_takes_overlays (self, carrying);
  }
  GST_DEBUG_OBJECT (self, "the overlay is %s frames of %" GST_PTR_FORMAT,
                    self->attach ? "attached to" : "blended into", caps);
  if (self->attach || carries)
    return TRUE;
  return set_src_caps (self, caps);
}

static gboolean
can_blend (GstFeclipOverlay *self, const GstCaps *caps)
{
  return gst_feclip_overlay_caps_is_system (caps)
         && gst_video_info_from_caps (&self->info, caps)
         && gst_feclip_blend_supports (&self->info);
}

static gboolean
set_caps (GstFeclipOverlay *self, GstCaps *caps)
{
  const GstStructure *structure = gst_caps_get_structure (caps, 0);
  g_autofree gchar *text = gst_caps_to_string (caps);
  gint width = 0, height = 0;

  gst_pad_check_reconfigure (self->src_pad);
  gst_feclip_last_verdict_redraw (&self->latest);
  self->width = self->height = 0;
  if (!negotiate (self, caps))
    return FALSE;
  if (!self->attach && !can_blend (self, caps)) {
    GST_ELEMENT_ERROR (self, CORE, NEGOTIATION,
                       ("%s can only draw into raw video in system memory, and "
                        "what follows it draws no overlays.",
                        GST_ELEMENT_NAME (self)),
                       ("caps \"%s\"", text));
    return FALSE;
  }
  if (!gst_structure_get (structure, "width", G_TYPE_INT, &width, "height",
                          G_TYPE_INT, &height, NULL)
      || width <= 0 || height <= 0) {
    GST_ELEMENT_ERROR (self, STREAM, FORMAT,
                       ("The caps \"%s\" give frames no size.", text), (NULL));
    return FALSE;
  }
  self->width = width;
  self->height = height;
  return TRUE;
}

/* Returns: GST_FLOW_OK unless the frames' caps no longer suit downstream */
static GstFlowReturn
renegotiate (GstFeclipOverlay *self)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (self->sink_pad);
  gboolean flushing = FALSE;

  if (caps == NULL)
    return GST_FLOW_NOT_NEGOTIATED;
  if (set_caps (self, caps))
    return GST_FLOW_OK;
  gst_pad_mark_reconfigure (self->src_pad);
  GST_OBJECT_LOCK (self->src_pad);
  flushing = GST_PAD_IS_FLUSHING (self->src_pad);
  GST_OBJECT_UNLOCK (self->src_pad);
  return flushing ? GST_FLOW_FLUSHING : GST_FLOW_NOT_NEGOTIATED;
}

/* Returns: (transfer full): what one pad accepts, by its template and by what
 * the other pad's peer accepts */
static GstCaps *
query_caps (GstFeclipOverlay *self, GstPad *pad, GstCaps *filter)
{
  const gboolean is_sink = pad == self->sink_pad;
  g_autoptr (GstCaps) template = gst_pad_get_pad_template_caps (pad);
  g_autoptr (GstCaps) peer_filter = NULL;
  g_autoptr (GstCaps) peer_caps = NULL;
  g_autoptr (GstCaps) known = NULL;
  g_autoptr (GstCaps) caps = NULL;

  if (filter != NULL)
    peer_filter = is_sink ? gst_feclip_overlay_caps_extend (filter)
                          : gst_feclip_overlay_caps_accept (filter);
  peer_caps = gst_pad_peer_query_caps (is_sink ? self->src_pad : self->sink_pad,
                                       peer_filter);
  known =
      gst_caps_intersect_full (peer_caps, template, GST_CAPS_INTERSECT_FIRST);
  caps = is_sink ? gst_feclip_overlay_caps_accept (known)
                 : gst_feclip_overlay_caps_extend (known);
  if (filter == NULL)
    return g_steal_pointer (&caps);
  return gst_caps_intersect_full (filter, caps, GST_CAPS_INTERSECT_FIRST);
}

static gboolean
gst_feclip_overlay_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  g_autoptr (GstCaps) caps = NULL;
  GstCaps *filter = NULL;

  if (GST_QUERY_TYPE (query) != GST_QUERY_CAPS)
    return gst_pad_query_default (pad, parent, query);
  gst_query_parse_caps (query, &filter);
  caps = query_caps (GST_FECLIP_OVERLAY (parent), pad, filter);
  gst_query_set_caps_result (query, caps);
  return TRUE;
}

/* Streaming */

static gboolean
gst_feclip_overlay_sink_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  GstFeclipOverlay *self = GST_FECLIP_OVERLAY (parent);
  GstCaps *caps = NULL;
  gboolean ok = FALSE;

  switch (GST_EVENT_TYPE (event)) {
  case GST_EVENT_CAPS:
    gst_event_parse_caps (event, &caps);
    ok = set_caps (self, caps);
    gst_event_unref (event);
    return ok;
  case GST_EVENT_STREAM_START:
    gst_feclip_last_verdict_clear (&self->latest);
    break;
  case GST_EVENT_SEGMENT:
    gst_event_copy_segment (event, &self->segment);
    break;
  case GST_EVENT_FLUSH_STOP:
    gst_feclip_last_verdict_clear (&self->latest);
    gst_segment_init (&self->segment, GST_FORMAT_UNDEFINED);
    break;
  default:
    break;
  }
  return gst_pad_event_default (pad, parent, event);
}

static void
sync_values (GstFeclipOverlay *self, GstBuffer *buffer)
{
  GstClockTime time = GST_CLOCK_TIME_NONE;

  if (self->segment.format == GST_FORMAT_TIME)
    time = gst_segment_to_stream_time (&self->segment, GST_FORMAT_TIME,
                                       GST_BUFFER_PTS (buffer));
  if (GST_CLOCK_TIME_IS_VALID (time))
    gst_object_sync_values (GST_OBJECT (self), time);
}

/* Returns: (transfer none) (nullable): what to draw over @buffer */
static GstFeclipOverlayImage *
find_image (GstFeclipOverlay *self, GstBuffer *buffer)
{
  FeclipDrawOptions style = {0};
  GstClockTime expire_overlay = 0;
  gboolean restyled = FALSE;

  GST_OBJECT_LOCK (self);
  style = self->style;
  restyled = self->restyled;
  self->restyled = FALSE;
  expire_overlay = self->expire_overlay;
  GST_OBJECT_UNLOCK (self);

  if (restyled)
    gst_feclip_last_verdict_redraw (&self->latest);
  gst_feclip_last_verdict_update (&self->latest, buffer, expire_overlay);
  return gst_feclip_last_verdict_get_image (&self->latest, self->width,
                                            self->height, &style);
}

static GstFlowReturn
gst_feclip_overlay_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  GstFeclipOverlay *self = GST_FECLIP_OVERLAY (parent);
  GstFeclipOverlayImage *image = NULL;
  GstFlowReturn flow = GST_FLOW_OK;

  if (gst_pad_check_reconfigure (self->src_pad) || self->width == 0)
    flow = renegotiate (self);
  if (flow != GST_FLOW_OK) {
    gst_buffer_unref (buffer);
    return flow;
  }

  sync_values (self, buffer);
  if (gst_buffer_get_size (buffer) > 0)
    image = find_image (self, buffer);
  if (image == NULL)
    return gst_pad_push (self->src_pad, buffer);

  buffer = gst_buffer_make_writable (buffer);
  if (self->attach)
    gst_feclip_overlay_image_attach (image, buffer);
  else if (!gst_feclip_overlay_image_blend (image, &self->info, buffer))
    GST_ELEMENT_WARNING (self, STREAM, FORMAT,
                         ("A buffer of %" G_GSIZE_FORMAT " bytes does not hold "
                          "a frame of the size and format that its caps "
                          "announce.",
                          gst_buffer_get_size (buffer)),
                         (NULL));
  return gst_pad_push (self->src_pad, buffer);
}

static GstStateChangeReturn
gst_feclip_overlay_change_state (GstElement *element, GstStateChange transition)
{
  GstFeclipOverlay *self = GST_FECLIP_OVERLAY (element);
  const GstStateChangeReturn ret =
      GST_ELEMENT_CLASS (gst_feclip_overlay_parent_class)
          ->change_state (element, transition);

  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    gst_feclip_last_verdict_clear (&self->latest);
    gst_segment_init (&self->segment, GST_FORMAT_UNDEFINED);
    self->width = self->height = 0;
  }
  return ret;
}

static void
gst_feclip_overlay_finalize (GObject *object)
{
  gst_feclip_last_verdict_clear (&GST_FECLIP_OVERLAY (object)->latest);
  G_OBJECT_CLASS (gst_feclip_overlay_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *klass)
{
  const FeclipDrawOptions style = FECLIP_DRAW_OPTIONS_INIT;
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
                            | GST_PARAM_CONTROLLABLE
                            | GST_PARAM_MUTABLE_PLAYING;
  GParamSpec *props[N_PROPS] = {
      [PROP_ALPHA] = g_param_spec_double (
          "alpha", "Alpha", "Opacity of the heatmap", 0, 1, style.alpha, flags),
      [PROP_COLORMAP] =
          g_param_spec_enum ("colormap", "Colormap", "Colours of the heatmap",
                             FECLIP_TYPE_COLORMAP, style.colormap, flags),
      [PROP_DRAW_HEATMAP] = g_param_spec_boolean (
          "draw-heatmap", "Draw heatmap",
          "Tint defective pixels by their value", style.heatmap, flags),
      [PROP_DRAW_CONTOURS] =
          g_param_spec_boolean ("draw-contours", "Draw contours",
                                "Outline defects", style.contours, flags),
      [PROP_DRAW_BOXES] = g_param_spec_boolean ("draw-boxes", "Draw boxes",
                                                "Draw a box round each defect",
                                                style.boxes, flags),
      [PROP_DRAW_LABELS] = g_param_spec_boolean (
          "draw-labels", "Draw labels",
          "Write the score, its verdict and each defect's confidence",
          style.labels, flags),
      [PROP_CONTOUR_COLOR] =
          g_param_spec_uint ("contour-color", "Contour color",
                             "Color of the contours, big-endian ARGB", 0,
                             G_MAXUINT32, style.contour_color, flags),
      [PROP_BOX_COLOR] = g_param_spec_uint (
          "box-color", "Box color", "Color of the boxes, big-endian ARGB", 0,
          G_MAXUINT32, style.box_color, flags),
      [PROP_LABEL_COLOR] = g_param_spec_uint (
          "label-color", "Label color", "Color of the text, big-endian ARGB", 0,
          G_MAXUINT32, style.label_color, flags),
      [PROP_EXPIRE_OVERLAY] = g_param_spec_uint64 (
          "expire-overlay", "Expire overlay",
          "Draw the latest result over frames without one for so long, in "
          "nanoseconds; the maximum: for ever",
          0, GST_CLOCK_TIME_NONE, DEFAULT_EXPIRE_OVERLAY, flags),
  };

  g_object_class_install_properties (klass, N_PROPS, props);
  gst_type_mark_as_plugin_api (FECLIP_TYPE_COLORMAP, 0);
}

static void
gst_feclip_overlay_class_init (GstFeclipOverlayClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  object_class->set_property = gst_feclip_overlay_set_property;
  object_class->get_property = gst_feclip_overlay_get_property;
  object_class->finalize = gst_feclip_overlay_finalize;
  install_properties (object_class);

  gst_element_class_set_static_metadata (
      element_class, "FE-CLIP anomaly overlay", "Filter/Effect/Video",
      "Draws over video frames what feclip found in them",
      "The feclip authors");
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  element_class->change_state = gst_feclip_overlay_change_state;
}

static void
gst_feclip_overlay_init (GstFeclipOverlay *self)
{
  self->style = (FeclipDrawOptions)FECLIP_DRAW_OPTIONS_INIT;
  self->expire_overlay = DEFAULT_EXPIRE_OVERLAY;
  gst_segment_init (&self->segment, GST_FORMAT_UNDEFINED);

  self->sink_pad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sink_pad, gst_feclip_overlay_chain);
  gst_pad_set_event_function (self->sink_pad, gst_feclip_overlay_sink_event);
  gst_pad_set_query_function (self->sink_pad, gst_feclip_overlay_query);
  GST_PAD_SET_PROXY_ALLOCATION (self->sink_pad);
  gst_element_add_pad (GST_ELEMENT (self), self->sink_pad);

  self->src_pad = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_set_query_function (self->src_pad, gst_feclip_overlay_query);
  gst_element_add_pad (GST_ELEMENT (self), self->src_pad);
}
