/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compute/vulkan/pipeline_cache.h"

#include <string.h>

/* Length of the SHA-256 in hexadecimal at the start of a file. */
#define CHECKSUM_SIZE 64
/* Size of Vulkan's header at the start of the data that follows. */
#define HEADER_SIZE 32

static gboolean
is_off (void)
{
  return g_strcmp0 (g_getenv ("FECLIP_PIPELINE_CACHE"), "0") == 0;
}

/* One file per device and driver, so that none overwrites another's. */
char *
fe_pipeline_cache_get_path (const FeDevice *device)
{
  g_autofree char *uuid =
      fe_uuid_to_string (device->properties.pipelineCacheUUID);
  g_autofree char *file = g_strdup_printf ("pipelines-%08x-%08x-%s.bin",
                                           device->properties.vendorID,
                                           device->properties.deviceID, uuid);

  return g_build_filename (g_get_user_cache_dir (), "feclip", file, NULL);
}

/* Checked besides the checksum, which is right in a file from another machine.
 */
static gboolean
is_of_device (const char *data, gsize size, const FeDevice *device)
{
  const VkPhysicalDeviceProperties *properties = &device->properties;
  guint32 header[4];

  if (size < HEADER_SIZE)
    return FALSE;
  memcpy (header, data, sizeof header);
  return GUINT32_FROM_LE (header[0]) == HEADER_SIZE
         && GUINT32_FROM_LE (header[1]) == VK_PIPELINE_CACHE_HEADER_VERSION_ONE
         && GUINT32_FROM_LE (header[2]) == properties->vendorID
         && GUINT32_FROM_LE (header[3]) == properties->deviceID
         && memcmp (data + sizeof header, properties->pipelineCacheUUID,
                    VK_UUID_SIZE)
                == 0;
}

/* Drivers do not validate cache data, so damaged data must not reach them. */
char *
fe_pipeline_cache_read (const FeDevice *device, gsize *size)
{
  g_autofree char *path = fe_pipeline_cache_get_path (device);
  g_autofree char *file = NULL;
  g_autofree char *sum = NULL;
  gsize file_size = 0, data_size;
  const char *data;

  *size = 0;
  if (is_off () || !g_file_get_contents (path, &file, &file_size, NULL)
      || file_size < CHECKSUM_SIZE)
    return NULL;
  data = file + CHECKSUM_SIZE;
  data_size = file_size - CHECKSUM_SIZE;
  sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guint8 *)data,
                                     data_size);
  if (memcmp (sum, file, CHECKSUM_SIZE) != 0
      || !is_of_device (data, data_size, device))
    return NULL;
  *size = data_size;
  return g_memdup2 (data, data_size);
}

void
fe_pipeline_cache_write (const FeDevice *device, VkPipelineCache cache,
                         gsize size_read)
{
  g_autofree char *path = fe_pipeline_cache_get_path (device);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *file = NULL;
  g_autofree char *sum = NULL;
  gsize size = 0;

  if (is_off ()
      || vkGetPipelineCacheData (device->device, cache, &size, NULL)
             != VK_SUCCESS
      || size == size_read)
    return;
  file = g_malloc (CHECKSUM_SIZE + size);
  if (vkGetPipelineCacheData (device->device, cache, &size,
                              file + CHECKSUM_SIZE)
      != VK_SUCCESS)
    return;
  sum = g_compute_checksum_for_data (
      G_CHECKSUM_SHA256, (const guint8 *)file + CHECKSUM_SIZE, size);
  memcpy (file, sum, CHECKSUM_SIZE);
  if (g_mkdir_with_parents (folder, 0700) == 0)
    g_file_set_contents (path, file, (gssize)(CHECKSUM_SIZE + size), NULL);
}
