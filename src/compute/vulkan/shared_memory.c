/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compute/vulkan/shared_memory.h"

#include <feclip/error.h>

#include "compute/vulkan/commands.h"

struct _FeclipSharedMemory {
  GObject parent;

  FeBuffer *buffer;
  GMutex lock; /* of the commands */
  FeCommands *acquisition;
};

G_DEFINE_FINAL_TYPE (FeclipSharedMemory, feclip_shared_memory, G_TYPE_OBJECT)

static void
feclip_shared_memory_finalize (GObject *object)
{
  FeclipSharedMemory *self = FECLIP_SHARED_MEMORY (object);

  fe_commands_free (self->acquisition);
  fe_buffer_free (self->buffer);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (feclip_shared_memory_parent_class)->finalize (object);
}

static void
feclip_shared_memory_class_init (FeclipSharedMemoryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = feclip_shared_memory_finalize;
}

static void
feclip_shared_memory_init (FeclipSharedMemory *self)
{
  g_mutex_init (&self->lock);
}

FeclipSharedMemory *
fe_shared_memory_new (FeDevice *device, gsize size, GError **error)
{
  g_autoptr (FeclipSharedMemory) self = NULL;

  if (!device->shares) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_DEVICE,
                 "%s cannot share memory with other Vulkan devices",
                 device->name);
    return NULL;
  }
  self = g_object_new (FECLIP_TYPE_SHARED_MEMORY, NULL);
  if (!(self->buffer =
            fe_buffer_new (device, FE_BUFFER_SHARED, VK_FORMAT_R32_UINT, size,
                           "shared frames", error))
      || !(self->acquisition = fe_commands_new (device, FALSE, error)))
    return NULL;
  fe_commands_acquire (self->acquisition, self->buffer);
  if (!fe_commands_end (self->acquisition, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* Returns: a descriptor of the buffer's memory, which the caller closes, or
 * -1 */
static int
export_memory (const FeBuffer *buffer, GError **error)
{
  const FeDevice *device = buffer->device;
  const VkMemoryGetFdInfoKHR info = {
      .sType = VK_STRUCTURE_TYPE_MEMORY_GET_FD_INFO_KHR,
      .memory = buffer->memory,
      .handleType = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT,
  };
  PFN_vkGetMemoryFdKHR get_fd = (PFN_vkGetMemoryFdKHR)vkGetDeviceProcAddr (
      device->device, "vkGetMemoryFdKHR");
  int fd = -1;

  if (!fe_vk_check (get_fd (device->device, &info, &fd), device, error,
                    "export memory"))
    return -1;
  return fd;
}

int
feclip_shared_memory_export (FeclipSharedMemory *self, guint64 *allocation_size,
                             guint *memory_type, GError **error)
{
  g_return_val_if_fail (FECLIP_IS_SHARED_MEMORY (self), -1);
  g_return_val_if_fail (allocation_size != NULL, -1);
  g_return_val_if_fail (memory_type != NULL, -1);

  *allocation_size = self->buffer->allocated;
  *memory_type = self->buffer->memory_type;
  return export_memory (self->buffer, error);
}

gboolean
feclip_shared_memory_acquire (FeclipSharedMemory *self, GError **error)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = NULL;

  g_return_val_if_fail (FECLIP_IS_SHARED_MEMORY (self), FALSE);

  locker = g_mutex_locker_new (&self->lock);
  return fe_commands_run (self->acquisition, error);
}

FeBuffer *
fe_shared_memory_get_buffer (FeclipSharedMemory *self)
{
  return self->buffer;
}

gboolean
fe_shared_memory_check (FeclipSharedMemory *self, const FeDevice *device,
                        GError **error)
{
  if (self->buffer->device == device)
    return TRUE;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
               "a frame lies in memory of %s, which is not the device that "
               "analyses it",
               self->buffer->device->name);
  return FALSE;
}
