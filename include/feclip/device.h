/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/error.h>

G_BEGIN_DECLS

#define FECLIP_TYPE_DEVICE_INFO (feclip_device_info_get_type ())

typedef struct _FeclipDeviceInfo FeclipDeviceInfo;

/**
 * FeclipDeviceInfo:
 * @name: the driver's name for the device
 * @type: "discrete", "integrated", "virtual", "cpu" or "other"
 * @uuid: the device's UUID, 36 characters
 * @driver: the driver's name and version
 * @api_version: Vulkan version, such as "1.3.230"
 * @memory: bytes of its largest device-local heap
 * @subgroup_size: invocations that run in lockstep
 * @usable: whether feclip can run on it
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

FECLIP_API
FeclipDeviceInfo *feclip_device_info_copy (const FeclipDeviceInfo *info);

FECLIP_API
void feclip_device_info_free (FeclipDeviceInfo *info);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeclipDeviceInfo, feclip_device_info_free)

/**
 * feclip_list_devices:
 * @error: return location for an error
 *
 * Lists the Vulkan devices in the order of their index, which the setting
 * "device" takes. Opens none of them.
 *
 * Returns: (transfer container) (element-type FeclipDeviceInfo): the devices,
 *   possibly none, or %NULL if Vulkan itself is not there
 */
FECLIP_API
GPtrArray *feclip_list_devices (GError **error);

G_END_DECLS
