/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/few_shot.h"

#include "still/location.h"

gboolean
fe_few_shot_check (const FeDataset *dataset, guint n_references, GError **error)
{
  for (guint i = 0; i < dataset->categories->len; i++) {
    const FeCategory *category = g_ptr_array_index (dataset->categories, i);

    if (category->training->len < n_references) {
      g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                   "--references: category \"%s\" has %u normal images to "
                   "train with, fewer than %u",
                   category->name, category->training->len, n_references);
      return FALSE;
    }
  }
  return TRUE;
}

gboolean
fe_few_shot_learn (const FeCategory *category, guint n_references, guint limit,
                   FeclipReferences *references, FeclipDetector *detector,
                   GError **error)
{
  feclip_references_clear (references);
  for (guint i = 0; i < n_references; i++) {
    if (!fe_location_learn_image (g_ptr_array_index (category->training, i),
                                  references, detector, error))
      return FALSE;
  }
  feclip_references_reduce (references, limit);
  return TRUE;
}
