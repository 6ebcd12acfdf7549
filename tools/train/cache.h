/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Encoded images on disk, so that each is encoded once. The file has no name
 * and vanishes with the program; what is used often stays in memory, as the
 * system decides.
 */
typedef struct _FeCache FeCache;

/* For @n images, as many as fit into @limit bytes of the folder @path. */
FeCache *fe_cache_new (const char *path, guint n, guint64 limit,
                       GError **error);

/* NULL is allowed. */
void fe_cache_free (FeCache *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeCache, fe_cache_free)

/* Returns NULL where the image is not there. */
GBytes *fe_cache_get (FeCache *self, guint index);

/* Keeps an image if there is room; all have the same size. */
void fe_cache_put (FeCache *self, guint index, GBytes *sample);

G_END_DECLS
