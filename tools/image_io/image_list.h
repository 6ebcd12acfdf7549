/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An image file. */
typedef struct {
  char *path;
  /* Its place inside the folder that the user named, without extension, such as
   * "broken/017". */
  char *name;
} FeImageFile;

void fe_image_file_free (FeImageFile *self);

/*
 * Lists the images in @paths: a file is taken as it is; a folder is searched
 * with all folders below it, in byte order of the names. A message names each
 * path that cannot be read and each folder without images; @n_failed counts
 * them. Returns FeImageFile entries; unref the array.
 */
GPtrArray *fe_image_list_find (char *const *paths, guint *n_failed);

G_END_DECLS
