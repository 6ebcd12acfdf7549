/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/result.h>

#include "eval/mask.h"

G_BEGIN_DECLS

/* The square of @size × @size pixels that the network sees of an image. */

/* The map, enlarged bilinearly with half-pixel centres to [size][size]. */
void fe_crop_map (const FeclipResult *result, guint size, float *scores);

/*
 * The mask in the same place, [size][size]: the pixel that lies nearest to the
 * centre of each.
 */
void fe_crop_mask (const FeMask *mask, const FeclipResult *result, guint size,
                   guint8 *pixels);

G_END_DECLS
