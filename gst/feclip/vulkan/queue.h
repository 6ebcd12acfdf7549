/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#define GST_USE_UNSTABLE_API
#include <feclip/shared-memory.h>
#include <gst/vulkan/vulkan.h>

G_BEGIN_DECLS

/* Makes gst_feclip_vulkan_queue_find() return @queue for its device as long as
 * @queue exists. The submit lock belongs to the GstVulkanQueue object, not to
 * the VkQueue, so that all elements have to use the same object. */
void gst_feclip_vulkan_queue_note (GstVulkanQueue *queue);

/* Returns: (transfer full) (nullable): the queue that was noted for @device,
 * otherwise one that can copy images */
GstVulkanQueue *gst_feclip_vulkan_queue_find (GstVulkanDevice *device);

/* Returns: whether a device opened on @physical with VK_KHR_external_memory_fd
 * can write to memory that the model's device reads */
gboolean gst_feclip_vulkan_can_share (GstVulkanInstance *instance,
                                      VkPhysicalDevice physical,
                                      FeclipModel *model);

G_END_DECLS
