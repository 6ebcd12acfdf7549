/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-feclipoverlay
 * @title: feclipoverlay
 * @see_also: feclip
 *
 * Draws the results of `feclip` over each frame: a heatmap over the defects,
 * their contours and boxes, and the score with its verdict. The heatmap has a
 * fixed colour scale, so that a colour means the same in every frame. Pixels
 * below the pixel threshold of `feclip` are not tinted.
 *
 * The element reads the results from the metadata of the frames (see
 * #FeclipVerdict), which stays valid when a frame is converted or scaled in
 * between. A frame without a result shows the last one until
 * #GstFeclipOverlay:expire-overlay has passed; after that the element passes it
 * on unchanged, without copying its memory.
 *
 * If downstream accepts #GstVideoOverlayCompositionMeta in its caps and asks
 * for it in its answer to the ALLOCATION query, the overlay is attached to the
 * frame as that metadata. Otherwise it is blended into the frame, which may
 * have any raw format in system memory. Frames in other memory need a sink that
 * draws overlays.
 *
 * All properties can be changed while the element plays, and can be
 * controlled.
 *
 * ## Example launch lines
 * |[
 * gst-launch-1.0 filesrc location=parts.mp4 ! decodebin ! videoconvert !
 * feclip model-file=clip.safetensors adapter-file=adapter.safetensors !
 * feclipoverlay ! x264enc ! mp4mux ! filesink location=annotated.mp4
 * ]| Records a video with the results.
 * |[
 * gst-launch-1.0 v4l2src ! videoconvert ! feclip model-file=clip.safetensors
 * adapter-file=adapter.safetensors ! feclipoverlay draw-boxes=false alpha=0.7
 * colormap=inferno ! videoconvert ! autovideosink
 * ]| Shows a stronger heatmap without boxes over the frames of a camera.
 */
#include "overlay/gstfeclipoverlay.h"

#include <feclip/draw.h>
#include <feclip/feclip-enums.h>
#include <gst/video/video.h>

#include "overlay/blend.h"
#include "overlay/overlay_image.h"
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

/* The last verdict of a stream and its drawing. Zeroed: none yet. */
typedef struct {
  FeclipVerdict *verdict;       /* NULL: none, or expired */
  GstClockTime time;            /* timestamp of its frame */
  GstFeclipOverlayImage *image; /* NULL: to be drawn again */
} LastVerdict;

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
  LastVerdict last;
};

#define CAPS GST_VIDEO_CAPS_MAKE (GST_VIDEO_FORMATS_ALL) ";video/x-raw(ANY)"

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (CAPS));

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (CAPS));

G_DEFINE_FINAL_TYPE (GstFeclipOverlay, gst_feclip_overlay, GST_TYPE_ELEMENT)

GST_ELEMENT_REGISTER_DEFINE (feclipoverlay, "feclipoverlay", GST_RANK_NONE,
                             GST_TYPE_FECLIP_OVERLAY)

/* Last verdict */

/* Has the image drawn again, because style or frames have changed. */
static void
last_verdict_redraw (LastVerdict *self)
{
  g_clear_pointer (&self->image, gst_feclip_overlay_image_free);
}

static void
last_verdict_clear (LastVerdict *self)
{
  last_verdict_redraw (self);
  g_clear_pointer (&self->verdict, feclip_verdict_free);
}

/* Whether more than @expire_overlay has passed since the verdict. Without
 * timestamps that is unknown, and counts as expired. */
static gboolean
is_expired (const LastVerdict *self, GstClockTime time,
            GstClockTime expire_overlay)
{
  GstClockTimeDiff age = 0;

  if (!GST_CLOCK_TIME_IS_VALID (expire_overlay))
    return FALSE;
  if (!GST_CLOCK_TIME_IS_VALID (time) || !GST_CLOCK_TIME_IS_VALID (self->time))
    return TRUE;
  age = GST_CLOCK_DIFF (self->time, time);
  return (GstClockTime)ABS (age) > expire_overlay;
}

/* Takes the verdict of @buffer. If it has none, forgets the previous one if
 * that is older than @expire_overlay; GST_CLOCK_TIME_NONE: at no age. */
static void
last_verdict_update (LastVerdict *self, GstBuffer *buffer,
                     GstClockTime expire_overlay)
{
  g_autoptr (FeclipVerdict) verdict = feclip_verdict_from_buffer (buffer);

  if (verdict == NULL) {
    if (is_expired (self, GST_BUFFER_PTS (buffer), expire_overlay))
      last_verdict_clear (self);
    return;
  }
  if (self->image != NULL
      && !gst_feclip_overlay_image_shows (self->image, verdict))
    last_verdict_redraw (self);
  feclip_verdict_free (self->verdict);
  self->verdict = g_steal_pointer (&verdict);
  self->time = GST_BUFFER_PTS (buffer);
}

