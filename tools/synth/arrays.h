/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/plan.h"

G_BEGIN_DECLS

/*
 * Writes @n_pairs pairs of training images as NumPy arrays into the folder
 * @path: the good item at even indices, followed by the same item with a
 * defect: images.npy  uint8 [2·n_pairs][height][width][3] masks.npy   uint8
 * [2·n_pairs][height][width], 0 or 255 labels.npy  int32 [2·n_pairs][6]: the
 * kind's and the defect's number in names.json (-1 for good), the box's left,
 * top, width, height severity.npy  float32 [2·n_pairs] captions.jsonl,
 * names.json If the plan varies, every pair shows another product.
 */
gboolean fe_arrays_write (const FePlan *plan, guint n_pairs, const char *path,
                          GError **error);

G_END_DECLS
