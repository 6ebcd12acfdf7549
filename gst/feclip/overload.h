/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* What becomes of a frame that arrives while all requests are busy. */
typedef enum {
  GST_FECLIP_OVERLOAD_BLOCK,
  GST_FECLIP_OVERLOAD_SKIP,
  GST_FECLIP_OVERLOAD_REUSE_LAST,
} GstFeclipOverload;

#define GST_TYPE_FECLIP_OVERLOAD (gst_feclip_overload_get_type ())

GType gst_feclip_overload_get_type (void);

G_END_DECLS
