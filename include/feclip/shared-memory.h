/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/model.h>

G_BEGIN_DECLS

#define FECLIP_TYPE_SHARED_MEMORY (feclip_shared_memory_get_type ())

/**
 * FeclipSharedMemory:
 *
 * Memory on a model's device for frames that other code in the process has on
 * the same hardware, in a Vulkan device of its own: that one imports the memory
 * and copies frames there, which are analysed without passing through the
 * processor's memory. What it holds is described as a #FeclipFrame with
 * `memory` set.
 *
 * A frame takes three steps. The other device copies it here and, with the last
 * of its commands, releases the buffer to `VK_QUEUE_FAMILY_EXTERNAL`; once its
 * fence is signalled, feclip_shared_memory_acquire() is called; then the frame
 * may be analysed, any number of times, until the next one is copied.
 */
FECLIP_API
G_DECLARE_FINAL_TYPE (FeclipSharedMemory, feclip_shared_memory, FECLIP,
                      SHARED_MEMORY, GObject)

/**
 * feclip_shared_memory_is_possible:
 * @model: a model
 * @device_uuid: (array fixed-size=16): of the other device, as in
 *   `VkPhysicalDeviceIDProperties`
 * @driver_uuid: (array fixed-size=16): likewise
 *
 * Returns: whether a Vulkan device of these identifiers, opened with the
 *   extension `VK_KHR_external_memory_fd`, can import memory of the model's
 *   device
 */
FECLIP_API
gboolean feclip_shared_memory_is_possible (FeclipModel *model,
                                           const guint8 *device_uuid,
                                           const guint8 *driver_uuid);

/**
 * feclip_shared_memory_new:
 * @model: whose device it is on
 * @size: in bytes, at least 1
 * @error: return location for an error
 *
 * Allocates memory on a model's device. Every detector on models of that device
 * can read frames there.
 *
 * Returns: (transfer full): the memory, or %NULL
 */
FECLIP_API
FeclipSharedMemory *feclip_shared_memory_new (FeclipModel *model, gsize size,
                                              GError **error);

/**
 * feclip_shared_memory_export:
 * @self: memory
 * @allocation_size: (out): what to import it with, `allocationSize` of
 *   `VkMemoryAllocateInfo`
 * @memory_type: (out): likewise, `memoryTypeIndex`
 * @error: return location for an error
 *
 * Makes a descriptor of the type `VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT`
 * to import the memory by. Importing it takes the descriptor over; it is the
 * caller's to close otherwise. The buffer begins at offset 0.
 *
 * Returns: the descriptor, or -1
 */
FECLIP_API
int feclip_shared_memory_export (FeclipSharedMemory *self,
                                 guint64 *allocation_size, guint *memory_type,
                                 GError **error);

/**
 * feclip_shared_memory_acquire:
 * @self: memory
 * @error: return location for an error
 *
 * Makes what another device has written, and finished, visible to the model's.
 * Blocks briefly. Thread-safe.
 *
 * Returns: whether it worked
 */
FECLIP_API
gboolean feclip_shared_memory_acquire (FeclipSharedMemory *self,
                                       GError **error);

G_END_DECLS
