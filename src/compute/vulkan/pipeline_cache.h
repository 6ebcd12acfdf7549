/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a driver compiled, kept from one run to the next in the user's cache
 * folder. Nothing here fails: without the file all works, only later. The
 * environment variable FECLIP_PIPELINE_CACHE=0 leaves files alone. */
#pragma once

#include "compute/vulkan/device.h"

G_BEGIN_DECLS

/* Where the data of this device and driver lies, a string to free. */
char *fe_pipeline_cache_get_path (const FeDevice *device);

/* The data to free, or NULL where there is none that is whole and this
 * device's own; never NULL with a size above 0. */
char *fe_pipeline_cache_read (const FeDevice *device, gsize *size);

/* Writes the data aside and renames it, if it is not as much as was read. */
void fe_pipeline_cache_write (const FeDevice *device, VkPipelineCache cache,
                              gsize size_read);

G_END_DECLS
