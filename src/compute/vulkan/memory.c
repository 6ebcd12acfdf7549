/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compute/vulkan/memory.h"

#include <feclip/error.h>
#include <string.h>

#include "compute/vulkan/memory_export.h"

/* Size of the staging buffer for transfers to memory that cannot be mapped. */
#define STAGING_SIZE (16 * 1024 * 1024)

#define LOCAL VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT
#define VISIBLE \
  (VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT)
#define CACHED VK_MEMORY_PROPERTY_HOST_CACHED_BIT

/* Memory properties for each kind of buffer, in order of preference. */
static const VkMemoryPropertyFlags preferences[][3] = {
    [FE_BUFFER_DEVICE] = {LOCAL, VISIBLE, VISIBLE},
    [FE_BUFFER_UPLOAD] = {LOCAL | VISIBLE, VISIBLE, VISIBLE},
    [FE_BUFFER_READBACK] = {VISIBLE | CACHED, VISIBLE, VISIBLE},
    [FE_BUFFER_SHARED] = {LOCAL, VISIBLE, VISIBLE},
};

static int
find_memory_type (const FeDevice *device, FeBufferKind kind, guint32 allowed)
{
  const VkPhysicalDeviceMemoryProperties *memory = &device->memory;

  for (guint p = 0; p < G_N_ELEMENTS (preferences[kind]); p++) {
    VkMemoryPropertyFlags wanted = preferences[kind][p];

    for (guint32 i = 0; i < memory->memoryTypeCount; i++) {
      if ((allowed >> i & 1)
          && (memory->memoryTypes[i].propertyFlags & wanted) == wanted)
        return (int)i;
    }
  }
  return -1;
}

static gboolean
note_memory (FeBuffer *self, VkDeviceSize size)
{
  self->allocated = size;
  fe_device_count_memory (self->device, (gint64)size);
  return TRUE;
}

static gboolean
allocate (FeBuffer *self, FeBufferKind kind, const char *what, GError **error)
{
  FeDevice *device = self->device;
  VkMemoryRequirements needs;
  VkMemoryAllocateInfo info = {
      .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
      .pNext = kind == FE_BUFFER_SHARED ? &fe_sharing_memory : NULL,
  };
  g_autofree char *size =
      g_format_size_full (self->size, G_FORMAT_SIZE_IEC_UNITS);
  int type;

  vkGetBufferMemoryRequirements (device->device, self->buffer, &needs);
  type = find_memory_type (device, kind, needs.memoryTypeBits);
  if (type < 0) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_DEVICE,
                 "%s has no type of memory for %s", device->name, what);
    return FALSE;
  }
  info.allocationSize = needs.size;
  info.memoryTypeIndex = self->memory_type = (guint32)type;
  if (!fe_vk_check (
          vkAllocateMemory (device->device, &info, NULL, &self->memory), device,
          error, "allocate %s for %s", size, what)
      || !note_memory (self, needs.size)
      || !fe_vk_check (
          vkBindBufferMemory (device->device, self->buffer, self->memory, 0),
          device, error, "bind the memory of %s", what))
    return FALSE;

  if (device->memory.memoryTypes[type].propertyFlags
      & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT)
    return fe_vk_check (vkMapMemory (device->device, self->memory, 0,
                                     VK_WHOLE_SIZE, 0, &self->mapped),
                        device, error, "map the memory of %s", what);
  return TRUE;
}

static guint64
texel_size (VkFormat format)
{
  switch (format) {
  case VK_FORMAT_R32_UINT:
    return 4;
  case VK_FORMAT_R16G16B16A16_SFLOAT:
    return 8;
  default:
    return 16;
  }
}

static gboolean
check_limits (const FeDevice *device, VkFormat format, gsize size,
              const char *what, GError **error)
{
  const VkPhysicalDeviceLimits *limits = &device->properties.limits;
  guint64 most = limits->maxStorageBufferRange;

  if (format != VK_FORMAT_UNDEFINED)
    most = MIN (most, limits->maxTexelBufferElements * texel_size (format));
  if (size <= most)
    return TRUE;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_DEVICE,
               "%s needs %" G_GSIZE_FORMAT
               " bytes in one buffer, %s allows %" G_GUINT64_FORMAT,
               what, size, device->name, most);
  return FALSE;
}

/* Bytes that the device copies. */
typedef struct {
  VkBuffer from; /* VK_NULL_HANDLE: `to` is filled with zeros to its end */
  VkBuffer to;
  VkBufferCopy region;
} Transfer;

static VkResult
record_transfer (const Transfer *transfer, VkCommandBuffer commands)
{
  const VkCommandBufferBeginInfo begin = {
      .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
      .flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT,
  };
  VkResult result = vkBeginCommandBuffer (commands, &begin);

  if (result != VK_SUCCESS)
    return result;
  if (transfer->from)
    vkCmdCopyBuffer (commands, transfer->from, transfer->to, 1,
                     &transfer->region);
  else
    vkCmdFillBuffer (commands, transfer->to, transfer->region.dstOffset,
                     VK_WHOLE_SIZE, 0);
  return vkEndCommandBuffer (commands);
}

/* Others may submit their work while this one waits. */
static VkResult
submit_and_wait (FeDevice *device, VkCommandBuffer commands)
{
  const VkFenceCreateInfo fence_info = {
      .sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO,
  };
  const VkSubmitInfo submit = {
      .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
      .commandBufferCount = 1,
      .pCommandBuffers = &commands,
  };
  VkFence fence;
  VkResult result = vkCreateFence (device->device, &fence_info, NULL, &fence);

  if (result != VK_SUCCESS)
    return result;
  g_mutex_lock (&device->queue_lock);
  result = vkQueueSubmit (device->queue, 1, &submit, fence);
  g_mutex_unlock (&device->queue_lock);
  if (result == VK_SUCCESS)
    result = vkWaitForFences (device->device, 1, &fence, VK_TRUE, G_MAXUINT64);
  vkDestroyFence (device->device, fence, NULL);
  return result;
}

