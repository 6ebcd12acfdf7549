/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An event file as TensorBoard reads it. */
typedef struct _FeEvents FeEvents;

/* Starts the folder's file anew; the folder is made. */
FeEvents *fe_events_new (const char *folder, GError **error);

/* NULL is allowed. */
void fe_events_free (FeEvents *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeEvents, fe_events_free)

/* Adds one number of a step. */
gboolean fe_events_add (FeEvents *self, gint64 step, const char *tag,
                        float value, GError **error);

/* Hands over to the system what was added. */
gboolean fe_events_flush (FeEvents *self, GError **error);

G_END_DECLS
