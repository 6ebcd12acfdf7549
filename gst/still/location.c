/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "still/location.h"

#include <stdio.h>
#include <string.h>

#include "still/image_file.h"

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

/* Skips hidden files, and links to folders, which may form a loop. */
static gboolean
list_folder (GPtrArray *paths, const char *folder, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  const char *name;

  if (!dir)
    return FALSE;
  while ((name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    if (name[0] == '.')
      continue;
    if (!g_file_test (path, G_FILE_TEST_IS_DIR)) {
      if (fe_still_image_has_extension (name))
        g_ptr_array_add (paths, g_steal_pointer (&path));
    } else if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK)
               && !list_folder (paths, path, error)) {
      return FALSE;
    }
  }
  return TRUE;
}

gboolean
fe_location_learn_image (const char *path, FeclipReferences *references,
                         FeclipDetector *detector, GError **error)
{
  g_autoptr (FeStillImage) image = fe_still_image_new (path, error);

  if (!image)
    return FALSE;
  if (feclip_references_add (references, detector,
                             fe_still_image_get_frame (image), error))
    return TRUE;
  g_prefix_error (error, "%s: ", path);
  return FALSE;
}

static gboolean
learn_folder (const char *folder, FeclipReferences *references,
              FeclipDetector *detector, GError **error)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) cause = NULL;

  if (!list_folder (paths, folder, &cause)) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE, "%s", cause->message);
    return FALSE;
  }
  if (paths->len == 0) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
                 "%s: there are no images in this folder", folder);
    return FALSE;
  }
  g_ptr_array_sort (paths, compare_paths);
  for (guint i = 0; i < paths->len; i++) {
    if (!fe_location_learn_image (g_ptr_array_index (paths, i), references,
                                  detector, error))
      return FALSE;
  }
  return TRUE;
}

/* A safetensors file begins with the length of the JSON object that follows; no
 * image file does. */
static gboolean
is_references_file (const char *path)
{
  guint8 head[9] = {0};
  FILE *file = fopen (path, "rbe");
  gsize size = file ? fread (head, 1, sizeof head, file) : 0;

  if (file)
    fclose (file);
  return size == sizeof head && head[7] == 0 && head[8] == '{';
}

gboolean
fe_location_learn (const char *location, FeclipReferences *references,
                   FeclipDetector *detector, GError **error)
{
  if (g_file_test (location, G_FILE_TEST_IS_DIR))
    return learn_folder (location, references, detector, error);
  if (is_references_file (location))
    return feclip_references_load (references, location, error);
  return fe_location_learn_image (location, references, detector, error);
}

FeclipReferences *
fe_location_open (const char *location, FeclipDetector *detector,
                  FeclipSettings *settings, GError **error)
{
  g_autoptr (FeclipReferences) references =
      feclip_references_new (detector, error);
  guint limit;

  g_object_get (settings, "reference-limit", &limit, NULL);
  if (!references || !fe_location_learn (location, references, detector, error))
    return NULL;
  feclip_references_reduce (references, limit);
  if (!feclip_detector_set_references (detector, references, error))
    return NULL;
  return g_steal_pointer (&references);
}
