/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _FeOutput FeOutput;

/* Opens the output of a sub-command: standard output for NULL or "-", else a
 * file, which is truncated. */
FeOutput *fe_output_new (const char *path, GError **error);

/* Writes @text and flushes it, so that a full disk is an error here. */
gboolean fe_output_write (FeOutput *self, const char *text, GError **error);

/* NULL is allowed. */
void fe_output_free (FeOutput *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeOutput, fe_output_free)

/* Writes @text to standard output. Prints a message after a failure. Returns an
 * exit status. */
int fe_output_print (const char *text);

G_END_DECLS
