/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/gst_vulkan_images.h"

#include <string.h>

ImagesSeen images_seen;

static void
listen (GstDebugCategory *category, GstDebugLevel level, const char *file,
        const char *function, int line, GObject *object,
        GstDebugMessage *message, gpointer data)
{
  const char *text = gst_debug_message_get (message);

  if (strcmp (gst_debug_category_get_name (category), "feclip") != 0)
    return;
  if (strstr (text, "for the neighbours") != NULL)
    g_atomic_int_inc (&images_seen.made_device);
  if (strstr (text, "copied on the device") != NULL)
    g_atomic_int_inc (&images_seen.copied_on_device);
  if (strstr (text, "read back to system memory") != NULL)
    g_atomic_int_inc (&images_seen.read_back);
}

void
images_init (void)
{
  gst_debug_remove_log_function (NULL);
  gst_debug_add_log_function (listen, NULL, NULL);
  gst_debug_set_active (TRUE);
  gst_debug_set_threshold_for_name ("feclip", GST_LEVEL_DEBUG);
}

static gboolean
accepts_images (void)
{
  g_autoptr (GstElementFactory) factory = gst_element_factory_find ("feclip");
  g_autoptr (GstCaps) images = gst_caps_from_string ("video/x-raw(" IMAGES ")");

  g_assert_nonnull (factory);
  return gst_element_factory_can_sink_any_caps (factory, images);
}

gboolean
images_are_ready (void)
{
  static GstPlugin *plugin;

  if (!accepts_images ()) {
    g_test_skip ("feclip was built without GStreamer's Vulkan library");
    return FALSE;
  }
  if (plugin == NULL)
    plugin = gst_plugin_load_file (VULKAN_PLUGIN, NULL);
  if (plugin == NULL) {
    g_test_skip (VULKAN_PLUGIN " is not installed");
    return FALSE;
  }
  images_seen = (ImagesSeen){0};
  return TRUE;
}
