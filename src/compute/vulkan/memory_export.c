/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compute/vulkan/memory_export.h"

#include "compute/vulkan/instance.h"

#define HANDLE VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT

const VkExternalMemoryBufferCreateInfo fe_sharing_buffer = {
    .sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_BUFFER_CREATE_INFO,
    .handleTypes = HANDLE,
};

const VkExportMemoryAllocateInfo fe_sharing_memory = {
    .sType = VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO,
    .handleTypes = HANDLE,
};

gboolean
fe_sharing_is_supported (VkPhysicalDevice physical)
{
  const VkExternalMemoryFeatureFlags needed =
      VK_EXTERNAL_MEMORY_FEATURE_EXPORTABLE_BIT
      | VK_EXTERNAL_MEMORY_FEATURE_IMPORTABLE_BIT;
  const VkPhysicalDeviceExternalBufferInfo info = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_BUFFER_INFO,
      .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT
               | VK_BUFFER_USAGE_STORAGE_TEXEL_BUFFER_BIT
               | VK_BUFFER_USAGE_UNIFORM_TEXEL_BUFFER_BIT
               | VK_BUFFER_USAGE_TRANSFER_SRC_BIT
               | VK_BUFFER_USAGE_TRANSFER_DST_BIT,
      .handleType = HANDLE,
  };
  VkExternalBufferProperties properties = {
      .sType = VK_STRUCTURE_TYPE_EXTERNAL_BUFFER_PROPERTIES,
  };
  VkExternalMemoryFeatureFlags features;

  if (!fe_has_extension (physical, VK_KHR_EXTERNAL_MEMORY_FD_EXTENSION_NAME))
    return FALSE;
  vkGetPhysicalDeviceExternalBufferProperties (physical, &info, &properties);
  features = properties.externalMemoryProperties.externalMemoryFeatures;
  /* Not a dedicated allocation: the importer would have to create its buffer
   * with the same parameters. */
  return (features & needed) == needed
         && !(features & VK_EXTERNAL_MEMORY_FEATURE_DEDICATED_ONLY_BIT);
}

void
fe_sharing_enable (FeSharingExtensions *extensions, VkDeviceCreateInfo *info)
{
  guint32 n = info->enabledExtensionCount;

  g_assert (n < FE_SHARING_MAX_EXTENSIONS);
  for (guint32 i = 0; i < n; i++)
    extensions->names[i] = info->ppEnabledExtensionNames[i];
  extensions->names[n] = VK_KHR_EXTERNAL_MEMORY_FD_EXTENSION_NAME;
  info->ppEnabledExtensionNames = extensions->names;
  info->enabledExtensionCount = n + 1;
}
