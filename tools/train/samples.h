/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/feclip.h>

G_BEGIN_DECLS

/*
 * The images to learn from: a data set's test images in any layout that
 * `feclip eval` knows, or the arrays of `feclip synth --npy`.
 */
typedef struct _FeSamples FeSamples;

/*
 * @layout and @categories are those of `feclip eval`; NULL for any and all.
 * Fails where there is nothing to learn from. Images of which it is not known
 * whether or where they are defective are left out; @n_left_out counts them.
 */
FeSamples *fe_samples_open (const char *path, const char *layout,
                            const char *categories, guint *n_left_out,
                            GError **error);

/* NULL is allowed. */
void fe_samples_free (FeSamples *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeSamples, fe_samples_free)

guint fe_samples_get_size (const FeSamples *self);
guint fe_samples_get_n_defective (const FeSamples *self);

/* Encodes image @index with its mask. */
GBytes *fe_samples_encode (const FeSamples *self, guint index,
                           FeclipTrainer *trainer, GError **error);

G_END_DECLS
