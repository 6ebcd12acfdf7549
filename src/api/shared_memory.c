/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compute/vulkan/shared_memory.h"

#include <string.h>

#include "api/model.h"

gboolean
feclip_shared_memory_is_possible (FeclipModel *model, const guint8 *device_uuid,
                                  const guint8 *driver_uuid)
{
  const FeDevice *device;

  g_return_val_if_fail (FECLIP_IS_MODEL (model), FALSE);
  g_return_val_if_fail (device_uuid != NULL, FALSE);
  g_return_val_if_fail (driver_uuid != NULL, FALSE);

  device = fe_model_get_network (model)->device;
  return device->shares && memcmp (device->uuid, device_uuid, VK_UUID_SIZE) == 0
         && memcmp (device->driver_uuid, driver_uuid, VK_UUID_SIZE) == 0;
}

FeclipSharedMemory *
feclip_shared_memory_new (FeclipModel *model, gsize size, GError **error)
{
  g_return_val_if_fail (FECLIP_IS_MODEL (model), NULL);
  return fe_shared_memory_new (fe_model_get_network (model)->device, size,
                               error);
}
