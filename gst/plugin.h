/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What the plugin's elements share. */

/* The debug category of all elements, GST_DEBUG=feclip:5. */
GST_DEBUG_CATEGORY_EXTERN (gst_feclip_debug);

/* Logs @error and posts it as an error message with the domain and the code
 * that GStreamer applications expect. The text is that of @error. */
void gst_feclip_post_error (GstElement *element, const GError *error);

/* The same as a warning message, for what does not stop the stream. */
void gst_feclip_post_warning (GstElement *element, const GError *error);

G_END_DECLS
