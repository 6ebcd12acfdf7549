/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/references.h>

G_BEGIN_DECLS

/*
 * Adds the normal images that @location names to @references, run through
 * @detector: an image, a folder of images with all that lies below it, in
 * the order of their names' bytes, or what feclip_references_save() wrote,
 * which takes the place of what is there. Blocks. The first file that cannot be
 * used fails it all.
 */
gboolean fe_location_learn (const char *location, FeclipReferences *references,
                            FeclipDetector *detector, GError **error);

/*
 * The same into new references, of which as many features are kept as
 * @settings' reference-limit says; @detector compares with them from then on.
 * Returns: (transfer full): them, NULL on errors
 */
FeclipReferences *fe_location_open (const char *location,
                                    FeclipDetector *detector,
                                    FeclipSettings *settings, GError **error);

/* A single image. */
gboolean fe_location_learn_image (const char *path,
                                  FeclipReferences *references,
                                  FeclipDetector *detector, GError **error);

G_END_DECLS
