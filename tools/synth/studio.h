/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/camera.h"
#include "synth/light.h"

G_BEGIN_DECLS

/* The lamps and the camera that images are taken with, once set up. */
typedef struct {
  FeLight light;
  FeCamera camera;
  float exposure;
  float relief;
} FeStudio;

/* @design is the product's, @item moves lamps and exposure a little. */
FeStudio fe_studio_make (guint64 design, guint64 item);

/*
 * Sets the exposure for @scene and returns its image. What is taken later
 * keeps the exposure, so that a defect changes nothing but itself.
 */
FeColor *fe_studio_meter (FeStudio *self, const FeScene *scene);

/* What the screen shows, before any noise: [height][width], newly allocated. */
FeColor *fe_studio_take (const FeStudio *self, const FeScene *scene);

G_END_DECLS
