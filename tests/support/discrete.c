/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* With FECLIP_TEST_DISCRETE=1 the one kind of memory of a software driver looks
 * like the two of a graphics card: most of it out of the host's sight. These
 * functions stand before the Vulkan loader's own. Real cards stay as they are.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <glib.h>
#include <vulkan/vulkan.h>

#define HIDDEN 0
#define VISIBLE 1

#define REAL(name) ((PFN_##name)dlsym (RTLD_NEXT, #name))

static gboolean active;

VKAPI_ATTR void VKAPI_CALL
vkGetPhysicalDeviceMemoryProperties (VkPhysicalDevice physical,
                                     VkPhysicalDeviceMemoryProperties *memory)
{
  REAL (vkGetPhysicalDeviceMemoryProperties) (physical, memory);
  active = memory->memoryTypeCount == 1
           && g_strcmp0 (g_getenv ("FECLIP_TEST_DISCRETE"), "1") == 0;
  if (!active)
    return;
  memory->memoryTypes[HIDDEN].propertyFlags =
      VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
  memory->memoryTypes[VISIBLE].heapIndex = 0;
  memory->memoryTypes[VISIBLE].propertyFlags =
      VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT
      | VK_MEMORY_PROPERTY_HOST_CACHED_BIT;
  memory->memoryTypeCount = 2;
}

VKAPI_ATTR void VKAPI_CALL
vkGetBufferMemoryRequirements (VkDevice device, VkBuffer buffer,
                               VkMemoryRequirements *needs)
{
  REAL (vkGetBufferMemoryRequirements) (device, buffer, needs);
  if (active)
    needs->memoryTypeBits = 1 << HIDDEN | 1 << VISIBLE;
}

VKAPI_ATTR VkResult VKAPI_CALL
vkAllocateMemory (VkDevice device, const VkMemoryAllocateInfo *info,
                  const VkAllocationCallbacks *allocator,
                  VkDeviceMemory *memory)
{
  VkMemoryAllocateInfo only = *info;

  if (active)
    only.memoryTypeIndex = 0;
  return REAL (vkAllocateMemory) (device, &only, allocator, memory);
}
