/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/heatmaps.h"

#include <errno.h>
#include <feclip/error.h>
#include <stdlib.h>

#include "cli/png.h"

struct _FeHeatmaps {
  char *folder;
  /* What was written in this run. */
  GHashTable *paths;
};

static gboolean
make_folder (const char *folder, GError **error)
{
  if (g_mkdir_with_parents (folder, 0777) < 0) {
    g_autofree char *name = g_filename_display_name (folder);

    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
                 "the folder %s cannot be made: %s", name, g_strerror (errno));
    return FALSE;
  }
  return TRUE;
}

/* A path without links. */
static char *
resolve (const char *path)
{
  char *resolved = realpath (path, NULL);
  char *copy = g_strdup (resolved ? resolved : path);

  free (resolved);
  return copy;
}

static gboolean
check_images (const char *folder, GPtrArray *images, GError **error)
{
  g_autofree char *resolved = resolve (folder);
  g_autofree char *prefix =
      g_build_filename (resolved, G_DIR_SEPARATOR_S, NULL);

  for (guint i = 0; i < images->len; i++) {
    const FeImageFile *image = g_ptr_array_index (images, i);
    g_autofree char *path = resolve (image->path);

    if (g_str_has_prefix (path, prefix)) {
      g_autofree char *name = g_filename_display_name (image->path);

      g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                   "--heatmap: %s lies in that folder and might be "
                   "overwritten, take another folder",
                   name);
      return FALSE;
    }
  }
  return TRUE;
}

FeHeatmaps *
fe_heatmaps_new (const char *folder, GPtrArray *images, GError **error)
{
  FeHeatmaps *self;

  if (!make_folder (folder, error) || !check_images (folder, images, error))
    return NULL;
  self = g_new0 (FeHeatmaps, 1);
  self->folder = g_strdup (folder);
  self->paths = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
fe_heatmaps_free (FeHeatmaps *self)
{
  if (!self)
    return;
  g_hash_table_unref (self->paths);
  g_free (self->folder);
  g_free (self);
}

/* The first free one of NAME.png, NAME-2.png and so on; owned by the table. */
static const char *
claim_path (FeHeatmaps *self, const char *name)
{
  char *path = NULL;

  for (guint i = 1; !path || g_hash_table_contains (self->paths, path); i++) {
    g_autofree char *file = i == 1 ? g_strconcat (name, ".png", NULL)
                                   : g_strdup_printf ("%s-%u.png", name, i);

    g_free (path);
    path = g_build_filename (self->folder, file, NULL);
  }
  g_hash_table_add (self->paths, path);
  return path;
}

gboolean
fe_heatmaps_write (FeHeatmaps *self, const FeImageFile *image,
                   cairo_surface_t *surface, GError **error)
{
  const char *path = claim_path (self, image->name);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GByteArray) png = fe_png_encode (surface, path, error);

  /* Replaces the file as a whole, so that a full disk leaves no half of one. */
  return png && make_folder (folder, error)
         && g_file_set_contents (path, (const char *)png->data, png->len,
                                 error);
}
