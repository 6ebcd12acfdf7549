/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#define GST_USE_UNSTABLE_API
#include <feclip/shared-memory.h>
#include <gst/vulkan/vulkan.h>

G_BEGIN_DECLS

/* Has gst_feclip_vulkan_queue_find() return @queue for its device, as long as
 * somebody holds it. A GstVulkanQueue's lock is its own, not the VkQueue's: who
 * submits has to take that of the object which the elements around use. */
void gst_feclip_vulkan_queue_note (GstVulkanQueue *queue);

/* Returns: (transfer full) (nullable): the queue that was noted for @device,
 * else one that can copy images */
GstVulkanQueue *gst_feclip_vulkan_queue_find (GstVulkanDevice *device);

/* Returns: whether @physical, opened with VK_KHR_external_memory_fd, can write
 * to memory that the model's device reads */
gboolean gst_feclip_vulkan_can_share (GstVulkanInstance *instance,
                                      VkPhysicalDevice physical,
                                      FeclipModel *model);

G_END_DECLS
