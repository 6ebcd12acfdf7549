/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cairo.h>
#include <feclip/frame.h>

G_BEGIN_DECLS

typedef struct _FePicture FePicture;

/*
 * Decodes a picture's file with whatever decoders GStreamer has, turned upright
 * as its EXIF tag says. Of an animation this is the first frame. Fails on what
 * is no picture, video included, and on a truncated one.
 */
FePicture *fe_picture_new (const char *path, GError **error);

/* NULL is allowed. */
void fe_picture_free (FePicture *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FePicture, fe_picture_free)

/* The pixels as decoded; valid as long as the picture. */
const FeclipFrame *fe_picture_get_frame (FePicture *self);

/* A copy in CAIRO_FORMAT_RGB24 to draw on. */
cairo_surface_t *fe_picture_create_surface (FePicture *self, GError **error);

G_END_DECLS