/* Returns: (transfer none) (nullable): the drawing, NULL if there is nothing to
 * draw */
static GstFeclipOverlayImage *
last_verdict_get_image (LastVerdict *self, guint frame_width,
                        guint frame_height, const FeclipDrawOptions *style)
{
  if (self->verdict == NULL)
    return NULL;
  if (self->image == NULL)
    self->image = gst_feclip_overlay_image_new (self->verdict, frame_width,
                                                frame_height, style);
  return gst_feclip_overlay_image_is_empty (self->image) ? NULL : self->image;
}

/* Properties */

/* Returns: the address of a property's value */
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

/* Caps
 *
 * A caps feature says whether frames may carry an overlay as metadata. Frames
 * in system memory need not carry it: the overlay is blended into them. */

#define OVERLAY GST_CAPS_FEATURE_META_GST_VIDEO_OVERLAY_COMPOSITION

static gboolean
carries_overlays (const GstCapsFeatures *features)
{
  return gst_caps_features_is_any (features)
         || gst_caps_features_contains (features, OVERLAY);
}

static gboolean
is_system (const GstCapsFeatures *features)
{
  g_autoptr (GstCapsFeatures) rest = gst_caps_features_copy (features);

  if (gst_caps_features_is_any (features))
    return FALSE;
  gst_caps_features_remove (rest, OVERLAY);
  return gst_caps_features_is_equal (rest,
                                     GST_CAPS_FEATURES_MEMORY_SYSTEM_MEMORY);
}

/* Returns: whether all frames of @caps may carry an overlay */
static gboolean
caps_carry_overlays (const GstCaps *caps)
{
  for (guint i = 0; i < gst_caps_get_size (caps); i++) {
    if (!carries_overlays (gst_caps_get_features (caps, i)))
      return FALSE;
  }
  return TRUE;
}

/* Returns: whether all frames of @caps are in system memory */
static gboolean
caps_are_system (const GstCaps *caps)
{
  for (guint i = 0; i < gst_caps_get_size (caps); i++) {
    if (!is_system (gst_caps_get_features (caps, i)))
      return FALSE;
  }
  return TRUE;
}

/* Appends one of @caps' structures with @features (transfer full). */
static void
append (GstCaps *to, const GstCaps *caps, guint i, GstCapsFeatures *features)
{
  gst_caps_append_structure_full (
      to, gst_structure_copy (gst_caps_get_structure (caps, i)), features);
}

/* Returns: (transfer full): @caps, and then the same with the feature */
static GstCaps *
extend_caps (const GstCaps *caps)
{
  GstCaps *extended = gst_caps_copy (caps);

  /* ANY has no structures and stays what it is. */
  for (guint i = 0; i < gst_caps_get_size (caps); i++) {
    GstCapsFeatures *features = gst_caps_get_features (caps, i);

    if (carries_overlays (features))
      continue;
    features = gst_caps_features_copy (features);
    gst_caps_features_add (features, OVERLAY);
    append (extended, caps, i, features);
  }
  return extended;
}

/* Returns: (transfer full): the input caps for the output caps @caps: @caps
 * itself, but without frames in other memory that carry no overlay; and frames
 * without the feature where @caps has them with it */
