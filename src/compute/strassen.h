/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Products on processors with seven multiplications of halves' quarters instead
 * of eight: one level of Strassen's algorithm in Winograd's form, which
 * strassen_subgroup.comp explains.
 *
 * Weights are kept as the seven sums of their quarters that it multiplies, 7/4
 * of the memory. Errors are within a small multiple of those of a plain product
 * for a row as large as the matrix's largest (Higham, Accuracy and Stability of
 * Numerical Algorithms, 23.2.2). */
#pragma once

#include "compute/ops.h"

G_BEGIN_DECLS

#define FE_STRASSEN_FORMS 7

/* Whether a weight [rows][columns] can be kept so, */
gboolean fe_strassen_divides (guint rows, guint columns);

/* and is large enough that the additions cost less than they spare. */
gboolean fe_strassen_suits (guint rows, guint columns);

/* One of the sums of a weight's quarters, in their order on the device:
 * b [rows][columns], dst [rows / 2][columns / 2]. */
void fe_strassen_form (const float *b, guint rows, guint columns, guint form,
                       float *dst);

/* Reads a weight back: dst [rows][columns], each number within the rounding of
 * two additions. Blocks. */
gboolean fe_strassen_read (const FeMatrix *weights, float *dst, GError **error);

/* Records what fe_op_matmul() says of a weight that is kept so. `epilogue` are
 * bits as in epilogue.glsl, `activation` those that kernels are compiled for.
 */
void fe_op_strassen (FeCommands *commands, const FeMatmul *product,
                     guint32 epilogue, guint32 activation);

G_END_DECLS
