/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/model.h>

G_BEGIN_DECLS

#define FECLIP_TYPE_SHARED_MEMORY (feclip_shared_memory_get_type ())

/**
 * FeclipSharedMemory:
 *
 * Memory on a model's device that another Vulkan device in the process (a
 * second VkDevice on the same GPU) can import. Code that has frames on its own
 * VkDevice copies them there, and the library analyses them without a copy
 * through system memory. A #FeclipFrame with `memory` set describes the
 * contents.
 *
 * A frame takes three steps. (1) The other device copies the frame into the
 * memory; the last command of the copy releases the buffer to
 * `VK_QUEUE_FAMILY_EXTERNAL`. (2) When the fence of the copy is signalled, call
 * feclip_shared_memory_acquire(). (3) Analyse the frame, any number of times,
 * until the next one is copied.
 */
FECLIP_API
G_DECLARE_FINAL_TYPE (FeclipSharedMemory, feclip_shared_memory, FECLIP,
                      SHARED_MEMORY, GObject)

/**
 * feclip_shared_memory_is_possible:
 * @model: a model
 * @device_uuid: (array fixed-size=16): `deviceUUID` of the other device, from
 *   `VkPhysicalDeviceIDProperties`
 * @driver_uuid: (array fixed-size=16): `driverUUID` of the other device
 *
 * Checks whether a Vulkan device with these UUIDs, opened with the extension
 * `VK_KHR_external_memory_fd`, can import memory of the model's device.
 *
 * Returns: %TRUE if it can
 */
FECLIP_API
gboolean feclip_shared_memory_is_possible (FeclipModel *model,
                                           const guint8 *device_uuid,
                                           const guint8 *driver_uuid);

/**
 * feclip_shared_memory_new:
 * @model: a model on the device to allocate on
 * @size: size in bytes, at least 1
 * @error: return location for an error
 *
 * Allocates memory on a model's device. All detectors of models on that device
 * can read frames in it.
 *
 * Returns: (transfer full): the memory, or %NULL with @error set
 */
FECLIP_API
FeclipSharedMemory *feclip_shared_memory_new (FeclipModel *model, gsize size,
                                              GError **error);

/**
 * feclip_shared_memory_export:
 * @self: the memory
 * @allocation_size: (out): `allocationSize` of the `VkMemoryAllocateInfo` to
 *   import it with
 * @memory_type: (out): `memoryTypeIndex` of that structure
 * @error: return location for an error
 *
 * Makes a file descriptor of the type
 * `VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT` to import the memory with. The
 * caller owns it: a successful import takes it over, otherwise the caller must
 * close it. The buffer begins at offset 0 of the memory.
 *
 * Returns: the file descriptor, or -1 with @error set
 */
FECLIP_API
int feclip_shared_memory_export (FeclipSharedMemory *self,
                                 guint64 *allocation_size, guint *memory_type,
                                 GError **error);

/**
 * feclip_shared_memory_acquire:
 * @self: the memory
 * @error: return location for an error
 *
 * Makes the finished writes of another device visible to the model's device.
 * Thread-safe. Blocks until a short submission has completed.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 */
FECLIP_API
gboolean feclip_shared_memory_acquire (FeclipSharedMemory *self,
                                       GError **error);

G_END_DECLS
