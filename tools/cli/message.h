/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Prints one line to standard error, after the name of the program. */
void fe_message_error (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* Prints a mistake in the command line, with a pointer to the help. Returns
 * FE_EXIT_USAGE. */
int fe_message_usage (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* Prints @error. Returns FE_EXIT_USAGE for FECLIP_ERROR_INPUT, a setting that
 * cannot be used, and FE_EXIT_FAILED for everything else. */
int fe_message_failure (const GError *error);

/* Prints a warning. */
void fe_message_warning (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* Prints the warnings of libfeclip like those of the program. */
void fe_message_catch_warnings (void);

G_END_DECLS
