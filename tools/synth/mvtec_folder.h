/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/plan.h"

G_BEGIN_DECLS

/* The number of images of each kind. */
typedef struct {
  guint train;
  guint good;
  /* Of each defect. */
  guint defective;
} FeFolderCounts;

/*
 * Writes images in the layout of MVTec AD below @path:
 * KIND/train/good/000.png, KIND/test/good/000.png, KIND/test/DEFECT/000.png and
 * KIND/ground_truth/DEFECT/000_mask.png; beside them captions.jsonl with a line
 * for each image, and contact-sheet.png. Returns the number of images, or -1
 * with an error. Blocks.
 */
int fe_folder_write (const FePlan *plan, const FeFolderCounts *counts,
                     const char *path, GError **error);

G_END_DECLS
