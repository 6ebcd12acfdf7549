/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_FECLIP_OVERLAY (gst_feclip_overlay_get_type ())

G_DECLARE_FINAL_TYPE (GstFeclipOverlay, gst_feclip_overlay, GST, FECLIP_OVERLAY,
                      GstElement)

GST_ELEMENT_REGISTER_DECLARE (feclipoverlay)

G_END_DECLS
