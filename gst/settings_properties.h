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

/* Returns: whether the property is read only when model and detector are
 * made */
gboolean gst_feclip_settings_is_fixed (const GParamSpec *pspec);

/* Returns: whether the property says what is ignored in a frame, which
 * feclip_detector_update_regions() reads */
gboolean gst_feclip_settings_is_region (const GParamSpec *pspec);

/* Returns: (transfer full): settings with the same values */
FeclipSettings *gst_feclip_settings_copy (FeclipSettings *settings);

/* Moves the controlled properties of @element to the time of @buffer. */
void gst_feclip_settings_sync (GstBaseTransform *element, GstBuffer *buffer);

G_END_DECLS
