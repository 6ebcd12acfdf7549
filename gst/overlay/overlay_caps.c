/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "overlay/overlay_caps.h"

#include <gst/video/video.h>

#define OVERLAY GST_CAPS_FEATURE_META_GST_VIDEO_OVERLAY_COMPOSITION

static gboolean
carries (const GstCapsFeatures *features)
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

gboolean
gst_feclip_overlay_caps_carry (const GstCaps *caps)
{
  for (guint i = 0; i < gst_caps_get_size (caps); i++) {
    if (!carries (gst_caps_get_features (caps, i)))
      return FALSE;
  }
  return TRUE;
}

gboolean
gst_feclip_overlay_caps_is_system (const GstCaps *caps)
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

GstCaps *
gst_feclip_overlay_caps_extend (const GstCaps *caps)
{
  GstCaps *extended = gst_caps_copy (caps);

  /* ANY has no structures and stays what it is. */
  for (guint i = 0; i < gst_caps_get_size (caps); i++) {
    GstCapsFeatures *features = gst_caps_get_features (caps, i);

    if (carries (features))
      continue;
    features = gst_caps_features_copy (features);
    gst_caps_features_add (features, OVERLAY);
    append (extended, caps, i, features);
  }
  return extended;
}

GstCaps *
gst_feclip_overlay_caps_accept (const GstCaps *caps)
{
  GstCaps *accepted = NULL;

  if (gst_caps_is_any (caps))
    return gst_caps_new_any ();

  accepted = gst_caps_new_empty ();
  for (guint i = 0; i < gst_caps_get_size (caps); i++) {
    GstCapsFeatures *features = gst_caps_get_features (caps, i);

    if (carries (features) || is_system (features))
      append (accepted, caps, i, gst_caps_features_copy (features));
  }
  for (guint i = 0; i < gst_caps_get_size (caps); i++) {
    GstCapsFeatures *features = gst_caps_get_features (caps, i);

    if (gst_caps_features_is_any (features) || !carries (features))
      continue;
    features = gst_caps_features_copy (features);
    gst_caps_features_remove (features, OVERLAY);
    append (accepted, caps, i, features);
  }
  return accepted;
}
