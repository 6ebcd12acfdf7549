/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/palette.h"

FeColor
fe_palette_pick_metal (FeRandom *random)
{
  /* Steel, zinc, aluminium, brass, copper, black oxide. */
  static const struct {
    float share;
    FeColor color;
  } metals[] = {{0.35F, {0.56F, 0.57F, 0.58F}}, {0.55F, {0.62F, 0.63F, 0.67F}},
                {0.72F, {0.72F, 0.73F, 0.74F}}, {0.84F, {0.74F, 0.58F, 0.30F}},
                {0.90F, {0.76F, 0.48F, 0.36F}}, {1.00F, {0.16F, 0.16F, 0.17F}}};
  float share = fe_random_unit (random);
  int i = 0;

  while (share >= metals[i].share)
    i++;
  return fe_color_vary (metals[i].color, random, 0.07F);
}
