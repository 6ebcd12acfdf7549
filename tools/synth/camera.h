/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/color.h"

G_BEGIN_DECLS

/* A camera, how it is set and what its sensor adds. */
typedef struct {
  /* Of the brightest parts that are not highlights. */
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
  /* JPEG quality, 0 for an image that was never compressed. */
  int quality;
} FeCamera;

FeCamera fe_camera_make (FeRandom *design, FeRandom *item);

/* The factor that exposes @image well. */
float fe_camera_meter (const FeCamera *self, const FeColor *image, gsize n);

/*
 * Turns light into what a screen shows, 0 to 1, in place: everything the camera
 * does but its noise and its compression.
 */
void fe_camera_expose (const FeCamera *self, FeColor *image, int width,
                       int height, float exposure);

/* Adds noise and compresses: [height][width][3], newly allocated. */
guint8 *fe_camera_read (const FeCamera *self, const FeColor *image, int width,
                        int height, guint64 noise_seed);

G_END_DECLS
