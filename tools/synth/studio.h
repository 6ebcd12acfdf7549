/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/scene.h"

G_BEGIN_DECLS

/* The lamps over a scene, and what bare metal reflects of the room. */
typedef struct {
  /* The direction to the main lamp, of length 1. */
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
  /* The size of the lamp: how blurred shadows are. */
  float softness;
  /* A window or softbox that metal reflects. */
  float box_angle;
  float box_offset;
  float box_width;
  float box_level;
  float room_level;
} FeLight;

/* A camera's settings and the noise of its sensor. */
typedef struct {
  /* The level of the brightest parts that are no highlights. */
  float target;
  /* Deviation of the lens's blur, in pixels and in units of the scene. */
  float blur;
  float defocus;
  float vignetting;
  float gamma;
  float contrast;
  float black;
  float saturation;
  FeColor balance;
  float shot_noise;
  float read_noise;
  /* JPEG quality, 0 for an uncompressed image. */
  int quality;
} FeCamera;

/* The lamps and the camera that take the images. */
typedef struct {
  FeLight light;
  FeCamera camera;
  float exposure;
  float relief;
} FeStudio;

/* @design is the product's, @item moves lamps and exposure a little. */
FeStudio fe_studio_make (guint64 design, guint64 item);

/*
 * Sets the exposure for @scene and returns its image, [height][width], newly
 * allocated. Later images keep the exposure, so that a defect changes nothing
 * but itself.
 */
FeColor *fe_studio_meter (FeStudio *self, const FeScene *scene);

/* The image without noise: [height][width], newly allocated. */
FeColor *fe_studio_take (const FeStudio *self, const FeScene *scene);

/* Adds noise and compression: [height][width][3], newly allocated. */
guint8 *fe_studio_read (const FeStudio *self, const FeColor *image, int width,
                        int height, guint64 noise_seed);

G_END_DECLS
