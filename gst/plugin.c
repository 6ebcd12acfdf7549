/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin.h"

#include <feclip/error.h>

#define GST_CAT_DEFAULT gst_feclip_debug

GST_DEBUG_CATEGORY (gst_feclip_debug);

static void
post (GstElement *element, GstMessageType type, const GError *error)
{
  GQuark domain = GST_LIBRARY_ERROR;
  int code = GST_LIBRARY_ERROR_FAILED;

  if (g_error_matches (error, FECLIP_ERROR, FECLIP_ERROR_FILE)) {
    domain = GST_RESOURCE_ERROR;
    code = GST_RESOURCE_ERROR_OPEN_READ;
  } else if (g_error_matches (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT)) {
    domain = GST_RESOURCE_ERROR;
    code = GST_RESOURCE_ERROR_READ;
  } else if (g_error_matches (error, FECLIP_ERROR, FECLIP_ERROR_DEVICE)) {
    code = GST_LIBRARY_ERROR_INIT;
  } else if (g_error_matches (error, FECLIP_ERROR, FECLIP_ERROR_INPUT)) {
    code = GST_LIBRARY_ERROR_SETTINGS;
  } else if (error->domain == G_THREAD_ERROR) {
    domain = GST_CORE_ERROR;
    code = GST_CORE_ERROR_THREAD;
  }
  gst_element_message_full (element, type, domain, code,
                            g_strdup (error->message), NULL, __FILE__,
                            GST_FUNCTION, __LINE__);
}

void
gst_feclip_post_error (GstElement *element, const GError *error)
{
  GST_ERROR_OBJECT (element, "%s", error->message);
  post (element, GST_MESSAGE_ERROR, error);
}

void
gst_feclip_post_warning (GstElement *element, const GError *error)
{
  GST_WARNING_OBJECT (element, "%s", error->message);
  post (element, GST_MESSAGE_WARNING, error);
}
