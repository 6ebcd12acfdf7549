/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Creates the folder @path with its parents; one that exists is no error. */
gboolean fe_output_folder_make (const char *path, GError **error);

/* Whether @path is the folder @folder or lies inside it, links resolved. A path
 * that does not exist is taken as it is. */
gboolean fe_output_folder_contains (const char *folder, const char *path);

G_END_DECLS
