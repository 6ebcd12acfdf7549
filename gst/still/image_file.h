/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/frame.h>
#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _FePicture FePicture;

/*
 * Decodes a picture's file with whatever decoders GStreamer has, turned upright
 * as its EXIF tag says. Of an animation this is the first frame. Fails on what
 * is no picture, video included, and on a truncated one.
 */
FePicture *fe_picture_new (const char *path, GError **error);

/* The same of what is decoded already. @name is for messages; takes @sample,
 * whose caps are among those of fe_picture_make_caps(). */
FePicture *fe_picture_new_from_sample (GstSample *sample, const char *name,
                                       GError **error);

/* What can be read without conversion. */
GstCaps *fe_picture_make_caps (void);

/* The media type of a file's content, or NULL with an error. */
char *fe_picture_find_media_type (const char *path, GError **error);

/* NULL is allowed. */
void fe_picture_free (FePicture *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FePicture, fe_picture_free)

/* The pixels as decoded; valid as long as the picture. */
const FeclipFrame *fe_picture_get_frame (FePicture *self);

/* The same, as GStreamer has it. */
GstSample *fe_picture_get_sample (FePicture *self);

/* Of all files in a folder, which to take for pictures. */
gboolean fe_picture_has_extension (const char *path);

G_END_DECLS
