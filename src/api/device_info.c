/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compute/vulkan/device.h"

#include <feclip/device.h>

G_DEFINE_BOXED_TYPE (FeclipDeviceInfo, feclip_device_info,
                     feclip_device_info_copy, feclip_device_info_free)

FeclipDeviceInfo *
feclip_device_info_copy (const FeclipDeviceInfo *info)
{
  FeclipDeviceInfo *copy;

  g_return_val_if_fail (info != NULL, NULL);

  copy = g_memdup2 (info, sizeof *info);
  copy->name = g_strdup (info->name);
  copy->uuid = g_strdup (info->uuid);
  copy->driver = g_strdup (info->driver);
  copy->api_version = g_strdup (info->api_version);
  return copy;
}

void
feclip_device_info_free (FeclipDeviceInfo *info)
{
  if (!info)
    return;
  g_free (info->name);
  g_free (info->uuid);
  g_free (info->driver);
  g_free (info->api_version);
  g_free (info);
}

static const char *
type_name (VkPhysicalDeviceType type)
{
  static const char *const names[] = {
      [VK_PHYSICAL_DEVICE_TYPE_OTHER] = "other",
      [VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU] = "integrated",
      [VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU] = "discrete",
      [VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU] = "virtual",
      [VK_PHYSICAL_DEVICE_TYPE_CPU] = "cpu",
  };

  return type < G_N_ELEMENTS (names) ? names[type] : "other";
}

static guint64
largest_local_heap (VkPhysicalDevice physical)
{
  VkPhysicalDeviceMemoryProperties memory;
  guint64 largest = 0;

  vkGetPhysicalDeviceMemoryProperties (physical, &memory);
  for (guint32 i = 0; i < memory.memoryHeapCount; i++) {
    if (memory.memoryHeaps[i].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT)
      largest = MAX (largest, memory.memoryHeaps[i].size);
  }
  return largest;
}

static FeclipDeviceInfo *
device_info_new (VkPhysicalDevice physical)
{
  VkPhysicalDeviceDriverProperties driver = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES,
  };
  VkPhysicalDeviceSubgroupProperties subgroup = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES,
      .pNext = &driver,
  };
  VkPhysicalDeviceIDProperties id = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES,
      .pNext = &subgroup,
  };
  VkPhysicalDeviceProperties2 properties = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
      .pNext = &id,
  };
  const VkPhysicalDeviceProperties *base = &properties.properties;
  FeclipDeviceInfo *info = g_new0 (FeclipDeviceInfo, 1);

  vkGetPhysicalDeviceProperties2 (physical, &properties);
  info->name = g_strdup (base->deviceName);
  info->type = type_name (base->deviceType);
  info->uuid = fe_uuid_to_string (id.deviceUUID);
  info->driver =
      g_strdup_printf ("%s %s", driver.driverName, driver.driverInfo);
  info->api_version =
      g_strdup_printf ("%u.%u.%u", VK_API_VERSION_MAJOR (base->apiVersion),
                       VK_API_VERSION_MINOR (base->apiVersion),
                       VK_API_VERSION_PATCH (base->apiVersion));
  info->memory = largest_local_heap (physical);
  info->subgroup_size = subgroup.subgroupSize;
  info->usable = base->apiVersion >= VK_API_VERSION_1_1
                 && fe_find_compute_queue (physical) >= 0;
  return info;
}

GPtrArray *
feclip_list_devices (GError **error)
{
  VkDebugUtilsMessengerEXT messenger;
  VkInstance instance = VK_NULL_HANDLE;
  g_autoptr (GArray) devices = NULL;
  GPtrArray *infos = NULL;

  if (!fe_instance_new (&instance, &messenger, error))
    return NULL;
  devices = fe_instance_list (instance, error);
  if (devices) {
    infos = g_ptr_array_new_with_free_func (
        (GDestroyNotify)feclip_device_info_free);
    for (guint i = 0; i < devices->len; i++)
      g_ptr_array_add (infos, device_info_new (g_array_index (
                                  devices, VkPhysicalDevice, i)));
  }
  fe_instance_free (instance, messenger);
  return infos;
}
