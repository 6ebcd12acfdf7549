/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/vulkan/queue.h"

/* Guards the weak references that gst_feclip_vulkan_queue_note() stores. */
static GMutex lock;

static GQuark
noted_quark (void)
{
  return g_quark_from_static_string ("feclip-vulkan-queue");
}

static void
free_weak_ref (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

void
gst_feclip_vulkan_queue_note (GstVulkanQueue *queue)
{
  GWeakRef *weak = g_new0 (GWeakRef, 1);

  g_weak_ref_init (weak, queue);
  g_mutex_lock (&lock);
  g_object_set_qdata_full (G_OBJECT (queue->device), noted_quark (), weak,
                           free_weak_ref);
  g_mutex_unlock (&lock);
}

static gboolean
take_if_copying (GstVulkanDevice *device, GstVulkanQueue *queue, gpointer data)
{
  const VkQueueFlags copying =
      VK_QUEUE_GRAPHICS_BIT | VK_QUEUE_COMPUTE_BIT | VK_QUEUE_TRANSFER_BIT;
  GstVulkanQueue **found = data;

  if (device->physical_device->queue_family_props[queue->family].queueFlags
      & copying)
    *found = gst_object_ref (queue);
  return *found == NULL;
}

GstVulkanQueue *
gst_feclip_vulkan_queue_find (GstVulkanDevice *device)
{
  GstVulkanQueue *queue = NULL;
  GWeakRef *weak = NULL;

  g_mutex_lock (&lock);
  weak = g_object_get_qdata (G_OBJECT (device), noted_quark ());
  if (weak != NULL)
    queue = g_weak_ref_get (weak);
  g_mutex_unlock (&lock);
  if (queue == NULL)
    gst_vulkan_device_foreach_queue (device, take_if_copying, &queue);
  return queue;
}

gboolean
gst_feclip_vulkan_can_share (GstVulkanInstance *instance,
                             VkPhysicalDevice physical, FeclipModel *model)
{
  VkPhysicalDeviceIDProperties id = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES,
  };
  VkPhysicalDeviceProperties2 properties = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
      .pNext = &id,
  };
  VkPhysicalDeviceProperties version;

  vkGetPhysicalDeviceProperties (physical, &version);
  if (!gst_vulkan_instance_check_version (instance, 1, 1, 0)
      || version.apiVersion < VK_API_VERSION_1_1)
    return FALSE;
  vkGetPhysicalDeviceProperties2 (physical, &properties);
  return feclip_shared_memory_is_possible (model, id.deviceUUID, id.driverUUID);
}
