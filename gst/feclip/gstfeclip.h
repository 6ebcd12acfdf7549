/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstbasetransform.h>

G_BEGIN_DECLS

#define GST_TYPE_FECLIP (gst_feclip_get_type ())

G_DECLARE_FINAL_TYPE (GstFeclip, gst_feclip, GST, FECLIP, GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE (feclip)

G_END_DECLS
