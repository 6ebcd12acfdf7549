/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Device memory: buffers, and the way into and out of them. */
#pragma once

#include "compute/vulkan/device.h"

G_BEGIN_DECLS

typedef enum {
  FE_BUFFER_DEVICE,   /* only the device touches it, but for rare transfers */
  FE_BUFFER_UPLOAD,   /* mapped; the host writes it for every frame */
  FE_BUFFER_READBACK, /* mapped; the host reads it after every frame */
  FE_BUFFER_SHARED,   /* as _DEVICE, and another device may write it */
} FeBufferKind;

/* A buffer with memory of its own, all zero at first. */
typedef struct {
  FeDevice *device;
  VkBuffer buffer;
  VkDeviceMemory memory;
  VkDeviceSize allocated; /* bytes of it */
  guint32 memory_type;    /* that it is of */
  VkBufferView view;      /* as texels of `format`, if there is one */
  VkFormat format;
  VkDeviceSize size;
  void *mapped; /* NULL where the host cannot see it */
} FeBuffer;

/* `format` is VK_FORMAT_UNDEFINED for a buffer that no kernel reads as texels,
 * else that of the view. `what` names the buffer in errors. */
FeBuffer *fe_buffer_new (FeDevice *device, FeBufferKind kind, VkFormat format,
                         gsize size, const char *what, GError **error);

void fe_buffer_free (FeBuffer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeBuffer, fe_buffer_free)

/* Copies from or to the host; blocks. No kernel may be using the buffer. */
gboolean fe_buffer_write (FeBuffer *self, gsize offset, const void *data,
                          gsize size, GError **error);
gboolean fe_buffer_read (FeBuffer *self, gsize offset, void *data, gsize size,
                         GError **error);

G_END_DECLS
