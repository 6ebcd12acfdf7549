/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/image_surface.h"

G_BEGIN_DECLS

typedef struct _FeVideo FeVideo;

/*
 * A video's frames in their order, decoded with whatever decoders GStreamer
 * has and turned upright as its tags say. Fails on what holds no video.
 */
FeVideo *fe_video_new (const char *path, GError **error);

/* NULL is allowed. */
void fe_video_free (FeVideo *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeVideo, fe_video_free)

/*
 * The next frame. NULL at the end, or with @error where the rest cannot be
 * decoded.
 */
FeStillImage *fe_video_read (FeVideo *self, GError **error);

G_END_DECLS
