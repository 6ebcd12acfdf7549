/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/settings.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/* The properties of FeclipSettings, which the element has under the same names.
 * This file defines which of them may change while the element plays, and which
 * are read once, when model and detectors are created. */

/* Installs them as @first_id and those that follow. */
void gst_feclip_settings_install (GObjectClass *klass, guint first_id);

/* When a changed property takes effect. */
typedef enum {
  GST_FECLIP_SETTING_PER_FRAME, /* with the next frame */
  GST_FECLIP_SETTING_REGION,    /* likewise; what is ignored in a frame */
  GST_FECLIP_SETTING_PROMPT,    /* when it is encoded */
  GST_FECLIP_SETTING_ADAPTER,   /* when it is loaded */
  GST_FECLIP_SETTING_FIXED,     /* when model and detectors are created */
} GstFeclipSettingKind;

GstFeclipSettingKind gst_feclip_settings_get_kind (const GParamSpec *pspec);

/* Copies the values of the properties of one kind from @from to @self. */
void gst_feclip_settings_assign (FeclipSettings *self, FeclipSettings *from,
                                 GstFeclipSettingKind kind);

/* Returns: whether both have the same values of the properties of one kind, all
 * of which must be strings */
gboolean gst_feclip_settings_are_equal (FeclipSettings *self,
                                        FeclipSettings *other,
                                        GstFeclipSettingKind kind);

/* Returns: (transfer full): settings with the same values */
FeclipSettings *gst_feclip_settings_copy (FeclipSettings *settings);

G_END_DECLS
