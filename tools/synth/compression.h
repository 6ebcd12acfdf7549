/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/color.h"

G_BEGIN_DECLS

/*
 * What JPEG of the quality @quality (1 to 100) leaves of @image, in place: its
 * 8×8 blocks in luma and two chroma channels, with nothing subsampled.
 */
void fe_compression_apply (FeColor *image, int width, int height, int quality);

G_END_DECLS
