/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The features of normal references as the device reads them. */
#pragma once

#include "compute/matrix.h"

G_BEGIN_DECLS

/* Some rows of one tap in a matrix of their own, which is smaller than what
 * devices let a kernel bind: a multiple of 64, the last row being repeated. */
typedef struct {
  gatomicrefcount ref_count;
  FeArena *arena;
  FeMatrix matrix;
} FeBankBlock;

/* One tap's rows. */
typedef struct {
  GPtrArray *blocks; /* FeBankBlock; all but the last one are full */
  guint rows;        /* without what is repeated */
  guint parts;       /* as fe_op_nearest() cuts all blocks */
} FeBankTap;

/* What was known at one time. Immutable; thread-safe references. */
typedef struct {
  gatomicrefcount ref_count;
  guint pictures;
  guint n_taps;
  FeBankTap *taps;
} FeBank;

/* Uploads features, rows [n][width] of each tap. `earlier`, or NULL, is a bank
 * of the first of these same rows: its full blocks are shared. */
FeBank *fe_bank_new (FeDevice *device, guint n_taps, GArray *const *rows,
                     guint width, const FeBank *earlier, GError **error);

FeBank *fe_bank_ref (FeBank *self);

/* NULL is allowed. */
void fe_bank_unref (FeBank *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeBank, fe_bank_unref)

/* Of the tap that has most. */
guint fe_bank_get_parts (const FeBank *self);

G_END_DECLS
