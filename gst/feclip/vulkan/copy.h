/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/shared-memory.h>
#include <gst/video/video.h>

G_BEGIN_DECLS

/* Copies frames that lie in Vulkan images to where they can be read: to memory
 * on the model's device where both can share it, else to system memory. Leaves
 * the images as they are. Used by one thread at a time. */
typedef struct _GstFeclipVulkanCopy GstFeclipVulkanCopy;

/* A copy: planes lie as @info says. */
typedef struct {
  GstVideoInfo info;
  FeclipSharedMemory *memory; /* NULL: it is in @buffer */
  GstBuffer *buffer;          /* NULL: it is in @memory */
} GstFeclipVulkanFrame;

GstFeclipVulkanCopy *gst_feclip_vulkan_copy_new (FeclipModel *model,
                                                 const GstVideoInfo *info);

void gst_feclip_vulkan_copy_free (GstFeclipVulkanCopy *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstFeclipVulkanCopy, gst_feclip_vulkan_copy_free)

/* Returns: whether @buffer's frame lies in Vulkan images */
gboolean gst_feclip_vulkan_copy_is_needed (GstBuffer *buffer);

/* Submits the copying of @buffer's frame, before whoever has the buffer next
 * can touch its images. With @shared, to shared memory if possible. Fails with
 * FECLIP_ERROR, or GST_STREAM_ERROR if the images do not hold such a frame. */
gboolean gst_feclip_vulkan_copy_begin (GstFeclipVulkanCopy *self,
                                       GstBuffer *buffer, gboolean shared,
                                       GError **error);

/* Returns: whether gst_feclip_vulkan_copy_begin() was the last thing that was
 * called, for @buffer */
gboolean gst_feclip_vulkan_copy_has_begun (GstFeclipVulkanCopy *self,
                                           GstBuffer *buffer);

/* Waits until the images have been read. gst_feclip_vulkan_copy_finish() still
 * follows, and says what went wrong. */
void gst_feclip_vulkan_copy_wait (GstFeclipVulkanCopy *self);

/* Waits for the copy, which stays as it is until the next one begins. Fails
 * with FECLIP_ERROR.
 * Returns: (transfer none) (nullable): the copy, or NULL */
const GstFeclipVulkanFrame *
gst_feclip_vulkan_copy_finish (GstFeclipVulkanCopy *self, GError **error);

G_END_DECLS
