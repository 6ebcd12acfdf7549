/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* FeclipSharedMemory: one exportable buffer of a device, and the commands that
 * acquire it from another device. Models are not known here: the functions of
 * its public header that take one are in api/. */
#pragma once

#include <feclip/shared-memory.h>

#include "compute/vulkan/memory.h"

G_BEGIN_DECLS

/* Allocates `size` bytes on a device; keeps a reference to it. Fails where the
 * device cannot export memory. */
FeclipSharedMemory *fe_shared_memory_new (FeDevice *device, gsize size,
                                          GError **error);

/* The buffer, which kernels read as 32-bit words. Owned by `self`. */
FeBuffer *fe_shared_memory_get_buffer (FeclipSharedMemory *self);

/* Whether the memory is on this device; else sets the error. */
gboolean fe_shared_memory_check (FeclipSharedMemory *self,
                                 const FeDevice *device, GError **error);

G_END_DECLS
