/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compute/vulkan/processors.h"

#include "compute/vulkan/device.h"

/* Where a driver does not tell: a small card, and a small graphics unit beside
 * a processor. Too few cost little, as waves are then thought full. */
#define OF_A_CARD 32
#define INTEGRATED 8

static guint
count_nvidia (VkPhysicalDevice physical)
{
  VkPhysicalDeviceShaderSMBuiltinsPropertiesNV counts = {
      .sType =
          VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_SM_BUILTINS_PROPERTIES_NV,
  };
  VkPhysicalDeviceProperties2 properties = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
      .pNext = &counts,
  };

  if (!fe_has_extension (physical, VK_NV_SHADER_SM_BUILTINS_EXTENSION_NAME))
    return 0;
  vkGetPhysicalDeviceProperties2 (physical, &properties);
  return counts.shaderSMCount;
}

static guint
count_amd (VkPhysicalDevice physical)
{
  VkPhysicalDeviceShaderCorePropertiesAMD counts = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_CORE_PROPERTIES_AMD,
  };
  VkPhysicalDeviceProperties2 properties = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
      .pNext = &counts,
  };

  if (!fe_has_extension (physical,
                         VK_AMD_SHADER_CORE_PROPERTIES_EXTENSION_NAME))
    return 0;
  vkGetPhysicalDeviceProperties2 (physical, &properties);
  return counts.shaderEngineCount * counts.shaderArraysPerEngineCount
         * counts.computeUnitsPerShaderArray;
}

guint
fe_count_processors (VkPhysicalDevice physical)
{
  VkPhysicalDeviceProperties properties;
  guint n = count_nvidia (physical);

  if (!n)
    n = count_amd (physical);
  if (n)
    return n;
  vkGetPhysicalDeviceProperties (physical, &properties);
  return properties.deviceType == VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU
             ? INTEGRATED
             : OF_A_CARD;
}
