/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A file of lines that others may read while it grows: each line reaches it
 * whole, in one piece and at once. Errors are G_FILE_ERROR with a sentence that
 * names the file. */
typedef struct _GstFeclipLineFile GstFeclipLineFile;

/* @path NULL or "-": standard output, which stays open. Else the file is made,
 * or emptied unless @append. */
GstFeclipLineFile *gst_feclip_line_file_open (const char *path, gboolean append,
                                              GError **error);

/* Writes @line and a line break; the file keeps no part of it on failure where
 * that can be helped. */
gboolean gst_feclip_line_file_write (GstFeclipLineFile *self, const char *line,
                                     GError **error);

/* Closes and frees it. Returns: FALSE if the system only now admits that
 * something was not written */
gboolean gst_feclip_line_file_close (GstFeclipLineFile *self, GError **error);

G_END_DECLS
