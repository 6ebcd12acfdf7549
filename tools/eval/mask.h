/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/frame.h>

G_BEGIN_DECLS

/* The ground truth of one image: which of its pixels are defective. */
typedef struct {
  guint width;
  guint height;
  /* [height][width], 1 where the pixel is defective, else 0. */
  guint8 *pixels;
} FeMask;

/*
 * Reads the mask file of @image. Every pixel that is not black is defective,
 * because VisA numbers its kinds of defects from 1; in a JPEG file, whose
 * compression leaves noise, every pixel that is at least half white. Returns
 * NULL with an error where the file cannot be read or is not as large as
 * @image.
 */
FeMask *fe_mask_read (const char *path, const FeclipFrame *image,
                      GError **error);

/* NULL is allowed. */
void fe_mask_free (FeMask *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeMask, fe_mask_free)

G_END_DECLS
