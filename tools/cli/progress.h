/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * A progress line on standard error, rewritten in place. If standard error is
 * not a terminal, only fe_progress_show_or_print() prints.
 */

/* Replaces the line. */
void fe_progress_show (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* The same for work of hours, whose progress belongs into logs, too: if
 * standard error is not a terminal, prints a separate line if it is @due. */
void fe_progress_show_or_print (gboolean due, const char *format, ...)
    G_GNUC_PRINTF (2, 3);

/* Replaces the line by "@what @done of @total" and the remaining time,
 * estimated from @start_us, g_get_monotonic_time(). */
void fe_progress_show_count (const char *what, guint done, guint total,
                             gint64 start_us);

/* Removes the line before something else is printed. */
void fe_progress_hide (void);

G_END_DECLS
