/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image_io/output_folder.h"

#include <errno.h>
#include <feclip/error.h>
#include <glib/gstdio.h>
#include <stdlib.h>

gboolean
fe_output_folder_make (const char *path, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);

  if (g_mkdir_with_parents (path, 0777) == 0)
    return TRUE;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
               "the folder %s cannot be created: %s", name, g_strerror (errno));
  return FALSE;
}

/* The path without links and with "/" at its end. */
static char *
resolve (const char *path)
{
  char *resolved = realpath (path, NULL);
  char *slashed =
      g_build_filename (resolved ? resolved : path, G_DIR_SEPARATOR_S, NULL);

  free (resolved);
  return slashed;
}

gboolean
fe_output_folder_contains (const char *folder, const char *path)
{
  g_autofree char *outer = resolve (folder);
  g_autofree char *inner = resolve (path);

  return g_str_has_prefix (inner, outer);
}
