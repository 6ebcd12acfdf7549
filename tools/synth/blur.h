/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/color.h"

G_BEGIN_DECLS

/*
 * The mean of the square around each number that reaches @radius pixels to each
 * side; numbers at the border are repeated beyond it. Newly allocated.
 */
float *fe_blur_box (const float *numbers, int width, int height, float radius);

/* Blurs in place like a lens out of focus, with a deviation of @sigma pixels.
 */
void fe_blur_image (FeColor *image, int width, int height, float sigma);

G_END_DECLS
