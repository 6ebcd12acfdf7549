/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "eval/gallery.h"
#include "eval/results.h"

G_BEGIN_DECLS

/*
 * The evaluation as one HTML file that needs nothing beside it: the numbers,
 * @curves as a PNG, or NULL, and @cards (FeGalleryCard). NULL with an error
 * where an image cannot be encoded.
 */
char *fe_page_format (FeEvaluation *evaluation, const FeSubject *subject,
                      const GByteArray *curves, GPtrArray *cards,
                      GError **error);

G_END_DECLS
