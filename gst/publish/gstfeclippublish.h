/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstbasetransform.h>

G_BEGIN_DECLS

#define GST_TYPE_FECLIP_PUBLISH (gst_feclip_publish_get_type ())

G_DECLARE_FINAL_TYPE (GstFeclipPublish, gst_feclip_publish, GST, FECLIP_PUBLISH,
                      GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE (feclippublish)

G_END_DECLS
