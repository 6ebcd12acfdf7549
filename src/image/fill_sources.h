/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the ignored pixels of the network's image are painted with. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Nothing: there is no pixel to take. */
#define FE_NO_SOURCE G_MAXUINT32

/* Finds the pixel that each of an image's takes its color from; `affected`
 * [edge][edge] are those that ignored pixels have a share of.
 *
 * A clean pixel is its own source. The others see the image mirrored at the
 * nearest clean pixel, so that a surface goes on over what is ignored; where
 * the mirror shows a affected one it is that pixel itself. Free it. */
guint32 *fe_fill_sources_new (const guint8 *affected, guint edge);

G_END_DECLS
