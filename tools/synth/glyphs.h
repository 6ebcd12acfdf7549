/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/geometry.h"

G_BEGIN_DECLS

#define FE_GLYPHS_MAX 12

/* A line of printed capital letters and digits in a font of its own. */
typedef struct {
  char text[FE_GLYPHS_MAX + 1];
  int length;
} FeGlyphs;

/* Random letters and digits; @length is limited to FE_GLYPHS_MAX. */
FeGlyphs fe_glyphs_make (FeRandom *random, int length);

/*
 * The ink, from 0 to 1, at (@x, @y) of a line that starts at the origin.
 * Letters are 5 wide and 7 high, 6 apart; y points downwards.
 */
float fe_glyphs_ink (const FeGlyphs *self, float x, float y);

/* The line's width in the same units. */
float fe_glyphs_width (const FeGlyphs *self);

G_END_DECLS
