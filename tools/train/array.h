/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FE_ARRAY_MAX_DIMS 4

/* A NumPy file, mapped. */
typedef struct {
  GMappedFile *file;
  guint n_dims;
  guint64 dims[FE_ARRAY_MAX_DIMS];
  const void *data;
} FeArray;

/*
 * Opens a C-ordered array whose numbers are of @type, such as "|u1". Fails
 * where the file is anything else or is cut short.
 */
FeArray *fe_array_open (const char *path, const char *type, guint n_dims,
                        GError **error);

/* NULL is allowed. */
void fe_array_free (FeArray *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeArray, fe_array_free)

G_END_DECLS
