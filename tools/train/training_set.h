/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/feclip.h>

G_BEGIN_DECLS

/*
 * The images to train with: the test images of a data set in any layout that
 * `feclip eval` reads, or the arrays of `feclip synth --npy`. Use it from one
 * thread.
 */
typedef struct _FeTrainingSet FeTrainingSet;

/*
 * @layout and @categories are those of `feclip eval`; NULL for any and all.
 * Leaves out images without a label and defective images without a mask;
 * @n_left_out counts them. Fails where no image is left.
 */
FeTrainingSet *fe_training_set_open (const char *path, const char *layout,
                                     const char *categories, guint *n_left_out,
                                     GError **error);

/* NULL is allowed. */
void fe_training_set_free (FeTrainingSet *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeTrainingSet, fe_training_set_free)

guint fe_training_set_get_size (const FeTrainingSet *self);
guint fe_training_set_get_n_defective (const FeTrainingSet *self);

/*
 * Keeps encoded images in an unnamed file in the folder @path, as many as fit
 * into @limit bytes. The file vanishes with the process.
 */
gboolean fe_training_set_open_cache (FeTrainingSet *self, const char *path,
                                     guint64 limit, GError **error);

/* Encodes image @index with its mask, or takes it from the cache; blocks. Unref
 * the bytes. */
GBytes *fe_training_set_encode (FeTrainingSet *self, guint index,
                                FeclipTrainer *trainer, GError **error);

G_END_DECLS
