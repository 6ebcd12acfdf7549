/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image_io/image_list.h"

#include <string.h>

#include "cli/message.h"
#include "still/image_file.h"

typedef struct {
  GPtrArray *images;
  guint n_failed;
} Search;

void
fe_image_file_free (FeImageFile *self)
{
  g_free (self->path);
  g_free (self->name);
  g_free (self);
}

G_GNUC_PRINTF (3, 4)
static void
fail (Search *search, const char *path, const char *format, ...)
{
  g_autofree char *name = g_filename_display_name (path);
  g_autofree char *reason = NULL;
  va_list args;

  va_start (args, format);
  reason = g_strdup_vprintf (format, args);
  va_end (args);
  fe_message_error ("%s: %s", name, reason);
  search->n_failed++;
}

static void
add_image (Search *search, const char *path, const char *name)
{
  const char *dot = strrchr (name, '.');
  FeImageFile *image = g_new0 (FeImageFile, 1);

  image->path = g_strdup (path);
  image->name =
      dot && dot != name ? g_strndup (name, dot - name) : g_strdup (name);
  g_ptr_array_add (search->images, image);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

/*
 * Leaves out hidden files: some systems keep notes about images in hidden files
 * with the images' names.
 */
static GPtrArray *
list_folder (Search *search, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (path, 0, &error);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  if (!dir)
    fail (search, path, "the folder cannot be read: %s", error->message);
  while (dir && (name = g_dir_read_name (dir)))
    if (name[0] != '.')
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

/* @prefix is the path of @folder inside the one that the user named. */
static void
search_folder (Search *search, const char *folder, const char *prefix)
{
  g_autoptr (GPtrArray) names = list_folder (search, folder);

  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    g_autofree char *path = g_build_filename (folder, name, NULL);
    g_autofree char *inside = g_build_filename (prefix, name, NULL);

    /* A link to a folder above would be followed forever. */
    if (!g_file_test (path, G_FILE_TEST_IS_DIR)) {
      if (fe_still_image_has_extension (name))
        add_image (search, path, inside);
    } else if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK)) {
      search_folder (search, path, inside);
    }
  }
}

static void
search_path (Search *search, const char *path)
{
  if (g_file_test (path, G_FILE_TEST_IS_DIR)) {
    guint n_images = search->images->len;
    guint n_failed = search->n_failed;

    search_folder (search, path, "");
    if (search->images->len == n_images && search->n_failed == n_failed)
      fail (search, path, "there are no images in this folder");
  } else if (g_file_test (path, G_FILE_TEST_IS_REGULAR)) {
    g_autofree char *name = g_path_get_basename (path);

    add_image (search, path, name);
  } else if (g_file_test (path, G_FILE_TEST_EXISTS)) {
    fail (search, path, "it is neither a file nor a folder");
  } else {
    fail (search, path, "there is no such file or folder");
  }
}

GPtrArray *
fe_image_list_find (char *const *paths, guint *n_failed)
{
  Search search = {
      .images =
          g_ptr_array_new_with_free_func ((GDestroyNotify)fe_image_file_free),
  };

  for (guint i = 0; paths[i]; i++)
    search_path (&search, paths[i]);
  *n_failed = search.n_failed;
  return search.images;
}
