/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One line on standard error, after the program's name. */
void fe_message_error (const char *format, ...) G_GNUC_PRINTF (1, 2);

/*
 * The same for a wrong command line, with a pointer to the help. Returns
 * FE_EXIT_USAGE.
 */
int fe_message_usage (const char *format, ...) G_GNUC_PRINTF (1, 2);

/*
 * Names @error, which came from preparing the model or the detector. Returns
 * the exit status that fits: a setting that cannot be used is a matter of the
 * command line, everything else a failure.
 */
int fe_message_failure (const GError *error);

/* The same for what is no error. */
void fe_message_warning (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* Shows the library's warnings in the same form as the program's errors. */
void fe_message_catch_warnings (void);

G_END_DECLS
