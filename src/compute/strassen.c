/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compute/strassen.h"

#include "compute/ops_shapes.h"

/* Panels of a tile's rows, where it is whole and where it is short, columns of
 * it, and columns / 4 that a workgroup sums up; as in the kernels. */
#define TILE_PANELS 5
#define SHORT_PANELS 3
#define TILE_COLUMNS 16
#define SUMS_COLUMNS 16

/* Rows and columns from which on 577 tokens gain a tenth. With 768 and 197
 * tokens, as with 512 and 577, there is nothing in it. */
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

/* Forms that quarters are, or begin with. */
enum {
  FORM_B11 = 0,
  FORM_B21 = 1,
  FORM_T1 = 3,
  FORM_B22 = 4,
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

static FeMatrix
get_form (const FeMatrix *weights, guint form)
{
  FeMatrix one = *weights;

  one.rows /= 2;
  one.columns /= 2;
  one.offset += form * weights->batch_stride;
  one.strassen = FALSE;
  return one;
}

/* Puts a form into a quarter of dst, or adds it to what is there. */
static gboolean
read_quarter (const FeMatrix *weights, guint form, gboolean add, float *dst,
              GError **error)
{
  FeMatrix one = get_form (weights, form);
  g_autofree float *values = g_new (float, (gsize)one.rows *one.columns);

  if (!fe_matrix_read (&one, 0, 0, one.rows, values, error))
    return FALSE;
  for (gsize r = 0; r < one.rows; r++) {
    const float *from = values + r * one.columns;
    float *to = dst + r * weights->columns;

    for (gsize c = 0; c < one.columns; c++)
      to[c] = add ? to[c] + from[c] : from[c];
  }
  return TRUE;
}

gboolean
fe_strassen_read (const FeMatrix *weights, float *dst, GError **error)
{
  gsize right = weights->columns / 2;
  gsize lower = (gsize)weights->rows / 2 * weights->columns;

  return read_quarter (weights, FORM_B11, FALSE, dst, error)
         && read_quarter (weights, FORM_B21, FALSE, dst + right, error)
         && read_quarter (weights, FORM_B11, FALSE, dst + lower, error)
         && read_quarter (weights, FORM_T1, TRUE, dst + lower, error)
         && read_quarter (weights, FORM_B22, FALSE, dst + lower + right, error);
}

/* S1 to S4 of the first `half` tiles of rows and as many below them. */
static FeBuffer *
dispatch_sums (FeCommands *commands, const FeMatmul *product, guint half)
{
  const FeDevice *device = fe_commands_get_device (commands);
  const FeMatrix *a = &product->a;
  guint half4 = columns4 (a) / 2, panels = half * TILE_PANELS;
  const guint32 push[] = {
      a->offset,
      a->panel_stride,
      panels * a->panel_stride,
      half4,
      panels * half4 * device->panel,
      product->c.rows - MIN (product->c.rows, panels * device->panel),
  };
  FeBuffer *sums = fe_commands_get_scratch (commands, 4 * (gsize)push[4] * 4
                                                          * sizeof (float));

  if (sums)
    fe_commands_dispatch (
        commands, &(FeDispatch){
                      .kernel = FE_KERNEL_STRASSEN_SUMS,
                      .use = product->use,
                      .buffers = {a->buffer, sums},
                      .push = push,
                      .push_size = sizeof push,
                      .groups = {divide_up (half4, SUMS_COLUMNS), panels},
                      .bytes = 2 * fe_matrix_count_bytes (a),
                  });
  return sums;
}

/* `tiles` tiles of rows from `first` on, and in the kernel of halves as many
 * below them. */
static void
dispatch_tiles (FeCommands *commands, const FeMatmul *product, guint32 epilogue,
                guint32 activation, FeKernel kernel, FeBuffer *sums,
                guint first, guint tiles)
{
  const FeDevice *device = fe_commands_get_device (commands);
  const FeMatrix *a = &product->a, *b = &product->b, *c = &product->c;
  guint rows = MIN (c->rows - first * fe_tile_rows (device),
                    tiles * (sums ? 2 : 1) * fe_tile_rows (device));
  const guint32 push[16] = {
      a->offset + first * TILE_PANELS * a->panel_stride,
      a->panel_stride,
      0,
      b->offset,
      b->panel_stride,
      b->batch_stride,
      c->offset + first * TILE_PANELS * c->panel_stride,
      c->panel_stride,
      0,
      columns4 (a) / 2,
      columns4 (c) / 2,
      epilogue,
  };

  fe_commands_dispatch (
      commands,
      &(FeDispatch){
          .kernel = kernel,
          .use = product->use,
          .constants = {activation},
          .buffers = {a->buffer, b->buffer, product->bias,
                      product->residual ? product->residual->buffer : NULL,
                      c->buffer, sums},
          .push = push,
          .push_size = sizeof push,
          .groups = {c->columns / 2 / TILE_COLUMNS, tiles},
          .flop = 2.0 * rows * c->columns * b->columns * (sums ? 7 / 8.0 : 1),
          .bytes = (double)rows * (b->columns + c->columns) * sizeof (float)
                   + fe_matrix_count_bytes (b) * (sums ? 7 / 4.0 : 1),
      });
}

void
fe_op_strassen (FeCommands *commands, const FeMatmul *product, guint32 epilogue,
                guint32 activation)
{
  const FeDevice *device = fe_commands_get_device (commands);
  guint tile = fe_tile_rows (device), rows = product->c.rows;
  guint tiles = divide_up (rows, tile), half = tiles / 2;

  g_assert (product->c.batch == 1 && !product->grid
            && device->subgroup_kernels);
  if (half) {
    FeBuffer *sums = dispatch_sums (commands, product, half);

    if (!sums)
      return;
    dispatch_tiles (commands, product, epilogue, activation, FE_KERNEL_STRASSEN,
                    sums, 0, half);
  }
  if (tiles % 2) {
    guint left = rows - 2 * half * tile;

    dispatch_tiles (commands, product, epilogue, activation,
                    left > SHORT_PANELS * device->panel
                        ? FE_KERNEL_STRASSEN_TAIL
                        : FE_KERNEL_STRASSEN_SHORT_TAIL,
                    NULL, 2 * half, 1);
  }
}
