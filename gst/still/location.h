/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/references.h>

G_BEGIN_DECLS

/*
 * Analyses the normal images at @location with @detector and adds them to
 * @references. @location is an image, a folder, which is read recursively in
 * the byte order of the file names, or a file of feclip_references_save(),
 * which replaces the contents of @references. Blocks. Fails at the first file
 * that cannot be used.
 */
gboolean fe_location_learn (const char *location, FeclipReferences *references,
                            FeclipDetector *detector, GError **error);

/*
 * Creates references from @location, reduces them to the reference-limit of
 * @settings and sets them on @detector. Blocks.
 * Returns: (transfer full): the references, or NULL with an error
 */
FeclipReferences *fe_location_open (const char *location,
                                    FeclipDetector *detector,
                                    FeclipSettings *settings, GError **error);

/* Analyses one normal image with @detector and adds it to @references. Blocks.
 */
gboolean fe_location_learn_image (const char *path,
                                  FeclipReferences *references,
                                  FeclipDetector *detector, GError **error);

G_END_DECLS
