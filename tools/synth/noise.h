/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "synth/geometry.h"

G_BEGIN_DECLS

/* A random number in [0, 1) for a cell of the integer lattice. */
float fe_noise_cell (int x, int y, guint32 seed);

/* Smooth noise of one unit's grain, from about -1 to 1. */
float fe_noise (float x, float y, guint32 seed);

/*
 * Noise of several octaves, the first with @frequency grains per unit and each
 * further one twice as fine and half as strong. Octaves too fine for the pixel
 * fade out, so that a small image shows what a large one scaled down would.
 */
float fe_noise_octaves (FePoint p, float frequency, int octaves, guint32 seed);

/* The same, stretched: other frequencies along x and y. */
float fe_noise_grain (FePoint p, float along, float across, int octaves,
                      guint32 seed);

/* The two nearest of points strewn one per lattice cell. */
typedef struct {
  float nearest;
  float second;
  /* A random number from 0 to 1 of the nearest point. */
  float id;
  /* From the nearest point to here. */
  float dx;
  float dy;
} FeNoiseCells;

FeNoiseCells fe_noise_cells (float x, float y, guint32 seed);

G_END_DECLS
