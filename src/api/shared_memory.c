/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "api/shared_memory.h"

#include <feclip/error.h>
#include <string.h>

#include "api/model.h"
#include "compute/vulkan/commands.h"
#include "compute/vulkan/memory_export.h"

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

gboolean
feclip_shared_memory_is_possible (FeclipModel *model, const guint8 *device_uuid,
                                  const guint8 *driver_uuid)
{
  const FeDevice *device;

  g_return_val_if_fail (FECLIP_IS_MODEL (model), FALSE);
  g_return_val_if_fail (device_uuid != NULL, FALSE);
  g_return_val_if_fail (driver_uuid != NULL, FALSE);

  device = fe_model_get_network (model)->device;
  return device->shares && memcmp (device->uuid, device_uuid, VK_UUID_SIZE) == 0
         && memcmp (device->driver_uuid, driver_uuid, VK_UUID_SIZE) == 0;
}

FeclipSharedMemory *
feclip_shared_memory_new (FeclipModel *model, gsize size, GError **error)
{
  g_autoptr (FeclipSharedMemory) self = NULL;
  FeDevice *device;

  g_return_val_if_fail (FECLIP_IS_MODEL (model), NULL);

  device = fe_model_get_network (model)->device;
  if (!device->shares) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_DEVICE,
                 "%s shares no memory with other devices", device->name);
    return NULL;
  }
  self = g_object_new (FECLIP_TYPE_SHARED_MEMORY, NULL);
  self->buffer = fe_buffer_new (device, FE_BUFFER_SHARED, VK_FORMAT_R32_UINT,
                                size, "shared frames", error);
  self->acquisition = fe_commands_new (device, FALSE, error);
  if (!self->buffer || !self->acquisition)
    return NULL;
  fe_commands_acquire (self->acquisition, self->buffer);
  if (!fe_commands_end (self->acquisition, error))
    return NULL;
  return g_steal_pointer (&self);
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
  return fe_sharing_export (self->buffer, error);
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
