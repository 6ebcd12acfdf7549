/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "feclip/vulkan/queue.h"

G_BEGIN_DECLS

/* A buffer on a Vulkan device of GStreamer's that frames are copied to: memory
 * of the model's device, or memory that the processor reads. */
typedef struct {
  GstVulkanDevice *device; /* NULL: there is none */
  gsize size;
  VkBuffer buffer;
  VkDeviceMemory memory;
  FeclipSharedMemory *shared; /* the model's, which this is */
  guint8 *mapped;             /* else where the processor reads it */
} GstFeclipVulkanTarget;

/* Makes @size bytes on @device: shared with @model, or with NULL for the
 * processor. Fails with FECLIP_ERROR. */
gboolean gst_feclip_vulkan_target_init (GstFeclipVulkanTarget *self,
                                        GstVulkanDevice *device, gsize size,
                                        FeclipModel *model, GError **error);

/* Nothing may be using it. */
void gst_feclip_vulkan_target_clear (GstFeclipVulkanTarget *self);

/* Returns: whether @result is a success; else says "could not @what" with
 * FECLIP_ERROR */
gboolean gst_feclip_vulkan_check (VkResult result, const char *what,
                                  GError **error);

G_END_DECLS
