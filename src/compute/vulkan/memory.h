/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Buffers in device memory, and transfers to and from the host. */
#pragma once

#include "compute/vulkan/device.h"

G_BEGIN_DECLS

typedef enum {
  FE_BUFFER_DEVICE,   /* for the device; transfers to the host are slow */
  FE_BUFFER_UPLOAD,   /* mapped; the host writes it for every frame */
  FE_BUFFER_READBACK, /* mapped; the host reads it after every frame */
  FE_BUFFER_SHARED,   /* as _DEVICE, and another VkDevice may write it */
} FeBufferKind;

/* A buffer with its own memory, initialised to zero. Not thread-safe. */
typedef struct {
  FeDevice *device;
  VkBuffer buffer;
  VkDeviceMemory memory;
  VkDeviceSize allocated; /* size of `memory` in bytes */
  guint32 memory_type;    /* index of its memory type */
  VkBufferView view;      /* texel buffer view of `format`, or VK_NULL_HANDLE */
  VkFormat format;
  VkDeviceSize size;
  void *mapped; /* NULL if the host cannot map it */
} FeBuffer;

/* Allocates `size` bytes, at least 1. `format` is the format of the texel
 * buffer view, or VK_FORMAT_UNDEFINED for none. `what` names the buffer in
 * error messages. Blocks while the buffer is filled with zeros. */
FeBuffer *fe_buffer_new (FeDevice *device, FeBufferKind kind, VkFormat format,
                         gsize size, const char *what, GError **error);

void fe_buffer_free (FeBuffer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeBuffer, fe_buffer_free)

/* Copies bytes from or to the host, through a staging buffer if needed. Blocks.
 * No kernel may be using the buffer. */
gboolean fe_buffer_write (FeBuffer *self, gsize offset, const void *data,
                          gsize size, GError **error);
gboolean fe_buffer_read (FeBuffer *self, gsize offset, void *data, gsize size,
                         GError **error);

G_END_DECLS
