/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/settings_properties.h"

/* Read for each frame; all others when model and detectors are created. */
static const char *const per_frame[] = {"threshold", "pixel-threshold",
                                        "min-area", NULL};

/* Read then too, and again before the next frame if they have changed. */
static const char *const regions[] = {"include-regions", "ignore-regions",
                                      "regions-file", NULL};

/* Read then too; if they have changed, prepared in the background. */
static const char *const prompts[] = {"normal-prompt", "anomaly-prompt", NULL};
static const char *const adapters[] = {"adapter-file", NULL};

GstFeclipSettingKind
gst_feclip_settings_get_kind (const GParamSpec *pspec)
{
  static const char *const *const names[] = {
      [GST_FECLIP_SETTING_PER_FRAME] = per_frame,
      [GST_FECLIP_SETTING_REGION] = regions,
      [GST_FECLIP_SETTING_PROMPT] = prompts,
      [GST_FECLIP_SETTING_ADAPTER] = adapters,
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strv_contains (names[i], pspec->name))
      return (GstFeclipSettingKind)i;
  return GST_FECLIP_SETTING_FIXED;
}

static GParamFlags
when_mutable (const GParamSpec *pspec)
{
  if (gst_feclip_settings_get_kind (pspec) == GST_FECLIP_SETTING_FIXED)
    return GST_PARAM_MUTABLE_READY;
  return GST_PARAM_MUTABLE_PLAYING
         | (G_IS_PARAM_SPEC_DOUBLE (pspec) ? GST_PARAM_CONTROLLABLE : 0);
}

static GParamSpec *
copy_pspec (GParamSpec *from, GParamFlags flags)
{
  const char *name = g_param_spec_get_name (from);
  const char *nick = g_param_spec_get_nick (from);
  const char *blurb = g_param_spec_get_blurb (from);
  const GValue *value = g_param_spec_get_default_value (from);

  if (G_IS_PARAM_SPEC_STRING (from))
    return g_param_spec_string (name, nick, blurb, g_value_get_string (value),
                                flags);
  if (G_IS_PARAM_SPEC_BOOLEAN (from))
    return g_param_spec_boolean (name, nick, blurb, g_value_get_boolean (value),
                                 flags);
  if (G_IS_PARAM_SPEC_ENUM (from))
    return g_param_spec_enum (name, nick, blurb, from->value_type,
                              g_value_get_enum (value), flags);
  if (G_IS_PARAM_SPEC_UINT (from))
    return g_param_spec_uint (
        name, nick, blurb, G_PARAM_SPEC_UINT (from)->minimum,
        G_PARAM_SPEC_UINT (from)->maximum, g_value_get_uint (value), flags);
  g_assert (G_IS_PARAM_SPEC_DOUBLE (from));
  return g_param_spec_double (
      name, nick, blurb, G_PARAM_SPEC_DOUBLE (from)->minimum,
      G_PARAM_SPEC_DOUBLE (from)->maximum, g_value_get_double (value), flags);
}

void
gst_feclip_settings_install (GObjectClass *klass, guint first_id)
{
  const GParamFlags common = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;
  GObjectClass *settings = g_type_class_ref (FECLIP_TYPE_SETTINGS);
  guint n = 0;
  g_autofree GParamSpec **pspecs =
      g_object_class_list_properties (settings, &n);

  for (guint i = 0; i < n; i++) {
    GParamFlags flags = common | when_mutable (pspecs[i]);

    g_object_class_install_property (klass, first_id + i,
                                     copy_pspec (pspecs[i], flags));
  }
  /* The class is not unreferenced, as it owns the names. */
}

void
gst_feclip_settings_assign (FeclipSettings *self, FeclipSettings *from,
                            GstFeclipSettingKind kind)
{
  guint n = 0;
  g_autofree GParamSpec **pspecs =
      g_object_class_list_properties (G_OBJECT_GET_CLASS (self), &n);

  for (guint i = 0; i < n; i++) {
    g_auto (GValue) value = G_VALUE_INIT;

    if (gst_feclip_settings_get_kind (pspecs[i]) != kind)
      continue;
    g_object_get_property (G_OBJECT (from), pspecs[i]->name, &value);
    g_object_set_property (G_OBJECT (self), pspecs[i]->name, &value);
  }
}

gboolean
gst_feclip_settings_are_equal (FeclipSettings *self, FeclipSettings *other,
                               GstFeclipSettingKind kind)
{
  guint n = 0;
  g_autofree GParamSpec **pspecs =
      g_object_class_list_properties (G_OBJECT_GET_CLASS (self), &n);

  for (guint i = 0; i < n; i++) {
    g_autofree char *one = NULL, *two = NULL;

    if (gst_feclip_settings_get_kind (pspecs[i]) != kind)
      continue;
    g_object_get (self, pspecs[i]->name, &one, NULL);
    g_object_get (other, pspecs[i]->name, &two, NULL);
    if (g_strcmp0 (one, two) != 0)
      return FALSE;
  }
  return TRUE;
}

FeclipSettings *
gst_feclip_settings_copy (FeclipSettings *settings)
{
  FeclipSettings *copy = feclip_settings_new ();

  for (int kind = 0; kind <= GST_FECLIP_SETTING_FIXED; kind++)
    gst_feclip_settings_assign (copy, settings, kind);
  return copy;
}
