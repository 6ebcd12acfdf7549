/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Device copy of the features of normal references. */
#pragma once

#include "compute/matrix.h"

G_BEGIN_DECLS

/* Some rows of one tap, in a matrix that is small enough for a kernel to bind.
 * Rows are padded to a multiple of 64 by repeating the last one. */
typedef struct {
  gatomicrefcount ref_count;
  FeArena *arena;
  FeMatrix matrix;
} FeReferenceBankBlock;

/* One tap's rows. */
typedef struct {
  GPtrArray *blocks; /* FeReferenceBankBlock; all but the last one are full */
  guint rows;        /* without the repeated ones */
  guint parts;       /* as fe_op_nearest() cuts all blocks */
} FeReferenceBankTap;

/* All features at one time. Immutable; thread-safe references. */
typedef struct {
  gatomicrefcount ref_count;
  guint images;
  guint n_taps;
  FeReferenceBankTap *taps;
} FeReferenceBank;

/* Uploads features, rows [n][width] of each tap. `earlier`, or NULL, is a bank
 * of the first of the same rows: its full blocks are shared instead of being
 * uploaded again. */
FeReferenceBank *fe_reference_bank_new (FeDevice *device, guint n_taps,
                                        GArray *const *rows, guint width,
                                        const FeReferenceBank *earlier,
                                        GError **error);

FeReferenceBank *fe_reference_bank_ref (FeReferenceBank *self);

/* NULL is allowed. */
void fe_reference_bank_unref (FeReferenceBank *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeReferenceBank, fe_reference_bank_unref)

/* Of the tap that has the most. */
guint fe_reference_bank_get_parts (const FeReferenceBank *self);

G_END_DECLS
