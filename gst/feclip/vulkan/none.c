/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Replaces the other files in builds without GStreamer's Vulkan library: there
 * no frame is in Vulkan images, and no device is queried. */
#include "feclip/vulkan/context.h"
#include "feclip/vulkan/copy.h"

GstFeclipVulkan *
gst_feclip_vulkan_new (void)
{
  return NULL;
}

void
gst_feclip_vulkan_free (GstFeclipVulkan *self)
{
}

void
gst_feclip_vulkan_set_model (GstFeclipVulkan *self, FeclipModel *model)
{
}

void
gst_feclip_vulkan_set_context (GstFeclipVulkan *self, GstElement *element,
                               GstContext *context)
{
}

gboolean
gst_feclip_vulkan_answer (GstFeclipVulkan *self, GstElement *element,
                          GstQuery *query, gboolean make)
{
  return FALSE;
}

void
gst_feclip_vulkan_negotiate (GstFeclipVulkan *self, GstElement *element,
                             GstCaps *caps)
{
}

GstFeclipVulkanCopy *
gst_feclip_vulkan_copy_new (FeclipModel *model, const GstVideoInfo *info)
{
  return NULL;
}

void
gst_feclip_vulkan_copy_free (GstFeclipVulkanCopy *self)
{
}

gboolean
gst_feclip_vulkan_copy_begin (GstFeclipVulkanCopy *self, GstBuffer *buffer,
                              gboolean shared, GError **error)
{
  g_return_val_if_reached (FALSE);
}

gboolean
gst_feclip_vulkan_copy_has_begun (GstFeclipVulkanCopy *self, GstBuffer *buffer)
{
  return FALSE;
}

void
gst_feclip_vulkan_copy_wait (GstFeclipVulkanCopy *self)
{
}

const GstFeclipVulkanFrame *
gst_feclip_vulkan_copy_finish (GstFeclipVulkanCopy *self, GError **error)
{
  g_return_val_if_reached (NULL);
}
