/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cairo.h>
#include <glib.h>

#include "cli/images.h"

G_BEGIN_DECLS

typedef struct _FeHeatmaps FeHeatmaps;

/*
 * A folder that takes one PNG per image. Made if it is not there. It must not
 * hold any of @images, which could be overwritten.
 */
FeHeatmaps *fe_heatmaps_new (const char *folder, GPtrArray *images,
                             GError **error);

/* NULL is allowed. */
void fe_heatmaps_free (FeHeatmaps *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeHeatmaps, fe_heatmaps_free)

/*
 * Writes FOLDER/NAME.png, NAME being the image's; a name that was written
 * before gets a number.
 */
gboolean fe_heatmaps_write (FeHeatmaps *self, const FeImageFile *image,
                            cairo_surface_t *surface, GError **error);

G_END_DECLS
