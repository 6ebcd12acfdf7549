/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* On-disk cache of compiled pipelines, in the user's cache folder. Its
 * functions cannot fail: without the file, pipelines are compiled again. The
 * environment variable FECLIP_PIPELINE_CACHE=0 disables it. */
#pragma once

#include "compute/vulkan/device.h"

G_BEGIN_DECLS

/* Path of the cache file of this device and driver; free with g_free(). */
char *fe_pipeline_cache_get_path (const FeDevice *device);

/* Reads the cache data; free with g_free(). NULL, with *size 0, if there is no
 * file, or if it is damaged or belongs to another device. */
char *fe_pipeline_cache_read (const FeDevice *device, gsize *size);

/* Writes the cache file atomically, if the cache has grown since `size_read`
 * bytes were read. */
void fe_pipeline_cache_write (const FeDevice *device, VkPipelineCache cache,
                              gsize size_read);

G_END_DECLS
