/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/scratch.h"

#include <glib/gstdio.h>
#include <stdlib.h>

static char *folder;

void
scratch_remove (const char *path)
{
  g_autoptr (GDir) dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK)
                             ? NULL
                             : g_dir_open (path, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree char *child = g_build_filename (path, name, NULL);

    scratch_remove (child);
  }
  g_remove (path);
}

static void
remove_folder (void)
{
  scratch_remove (folder);
  g_clear_pointer (&folder, g_free);
}

char *
scratch_path (const char *name)
{
  g_autoptr (GError) error = NULL;

  if (!folder) {
    folder = g_dir_make_tmp ("feclip-test-XXXXXX", &error);
    g_assert_no_error (error);
    atexit (remove_folder);
  }
  return g_build_filename (folder, name, NULL);
}

void
scratch_write (const char *path, const void *bytes, gssize length)
{
  g_autoptr (GError) error = NULL;

  /* Some file systems write a file that replaces another one at once. And GLib
   * 2.74 would leave the rest of a longer one there. */
  g_unlink (path);
  g_file_set_contents_full (path, bytes, length, G_FILE_SET_CONTENTS_NONE, 0600,
                            &error);
  g_assert_no_error (error);
}
