/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the preprocessing needs of shared memory beyond its public face. */
#pragma once

#include <feclip/shared-memory.h>

#include "compute/vulkan/memory.h"

G_BEGIN_DECLS

/* Its bytes, which kernels read in words. */
FeBuffer *fe_shared_memory_get_buffer (FeclipSharedMemory *self);

/* Whether it is on this device. */
gboolean fe_shared_memory_check (FeclipSharedMemory *self,
                                 const FeDevice *device, GError **error);

G_END_DECLS
