/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A video file that is written frame by frame. */
typedef struct _FeMovie FeMovie;

/*
 * @path's ending says what it becomes: .mp4, .mkv, .webm or .avi. Fails where
 * GStreamer has no encoder for it.
 */
FeMovie *fe_movie_new (const char *path, int width, int height, guint fps,
                       GError **error);

/* NULL is allowed. What was not finished is not complete. */
void fe_movie_free (FeMovie *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeMovie, fe_movie_free)

/* Takes @pixels, [height][width][3]. */
gboolean fe_movie_add (FeMovie *self, guint8 *pixels, GError **error);

gboolean fe_movie_finish (FeMovie *self, GError **error);

G_END_DECLS
