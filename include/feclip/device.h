/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/error.h>

G_BEGIN_DECLS

#define FECLIP_TYPE_DEVICE_INFO (feclip_device_info_get_type ())

typedef struct _FeclipDeviceInfo FeclipDeviceInfo;

/**
 * FeclipDeviceInfo:
 * @name: name of the device, from the driver
 * @type: "discrete", "integrated", "virtual", "cpu" or "other"
 * @uuid: UUID of the device, 36 characters
 * @driver: name and version of the driver
 * @api_version: Vulkan version, such as "1.3.230"
 * @memory: size of the largest device-local heap in bytes
 * @subgroup_size: number of invocations in a subgroup
 * @usable: whether feclip can run on the device
 *
 * One Vulkan device of this machine.
 */
struct _FeclipDeviceInfo {
  char *name;
  const char *type;
  char *uuid;
  char *driver;
  char *api_version;
  guint64 memory;
  guint subgroup_size;
  gboolean usable;
};

FECLIP_API
GType feclip_device_info_get_type (void);

/**
 * feclip_device_info_copy:
 * @info: the description of a device
 *
 * Returns: (transfer full): a deep copy
 */
FECLIP_API
FeclipDeviceInfo *feclip_device_info_copy (const FeclipDeviceInfo *info);

/**
 * feclip_device_info_free:
 * @info: (nullable): the description of a device
 *
 * Frees the memory of @info; does nothing if it is %NULL.
 */
FECLIP_API
void feclip_device_info_free (FeclipDeviceInfo *info);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeclipDeviceInfo, feclip_device_info_free)

/**
 * feclip_list_devices:
 * @error: return location for an error
 *
 * Lists the Vulkan devices, ordered by the index that the setting "device"
 * takes. Does not open any device.
 *
 * Returns: (transfer container) (element-type FeclipDeviceInfo): the devices,
 *   possibly none, or %NULL with @error set if Vulkan is not available
 */
FECLIP_API
GPtrArray *feclip_list_devices (GError **error);

G_END_DECLS
