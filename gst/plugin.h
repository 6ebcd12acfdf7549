/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What GST_DEBUG=feclip:5 shows, of all elements. */
GST_DEBUG_CATEGORY_EXTERN (gst_feclip_debug);

G_END_DECLS
