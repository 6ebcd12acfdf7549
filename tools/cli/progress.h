/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * One line on standard error that is rewritten in place, for the person who
 * waits. Where standard error is not a terminal, nothing is written but what
 * fe_progress_show_or_print() writes.
 */

/* Replaces the line. */
void fe_progress_show (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* The same for work of hours, whose progress logs shall hold, too: where
 * standard error is not a terminal, a line of its own if it is @due. */
void fe_progress_show_or_print (gboolean due, const char *format, ...)
    G_GNUC_PRINTF (2, 3);

/* Replaces the line with "@done of @total" and the time left at this pace. */
void fe_progress_show_count (const char *what, guint done, guint total,
                             gint64 start_us);

/* Removes the line, so that something else may be printed. */
void fe_progress_hide (void);

G_END_DECLS
