/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Export of device memory as an opaque file descriptor, which another VkDevice
 * on the same GPU, opened by other code in the process, can import. */
#pragma once

#include <glib.h>
#include <vulkan/vulkan.h>

G_BEGIN_DECLS

#define FE_SHARING_MAX_EXTENSIONS 16

/* Names of all extensions that a device is created with. */
typedef struct {
  const char *names[FE_SHARING_MAX_EXTENSIONS];
} FeSharingExtensions;

/* pNext structures for buffers and memory of the kind FE_BUFFER_SHARED. */
extern const VkExternalMemoryBufferCreateInfo fe_sharing_buffer;
extern const VkExportMemoryAllocateInfo fe_sharing_memory;

/* Whether the physical device can export buffers that another one imports. */
gboolean fe_sharing_is_supported (VkPhysicalDevice physical);

/* Adds the extensions for export to `info`. `extensions` must stay valid until
 * the device is created. */
void fe_sharing_enable (FeSharingExtensions *extensions,
                        VkDeviceCreateInfo *info);

G_END_DECLS