/* Runs one transfer and waits for it. */
static gboolean
run_transfer (FeDevice *device, const Transfer *transfer, GError **error)
{
  const VkCommandPoolCreateInfo pool_info = {
      .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
      .queueFamilyIndex = device->queue_family,
  };
  VkCommandBufferAllocateInfo info = {
      .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
      .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
      .commandBufferCount = 1,
  };
  VkCommandBuffer commands;
  VkResult result;

  result =
      vkCreateCommandPool (device->device, &pool_info, NULL, &info.commandPool);
  if (!fe_vk_check (result, device, error, "create a command pool"))
    return FALSE;
  result = vkAllocateCommandBuffers (device->device, &info, &commands);
  if (result == VK_SUCCESS)
    result = record_transfer (transfer, commands);
  if (result == VK_SUCCESS)
    result = submit_and_wait (device, commands);
  vkDestroyCommandPool (device->device, info.commandPool, NULL);
  return fe_vk_check (result, device, error, "copy a buffer");
}

static gboolean
clear (FeBuffer *self, GError **error)
{
  if (self->mapped) {
    memset (self->mapped, 0, self->size);
    return TRUE;
  }
  return run_transfer (self->device, &(Transfer){.to = self->buffer}, error);
}

FeBuffer *
fe_buffer_new (FeDevice *device, FeBufferKind kind, VkFormat format, gsize size,
               const char *what, GError **error)
{
  g_autoptr (FeBuffer) self = NULL;
  VkBufferCreateInfo info = {
      .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
      .pNext = kind == FE_BUFFER_SHARED ? &fe_sharing_buffer : NULL,
      .size = (MAX (size, 1) + 15) / 16 * 16,
      .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT
               | VK_BUFFER_USAGE_TRANSFER_SRC_BIT
               | VK_BUFFER_USAGE_TRANSFER_DST_BIT,
  };

  if (!device->subgroup_kernels)
    format = VK_FORMAT_UNDEFINED;
  if (!check_limits (device, format, info.size, what, error))
    return NULL;

  self = g_new0 (FeBuffer, 1);
  self->device = fe_device_ref (device);
  self->format = format;
  self->size = info.size;
  if (format != VK_FORMAT_UNDEFINED)
    info.usage |= VK_BUFFER_USAGE_STORAGE_TEXEL_BUFFER_BIT
                  | VK_BUFFER_USAGE_UNIFORM_TEXEL_BUFFER_BIT;
  if (!fe_vk_check (vkCreateBuffer (device->device, &info, NULL, &self->buffer),
                    device, error, "create a buffer for %s", what)
      || !allocate (self, kind, what, error) || !clear (self, error))
    return NULL;

  if (format != VK_FORMAT_UNDEFINED) {
    VkBufferViewCreateInfo view_info = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_VIEW_CREATE_INFO,
        .buffer = self->buffer,
        .format = format,
        .range = VK_WHOLE_SIZE,
    };

    if (!fe_vk_check (
            vkCreateBufferView (device->device, &view_info, NULL, &self->view),
            device, error, "create a view of %s", what))
      return NULL;
  }
  return g_steal_pointer (&self);
}

void
fe_buffer_free (FeBuffer *self)
{
  if (!self)
    return;
  vkDestroyBufferView (self->device->device, self->view, NULL);
  vkDestroyBuffer (self->device->device, self->buffer, NULL);
  vkFreeMemory (self->device->device, self->memory, NULL);
  fe_device_count_memory (self->device, -(gint64)self->allocated);
  fe_device_unref (self->device);
  g_free (self);
}

/* Transfers bytes in steps through a mapped staging buffer. */
static gboolean
stage (FeBuffer *self, gsize offset, guint8 *data, gsize size, gboolean write,
       GError **error)
{
  g_autoptr (FeBuffer) staging = fe_buffer_new (
      self->device, write ? FE_BUFFER_UPLOAD : FE_BUFFER_READBACK,
      VK_FORMAT_UNDEFINED, MIN (size, STAGING_SIZE), "a transfer", error);

  if (!staging)
    return FALSE;
  for (gsize done = 0; done < size; done += STAGING_SIZE) {
    gsize step = MIN (size - done, STAGING_SIZE);
    const Transfer in = {
        staging->buffer, self->buffer, {0, offset + done, step}};
    const Transfer out = {
        self->buffer, staging->buffer, {offset + done, 0, step}};

    if (write)
      memcpy (staging->mapped, data + done, step);
    if (!run_transfer (self->device, write ? &in : &out, error))
      return FALSE;
    if (!write)
      memcpy (data + done, staging->mapped, step);
  }
  return TRUE;
}

gboolean
fe_buffer_write (FeBuffer *self, gsize offset, const void *data, gsize size,
                 GError **error)
{
  g_assert (offset <= self->size && size <= self->size - offset);
  if (!self->mapped)
    return stage (self, offset, (guint8 *)data, size, TRUE, error);
  memcpy ((guint8 *)self->mapped + offset, data, size);
  return TRUE;
}

gboolean
fe_buffer_read (FeBuffer *self, gsize offset, void *data, gsize size,
                GError **error)
{
  g_assert (offset <= self->size && size <= self->size - offset);
  if (!self->mapped)
    return stage (self, offset, data, size, FALSE, error);
  memcpy (data, (const guint8 *)self->mapped + offset, size);
  return TRUE;
}
