/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _FeOutput FeOutput;

/*
 * Where a sub-command writes its results. @path NULL or "-" is standard output;
 * a file is emptied first.
 */
FeOutput *fe_output_new (const char *path, GError **error);

/* Writes @text through to the system; what cannot be written is an error. */
gboolean fe_output_write (FeOutput *self, const char *text, GError **error);

/* NULL is allowed. */
void fe_output_free (FeOutput *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeOutput, fe_output_free)

/* Writes @text to standard output. Returns an exit status. */
int fe_output_print (const char *text);

G_END_DECLS
