/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/frame.h>
#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _FeStillImage FeStillImage;

/*
 * Decodes an image's file with whatever decoders GStreamer has, turned upright
 * as its EXIF tag says. Of an animation this is the first frame. Fails on what
 * is no image, video included, and on a truncated one.
 */
FeStillImage *fe_still_image_new (const char *path, GError **error);

/* The same of what is decoded already. @name is for messages; takes @sample,
 * whose caps are among those of fe_still_image_make_caps(). */
FeStillImage *fe_still_image_new_from_sample (GstSample *sample,
                                              const char *name, GError **error);

/* What can be read without conversion. */
GstCaps *fe_still_image_make_caps (void);

/* The media type of a file's content, or NULL with an error. */
char *fe_still_image_find_media_type (const char *path, GError **error);

/* NULL is allowed. */
void fe_still_image_free (FeStillImage *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeStillImage, fe_still_image_free)

/* The pixels as decoded; valid as long as the image. */
const FeclipFrame *fe_still_image_get_frame (FeStillImage *self);

/* The same, as GStreamer has it. */
GstSample *fe_still_image_get_sample (FeStillImage *self);

/* Of all files in a folder, which to take for images. */
gboolean fe_still_image_has_extension (const char *path);

G_END_DECLS
