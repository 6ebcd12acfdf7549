/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/vulkan/target.h"

#include <feclip/error.h>
#include <unistd.h>

#define HANDLE VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT

#define VISIBLE \
  (VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT)

gboolean
gst_feclip_vulkan_check (VkResult result, const char *what, GError **error)
{
  if (result == VK_SUCCESS)
    return TRUE;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_DEVICE,
               "could not %s on the Vulkan device of GStreamer's (%s)", what,
               gst_vulkan_result_to_string (result));
  return FALSE;
}

static gboolean
make_buffer (GstFeclipVulkanTarget *self, const void *next, GError **error)
{
  const VkBufferCreateInfo info = {
      .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
      .pNext = next,
      .size = self->size,
      .usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT,
  };

  return gst_feclip_vulkan_check (
      vkCreateBuffer (self->device->device, &info, NULL, &self->buffer),
      "make a buffer", error);
}

static gboolean
allocate (GstFeclipVulkanTarget *self, const VkMemoryAllocateInfo *info,
          GError **error)
{
  VkDevice device = self->device->device;

  return gst_feclip_vulkan_check (
             vkAllocateMemory (device, info, NULL, &self->memory),
             info->pNext != NULL ? "import memory" : "allocate memory", error)
         && gst_feclip_vulkan_check (
             vkBindBufferMemory (device, self->buffer, self->memory, 0),
             "bind memory", error);
}

static gboolean
import (GstFeclipVulkanTarget *self, GError **error)
{
  const VkExternalMemoryBufferCreateInfo external = {
      .sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_BUFFER_CREATE_INFO,
      .handleTypes = HANDLE,
  };
  VkImportMemoryFdInfoKHR handle = {
      .sType = VK_STRUCTURE_TYPE_IMPORT_MEMORY_FD_INFO_KHR,
      .handleType = HANDLE,
  };
  VkMemoryAllocateInfo info = {
      .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
      .pNext = &handle,
  };
  VkMemoryRequirements needs;
  guint64 size = 0;
  guint type = 0;

  if (!make_buffer (self, &external, error))
    return FALSE;
  handle.fd = feclip_shared_memory_export (self->shared, &size, &type, error);
  if (handle.fd < 0)
    return FALSE;
  info.allocationSize = size;
  info.memoryTypeIndex = type;
  vkGetBufferMemoryRequirements (self->device->device, self->buffer, &needs);
  if (needs.size > size || !(needs.memoryTypeBits >> type & 1)) {
    close (handle.fd);
    return gst_feclip_vulkan_check (VK_ERROR_INVALID_EXTERNAL_HANDLE,
                                    "import memory", error);
  }
  if (allocate (self, &info, error))
    return TRUE;
  /* A successful import has taken it over. */
  if (self->memory == VK_NULL_HANDLE)
    close (handle.fd);
  return FALSE;
}

/* Prefers memory that the processor reads through its cache. */
static gboolean
find_visible_type (GstVulkanDevice *device, guint32 allowed, guint32 *found)
{
  const VkPhysicalDeviceMemoryProperties *memory =
      &device->physical_device->memory_properties;
  const VkMemoryPropertyFlags wanted[] = {
      VISIBLE | VK_MEMORY_PROPERTY_HOST_CACHED_BIT, VISIBLE};

  for (guint w = 0; w < G_N_ELEMENTS (wanted); w++) {
    for (guint32 i = 0; i < memory->memoryTypeCount; i++) {
      VkMemoryPropertyFlags flags = memory->memoryTypes[i].propertyFlags;

      if ((allowed >> i & 1) && (flags & wanted[w]) == wanted[w]) {
        *found = i;
        return TRUE;
      }
    }
  }
  return FALSE;
}

static gboolean
make_visible (GstFeclipVulkanTarget *self, GError **error)
{
  VkDevice device = self->device->device;
  VkMemoryAllocateInfo info = {
      .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
  };
  VkMemoryRequirements needs;
  void *mapped = NULL;

  if (!make_buffer (self, NULL, error))
    return FALSE;
  vkGetBufferMemoryRequirements (device, self->buffer, &needs);
  info.allocationSize = needs.size;
  if (!find_visible_type (self->device, needs.memoryTypeBits,
                          &info.memoryTypeIndex))
    return gst_feclip_vulkan_check (VK_ERROR_OUT_OF_HOST_MEMORY,
                                    "find memory to read", error);
  if (!allocate (self, &info, error)
      || !gst_feclip_vulkan_check (
          vkMapMemory (device, self->memory, 0, VK_WHOLE_SIZE, 0, &mapped),
          "map memory", error))
    return FALSE;
  self->mapped = mapped;
  return TRUE;
}

gboolean
gst_feclip_vulkan_target_init (GstFeclipVulkanTarget *self,
                               GstVulkanDevice *device, gsize size,
                               FeclipModel *model, GError **error)
{
  gboolean made = FALSE;

  *self = (GstFeclipVulkanTarget){
      .device = gst_object_ref (device),
      .size = size,
  };
  if (model != NULL) {
    self->shared = feclip_shared_memory_new (model, size, error);
    made = self->shared != NULL && import (self, error);
  } else {
    made = make_visible (self, error);
  }
  if (!made)
    gst_feclip_vulkan_target_clear (self);
  return made;
}

void
gst_feclip_vulkan_target_clear (GstFeclipVulkanTarget *self)
{
  if (self->device == NULL)
    return;
  vkDestroyBuffer (self->device->device, self->buffer, NULL);
  vkFreeMemory (self->device->device, self->memory, NULL);
  g_clear_object (&self->shared);
  gst_object_unref (self->device);
  *self = (GstFeclipVulkanTarget){0};
}
