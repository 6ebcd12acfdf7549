/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/scene.h"

G_BEGIN_DECLS

/* The lamps over a scene and what bare metal mirrors of the room. */
typedef struct {
  /* Towards the main lamp, of length 1. */
  float x;
  float y;
  float z;
  FeColor color;
  float key;
  float fill;
  float ambient;
  /* How the light falls off over the image. */
  float slope_x;
  float slope_y;
  /* A brighter spot. */
  float spot_x;
  float spot_y;
  float spot_size;
  float spot;
  /* How blurred shadows are: the lamp's size. */
  float softness;
  /* A window or softbox that metal mirrors. */
  float box_angle;
  float box_offset;
  float box_width;
  float box_level;
  float room_level;
} FeLight;

/* @design sets the lamps up, @item moves them a little. */
FeLight fe_light_make (FeRandom *design, FeRandom *item);

/* How far the highest place of @scene lies above the lowest. */
float fe_light_relief (const FeScene *scene);

/*
 * What the lens sees: [height][width], newly allocated. Shadows are traced as
 * far as those of things @relief high fall; the same number keeps them the
 * same where two scenes do not differ.
 */
FeColor *fe_light_shade (const FeLight *self, const FeScene *scene,
                         float relief);

G_END_DECLS
