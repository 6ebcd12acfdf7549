/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For each pixel of the network's image, the pixel whose colour replaces
 * ignored content. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* No source: every pixel of the image is affected. */
#define FE_NO_SOURCE G_MAXUINT32

/* Finds the source pixel of every pixel of an image. `affected` [edge][edge]
 * marks the pixels whose resampling filter reads an ignored pixel. Returns the
 * index of each pixel's source, [edge][edge]; free with g_free().
 *
 * An unaffected pixel is its own source. For an affected one, the image is
 * mirrored at the nearest unaffected pixel, which continues the surrounding
 * texture; if the mirrored pixel is affected or outside the image, the nearest
 * unaffected pixel itself is the source. */
guint32 *fe_fill_sources_new (const guint8 *affected, guint edge);

G_END_DECLS