static GstCaps *
find_input_caps (const GstCaps *caps)
{
  GstCaps *accepted = NULL;

  if (gst_caps_is_any (caps))
    return gst_caps_new_any ();

  accepted = gst_caps_new_empty ();
  for (guint i = 0; i < gst_caps_get_size (caps); i++) {
    GstCapsFeatures *features = gst_caps_get_features (caps, i);

    if (carries_overlays (features) || is_system (features))
      append (accepted, caps, i, gst_caps_features_copy (features));
  }
  for (guint i = 0; i < gst_caps_get_size (caps); i++) {
    GstCapsFeatures *features = gst_caps_get_features (caps, i);

    if (gst_caps_features_is_any (features) || !carries_overlays (features))
      continue;
    features = gst_caps_features_copy (features);
    gst_caps_features_remove (features, OVERLAY);
    append (accepted, caps, i, features);
  }
  return accepted;
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

/* Chooses between attaching and blending, and sends the caps downstream. */
static gboolean
negotiate (GstFeclipOverlay *self, GstCaps *caps)
{
  const gboolean carries = caps_carry_overlays (caps);
  g_autoptr (GstCaps) both = extend_caps (caps);
  g_autoptr (GstCaps) carrying = gst_caps_copy_nth (both, carries ? 0 : 1);

  self->attach = FALSE;
  /* Downstream needs the caps before it can answer the ALLOCATION query. */
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
  return caps_are_system (caps) && gst_video_info_from_caps (&self->info, caps)
         && gst_feclip_blend_supports (&self->info);
}

static gboolean
set_caps (GstFeclipOverlay *self, GstCaps *caps)
{
  const GstStructure *structure = gst_caps_get_structure (caps, 0);
  g_autofree gchar *text = gst_caps_to_string (caps);
  gint width = 0, height = 0;

  gst_pad_check_reconfigure (self->src_pad);
  last_verdict_redraw (&self->last);
  self->width = self->height = 0;
  if (!negotiate (self, caps))
    return FALSE;
  if (!self->attach && !can_blend (self, caps)) {
    GST_ELEMENT_ERROR (self, CORE, NEGOTIATION,
                       ("%s can only draw into raw video in system memory, and "
                        "downstream does not support overlay metadata.",
                        GST_ELEMENT_NAME (self)),
                       ("caps \"%s\"", text));
    return FALSE;
  }
  if (!gst_structure_get (structure, "width", G_TYPE_INT, &width, "height",
                          G_TYPE_INT, &height, NULL)
      || width <= 0 || height <= 0) {
    GST_ELEMENT_ERROR (self, STREAM, FORMAT,
                       ("The caps \"%s\" have no width and height.", text),
                       (NULL));
    return FALSE;
  }
  self->width = width;
  self->height = height;
  return TRUE;
}

/* Returns: GST_FLOW_OK unless downstream no longer accepts the frames */
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

/* Returns: (transfer full): the caps that @pad accepts, according to its
 * template and to the peer of the other pad */
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
    peer_filter = is_sink ? extend_caps (filter) : find_input_caps (filter);
  peer_caps = gst_pad_peer_query_caps (is_sink ? self->src_pad : self->sink_pad,
                                       peer_filter);
  known =
      gst_caps_intersect_full (peer_caps, template, GST_CAPS_INTERSECT_FIRST);
  caps = is_sink ? find_input_caps (known) : extend_caps (known);
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
    last_verdict_clear (&self->last);
    break;
  case GST_EVENT_SEGMENT:
    gst_event_copy_segment (event, &self->segment);
    break;
  case GST_EVENT_FLUSH_STOP:
    last_verdict_clear (&self->last);
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

/* Returns: (transfer none) (nullable): the drawing for @buffer */
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
    last_verdict_redraw (&self->last);
  last_verdict_update (&self->last, buffer, expire_overlay);
  return last_verdict_get_image (&self->last, self->width, self->height,
                                 &style);
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
                         ("A buffer of %" G_GSIZE_FORMAT " bytes cannot be "
                          "mapped as a frame of the size and format in its "
                          "caps.",
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
    last_verdict_clear (&self->last);
    gst_segment_init (&self->segment, GST_FORMAT_UNDEFINED);
    self->width = self->height = 0;
  }
  return ret;
}

static void
gst_feclip_overlay_finalize (GObject *object)
{
  last_verdict_clear (&GST_FECLIP_OVERLAY (object)->last);
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
          "Tint defective pixels according to their map value", style.heatmap,
          flags),
      [PROP_DRAW_CONTOURS] = g_param_spec_boolean (
          "draw-contours", "Draw contours", "Draw the contours of defects",
          style.contours, flags),
      [PROP_DRAW_BOXES] = g_param_spec_boolean ("draw-boxes", "Draw boxes",
                                                "Draw a box around each defect",
                                                style.boxes, flags),
      [PROP_DRAW_LABELS] = g_param_spec_boolean (
          "draw-labels", "Draw labels",
          "Write the score, the verdict and the confidence of each defect",
          style.labels, flags),
      [PROP_CONTOUR_COLOR] =
          g_param_spec_uint ("contour-color", "Contour color",
                             "Color of the contours as 0xAARRGGBB", 0,
                             G_MAXUINT32, style.contour_color, flags),
      [PROP_BOX_COLOR] = g_param_spec_uint (
          "box-color", "Box color", "Color of the boxes as 0xAARRGGBB", 0,
          G_MAXUINT32, style.box_color, flags),
      [PROP_LABEL_COLOR] = g_param_spec_uint (
          "label-color", "Label color", "Color of the text as 0xAARRGGBB", 0,
          G_MAXUINT32, style.label_color, flags),
      [PROP_EXPIRE_OVERLAY] = g_param_spec_uint64 (
          "expire-overlay", "Expire overlay",
          "How long to draw the last result over frames without a result, in "
          "nanoseconds; the maximum: forever",
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
      "Draws the results of feclip over video frames", "The feclip authors");
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
