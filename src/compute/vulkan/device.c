/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compute/vulkan/device.h"

gboolean
fe_vk_check (VkResult result, const FeDevice *self, GError **error,
             const char *what, ...)
{
  gboolean ok;
  va_list args;

  va_start (args, what);
  ok = fe_vk_check_valist (result, self ? self->name : NULL, error, what, args);
  va_end (args);
  return ok;
}

void
fe_device_count_memory (FeDevice *self, gint64 bytes)
{
  g_mutex_lock (&self->memory_lock);
  self->allocated += (guint64)bytes;
  self->most_allocated = MAX (self->most_allocated, self->allocated);
  g_mutex_unlock (&self->memory_lock);
}

guint64
fe_device_get_memory (FeDevice *self, guint64 *most)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->memory_lock);

  *most = self->most_allocated;
  return self->allocated;
}
