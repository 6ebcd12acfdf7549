/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/retired.h"

typedef struct {
  gpointer object;
  GDestroyNotify release;
} Retired;

static void
retired_free (gpointer data)
{
  Retired *self = data;

  self->release (self->object);
  g_free (self);
}

GPtrArray *
gst_feclip_retired_new (void)
{
  return g_ptr_array_new_with_free_func (retired_free);
}

void
gst_feclip_retired_add (GPtrArray *self, gpointer object,
                        GDestroyNotify release)
{
  Retired *retired = NULL;

  if (object == NULL)
    return;
  retired = g_new (Retired, 1);
  *retired = (Retired){object, release};
  g_ptr_array_add (self, retired);
}
