/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Does the @index-th piece of work; called from several threads. */
typedef gboolean (*FeBatchWork) (gpointer data, guint index, GError **error);

/* Tells how far the work is; called from the thread that waits. */
typedef void (*FeBatchProgress) (guint done, guint total, gint64 start_us);

/*
 * Does @n pieces of work on @threads threads and returns when all are done, or
 * with the first error when one fails. @progress may be NULL.
 */
gboolean fe_batch_run (guint n, guint threads, FeBatchWork work, gpointer data,
                       FeBatchProgress progress, GError **error);

G_END_DECLS
