/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An image's file: where it is and what it is called within its folder. */
typedef struct {
  char *path;
  /* Inside the folder that was named, without extension: "broken/017". */
  char *name;
} FeImageFile;

void fe_image_file_free (FeImageFile *self);

/*
 * Collects the images that @paths name: files as they are, folders with
 * everything below them, in the order of their names' bytes. What cannot be
 * read or holds no image is said and counted in @n_failed.
 * Returns FeImageFile entries.
 */
GPtrArray *fe_image_files_find (char *const *paths, guint *n_failed);

G_END_DECLS
