/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The 8-connected regions of a mask [@height][@width]. Fills @shares, of the
 * same shape, with 1 / the size of the region that a pixel belongs to, 0 where
 * it is not in the mask. Returns how many regions there are.
 */
guint fe_regions_weigh (const guint8 *mask, guint width, guint height,
                        float *shares);

G_END_DECLS
