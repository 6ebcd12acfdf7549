/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/frame.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/* A decoded image. */
typedef struct _FeStillImage FeStillImage;

/*
 * Decodes an image file with the decoders that GStreamer has installed, and
 * turns the image upright according to its EXIF tag. Of an animation it decodes
 * the first frame. Fails if the file is truncated or not an image, which
 * includes video. Blocks.
 */
FeStillImage *fe_still_image_new (const char *path, GError **error);

/* Wraps a decoded image.
 * @sample (transfer full): with caps of fe_still_image_make_caps()
 * @name: used in messages */
FeStillImage *fe_still_image_new_from_sample (GstSample *sample,
                                              const char *name, GError **error);

/* Returns: (transfer full): the raw formats that can be used without
 * conversion */
GstCaps *fe_still_image_make_caps (void);

/* Returns: (transfer full): the media type of a file's content, or NULL with an
 * error */
char *fe_still_image_find_media_type (const char *path, GError **error);

/* NULL is allowed. */
void fe_still_image_free (FeStillImage *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeStillImage, fe_still_image_free)

/* Returns: (transfer none): the decoded pixels, valid as long as the image */
const FeclipFrame *fe_still_image_get_frame (FeStillImage *self);

/* Returns: (transfer none): the decoded image as a GStreamer sample */
GstSample *fe_still_image_get_sample (FeStillImage *self);

/* Returns: whether the file name has the extension of an image format */
gboolean fe_still_image_has_extension (const char *path);

G_END_DECLS
