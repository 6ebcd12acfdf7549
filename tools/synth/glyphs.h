/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/geometry.h"

G_BEGIN_DECLS

#define FE_GLYPHS_MAX 12

/* A line of print: capital letters and digits, of our own making. */
typedef struct {
  char text[FE_GLYPHS_MAX + 1];
  int length;
} FeGlyphs;

/* Random letters and digits: @length is cut to FE_GLYPHS_MAX. */
FeGlyphs fe_glyphs_make (FeRandom *random, int length);

/*
 * From 0 to 1, how much ink there is at (@x, @y) of a line that starts at the
 * origin; letters are 5 wide and 7 high, 6 apart, and y points downwards.
 */
float fe_glyphs_ink (const FeGlyphs *self, float x, float y);

/* The line's width in the same units. */
float fe_glyphs_width (const FeGlyphs *self);

G_END_DECLS
