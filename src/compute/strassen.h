/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The weights of products that processors do with seven multiplications of
 * quarters instead of eight: one level of Strassen's algorithm in Winograd's
 * form, which strassen_subgroup.comp explains.
 *
 * Weights are kept as the seven sums of their quarters that are multiplied, 7/4
 * of the memory. Errors are within a small multiple of those of a plain product
 * for a row as large as the matrix's largest (Higham, Accuracy and Stability of
 * Numerical Algorithms, 23.2.2). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FE_STRASSEN_FORMS 7

/* The forms that are quarters of the weights b = (B11ᵀ B21ᵀ; B12ᵀ B22ᵀ), and
 * T1 = B12 − B11. */
enum {
  FE_STRASSEN_B11 = 0,
  FE_STRASSEN_B21 = 1,
  FE_STRASSEN_T1 = 3,
  FE_STRASSEN_B22 = 4,
};

/* Whether weights [rows][columns] can be kept as forms. */
gboolean fe_strassen_divides (guint rows, guint columns);

/* The same, and whether they are large enough that the additions cost less than
 * the multiplication that they save. */
gboolean fe_strassen_suits (guint rows, guint columns);

/* One of the sums of a weight's quarters, in their order on the device:
 * b [rows][columns], dst [rows / 2][columns / 2]. */
void fe_strassen_form (const float *b, guint rows, guint columns, guint form,
                       float *dst);

G_END_DECLS
