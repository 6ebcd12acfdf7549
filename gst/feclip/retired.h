/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An array of objects that are no longer in use but not released yet: releasing
 * one may free device memory, which is too slow for a streaming thread and must
 * not happen under a lock. The objects are released when they are removed from
 * the array, or with its last reference. Not thread-safe. */

/* Returns: (transfer full): an empty array */
GPtrArray *gst_feclip_retired_new (void);

/* Adds @object (transfer full) (nullable), which @release releases. */
void gst_feclip_retired_add (GPtrArray *self, gpointer object,
                             GDestroyNotify release);

G_END_DECLS
