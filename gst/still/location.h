/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/references.h>

G_BEGIN_DECLS

/*
 * Adds the normal pictures that @location names to @references, run through
 * @detector: a picture, a folder of pictures with all that lies below it, in
 * the order of their names' bytes, or what feclip_references_save() wrote,
 * which takes the place of what is there. Blocks. The first file that cannot be
 * used fails it all.
 */
gboolean fe_location_learn (const char *location, FeclipReferences *references,
                            FeclipDetector *detector, GError **error);

/* The same for a single picture. */
gboolean fe_location_learn_picture (const char *path,
                                    FeclipReferences *references,
                                    FeclipDetector *detector, GError **error);

G_END_DECLS
