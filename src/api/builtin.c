/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _GNU_SOURCE
#include "api/builtin.h"

#include <dlfcn.h>

#define FILE_NAME "builtin-model.safetensors"

/* Beside whatever holds this function: the library in the build folder. */
static char *
find_beside_library (void)
{
  g_autofree char *folder = NULL;
  Dl_info info;

  if (!dladdr ((void *)fe_builtin_find, &info) || !info.dli_fname)
    return NULL;
  folder = g_path_get_dirname (info.dli_fname);
  return g_build_filename (folder, FILE_NAME, NULL);
}

char *
fe_builtin_find (void)
{
  const char *chosen = g_getenv ("FECLIP_BUILTIN_MODEL");
  g_autofree char *beside = NULL;
  const char *installed = FECLIP_DATA_FOLDER "/" FILE_NAME;

  if (chosen && *chosen)
    return g_strdup (chosen);
  beside = find_beside_library ();
  if (beside && g_file_test (beside, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&beside);
  return g_file_test (installed, G_FILE_TEST_EXISTS) ? g_strdup (installed)
                                                     : NULL;
}
