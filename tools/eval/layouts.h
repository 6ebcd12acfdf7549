/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "eval/dataset.h"

G_BEGIN_DECLS

/* Whether --layout takes this name; "auto" is one of them. */
gboolean fe_layout_exists (const char *name);

/*
 * Finds the images of the data set in the folder @path. @layout is a name that
 * exists; NULL or "auto" recognizes the layout by its folders. @categories,
 * NULL or names with commas between them, selects categories. A message names
 * each file that cannot be used. Fails where there is no folder, no test image,
 * or no category of a selected name.
 */
FeDataset *fe_layout_open (const char *path, const char *layout,
                           const char *categories, GError **error);

G_END_DECLS
