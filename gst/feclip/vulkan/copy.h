/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/shared-memory.h>
#include <gst/video/video.h>

G_BEGIN_DECLS

/* Copies frames in Vulkan images to memory on the model's device, if both
 * devices can share memory, else to system memory. The images are not changed.
 * Used by one thread at a time. */
typedef struct _GstFeclipVulkanCopy GstFeclipVulkanCopy;

/* A copy, whose planes have the offsets and strides of @info. */
typedef struct {
  GstVideoInfo info;
  FeclipSharedMemory *memory; /* NULL: the copy is in @buffer */
  GstBuffer *buffer;          /* NULL: the copy is in @memory */
} GstFeclipVulkanFrame;

/* Keeps a reference to @model; @info describes the caps. */
GstFeclipVulkanCopy *gst_feclip_vulkan_copy_new (FeclipModel *model,
                                                 const GstVideoInfo *info);

/* Waits for a copy that runs. NULL: nothing to free. */
void gst_feclip_vulkan_copy_free (GstFeclipVulkanCopy *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstFeclipVulkanCopy, gst_feclip_vulkan_copy_free)

/* Submits the copy of @buffer's frame, ahead of all that is submitted later for
 * its images. With @shared, to shared memory if possible. Fails with
 * FECLIP_ERROR, or with GST_STREAM_ERROR if the images do not hold a frame of
 * the caps. */
gboolean gst_feclip_vulkan_copy_begin (GstFeclipVulkanCopy *self,
                                       GstBuffer *buffer, gboolean shared,
                                       GError **error);

/* Returns: whether the last call was gst_feclip_vulkan_copy_begin() with
 * @buffer */
gboolean gst_feclip_vulkan_copy_has_begun (GstFeclipVulkanCopy *self,
                                           GstBuffer *buffer);

/* Waits until the images have been read. gst_feclip_vulkan_copy_finish() must
 * follow, and returns the error if there was one. */
void gst_feclip_vulkan_copy_wait (GstFeclipVulkanCopy *self);

/* Waits for the copy. Fails with FECLIP_ERROR.
 * Returns: (transfer none) (nullable): the copy, valid until the next one
 * begins; NULL on failure */
const GstFeclipVulkanFrame *
gst_feclip_vulkan_copy_finish (GstFeclipVulkanCopy *self, GError **error);

G_END_DECLS
