/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/settings.h>
#include <gst/base/gstbasetransform.h>

G_BEGIN_DECLS

/* The properties of FeclipSettings, offered by an element under the same names.
 * Which of them may change while the element plays, and which the model or the
 * detector reads once, is decided here. */

/* Installs them as @first_id, @first_id + 1 and so on. */
void gst_feclip_settings_install (GObjectClass *klass, guint first_id);

/* When a property counts. */
typedef enum {
  GST_FECLIP_SETTING_PER_FRAME, /* at once */
  GST_FECLIP_SETTING_REGION,    /* likewise; what is ignored in a frame */
  GST_FECLIP_SETTING_PROMPT,    /* once it is encoded */
  GST_FECLIP_SETTING_ADAPTER,   /* once it is loaded */
  GST_FECLIP_SETTING_FIXED,     /* when model and detectors are made */
} GstFeclipSettingKind;

GstFeclipSettingKind gst_feclip_settings_get_kind (const GParamSpec *pspec);

/* Gives @self the values that @from has of the properties of one kind. */
void gst_feclip_settings_assign (FeclipSettings *self, FeclipSettings *from,
                                 GstFeclipSettingKind kind);

/* Returns: whether both have the same values of the properties of one kind,
 * whose type is string */
gboolean gst_feclip_settings_are_equal (FeclipSettings *self,
                                        FeclipSettings *other,
                                        GstFeclipSettingKind kind);

/* Returns: (transfer full): settings with the same values */
FeclipSettings *gst_feclip_settings_copy (FeclipSettings *settings);

/* Moves the controlled properties of @element to the time of @buffer. */
void gst_feclip_settings_sync (GstBaseTransform *element, GstBuffer *buffer);

G_END_DECLS
