/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compute/strassen.h"

/* Rows of weights come in pairs of whole tiles of a product's columns. */
#define TILE_COLUMNS 16

/* From this many rows and columns on, 577 tokens gain a tenth. 768 with 197
 * tokens, and 512 with 577, gain nothing. */
#define LEAST_EDGE 1024

/* The quarters of b = (B11ᵀ B21ᵀ; B12ᵀ B22ᵀ) in each form, in that order. */
static const float quarters[FE_STRASSEN_FORMS][4] = {
    {1, 0, 0, 0},   /* B11 */
    {0, 1, 0, 0},   /* B21 */
    {1, 0, -1, 1},  /* T2 = B22 − T1 */
    {-1, 0, 1, 0},  /* T1 = B12 − B11 */
    {0, 0, 0, 1},   /* B22 */
    {0, 0, -1, 1},  /* T3 = B22 − B12 */
    {-1, 1, 1, -1}, /* −T4 = B21 − T2 */
};

gboolean
fe_strassen_divides (guint rows, guint columns)
{
  return rows % (2 * TILE_COLUMNS) == 0 && columns % 16 == 0;
}

gboolean
fe_strassen_suits (guint rows, guint columns)
{
  return rows >= LEAST_EDGE && columns >= LEAST_EDGE
         && fe_strassen_divides (rows, columns);
}

/* dst = or += factor · a quarter of b, [rows][k] in rows of 2 · k. */
static void
add_quarter (const float *quarter, guint rows, guint k, float factor,
             gboolean first, float *dst)
{
  for (gsize r = 0; r < rows; r++) {
    const float *from = quarter + r * 2 * k;
    float *to = dst + r * k;

    for (gsize c = 0; c < k; c++)
      to[c] = (first ? 0 : to[c]) + factor * from[c];
  }
}

void
fe_strassen_form (const float *b, guint rows, guint columns, guint form,
                  float *dst)
{
  gsize k = columns / 2, lower = (gsize)rows / 2 * columns;
  const gsize at[4] = {0, k, lower, lower + k};
  gboolean first = TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (at); i++) {
    if (quarters[form][i] == 0)
      continue;
    add_quarter (b + at[i], rows / 2, columns / 2, quarters[form][i], first,
                 dst);
    first = FALSE;
  }
}
