/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/color.h"
#include "synth/scene.h"

G_BEGIN_DECLS

/* Where two images of the same scene visibly differ. */
typedef struct {
  /* [height][width], 255 where they do and 0 elsewhere. */
  guint8 *pixels;
  guint area;
  /* Holds all of it; all 0 where the area is. */
  FePixels box;
  /* The mean difference inside, 1 being that of black and white. */
  float contrast;
  /* How much the good image itself varies there from pixel to pixel. */
  float texture;
} FeMask;

/*
 * Compares what the screen shows, before any noise. @solid fills what the
 * difference surrounds, as a dent's middle that looks like its surroundings.
 */
FeMask fe_mask_make (const FeColor *good, const FeColor *defective, int width,
                     int height, gboolean solid);

void fe_mask_clear (FeMask *self);

G_END_DECLS
