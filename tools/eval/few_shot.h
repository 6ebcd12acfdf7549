/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/references.h>

#include "eval/dataset.h"

G_BEGIN_DECLS

/* Whether every category has @n_references normal images to learn from. */
gboolean fe_few_shot_check (const FeDataset *dataset, guint n_references,
                            GError **error);

/* Takes the category's first @n_references training images in the place of
 * what is in @references, and keeps @limit of their patches, 0: all. */
gboolean fe_few_shot_learn (const FeCategory *category, guint n_references,
                            guint limit, FeclipReferences *references,
                            FeclipDetector *detector, GError **error);

G_END_DECLS
