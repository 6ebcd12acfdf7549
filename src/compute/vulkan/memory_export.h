/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory that another device on the same hardware, opened by other code in the
 * process, uses as well: exported as an opaque file descriptor. */
#pragma once

#include <glib.h>
#include <vulkan/vulkan.h>

G_BEGIN_DECLS

#define FE_SHARING_MAX_EXTENSIONS 16

/* Names of all extensions that a device is made with. */
typedef struct {
  const char *names[FE_SHARING_MAX_EXTENSIONS];
} FeSharingExtensions;

/* What buffers and memory of the kind FE_BUFFER_SHARED are made with. */
extern const VkExternalMemoryBufferCreateInfo fe_sharing_buffer;
extern const VkExportMemoryAllocateInfo fe_sharing_memory;

/* Whether buffers can be exported, and imported by another device. */
gboolean fe_sharing_is_supported (VkPhysicalDevice physical);

/* Adds to what a device is made with. `extensions` must live until it is. */
void fe_sharing_enable (FeSharingExtensions *extensions,
                        VkDeviceCreateInfo *info);

G_END_DECLS
