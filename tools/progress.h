/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * One line on standard error that is rewritten in place, for the person who
 * waits. Nothing at all is written where standard error is not a terminal.
 */

/* Replaces the line. */
void fe_progress_show (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* Replaces the line with "@done of @total" and the time left at this pace. */
void fe_progress_show_count (const char *what, guint done, guint total,
                             gint64 start_us);

/* Removes the line, so that something else may be printed. */
void fe_progress_hide (void);

G_END_DECLS
