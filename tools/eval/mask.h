/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/frame.h>

G_BEGIN_DECLS

/* Where an image is defective. */
typedef struct {
  guint width;
  guint height;
  /* [height][width], 1 where it is. */
  guint8 *pixels;
} FeMask;

/*
 * Takes an image's pixels that are not black for the defect, as VisA numbers
 * its kinds of defects from 1. Of one that was compressed with losses, @lossy,
 * those that are at least half white.
 */
FeMask *fe_mask_new (const FeclipFrame *frame, gboolean lossy);

/* NULL is allowed. */
void fe_mask_free (FeMask *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeMask, fe_mask_free)

G_END_DECLS
