/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A video file that is written frame by frame. */
typedef struct _FeVideoEncoder FeVideoEncoder;

/*
 * @path's ending says what it becomes: .mp4, .mkv, .webm or .avi. Fails where
 * GStreamer has no encoder for it.
 */
FeVideoEncoder *fe_video_encoder_new (const char *path, int width, int height,
                                      guint fps, GError **error);

/* NULL is allowed. What was not finished is not complete. */
void fe_video_encoder_free (FeVideoEncoder *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeVideoEncoder, fe_video_encoder_free)

/* Takes @pixels, [height][width][3]. */
gboolean fe_video_encoder_add (FeVideoEncoder *self, guint8 *pixels,
                               GError **error);

gboolean fe_video_encoder_finish (FeVideoEncoder *self, GError **error);

G_END_DECLS
