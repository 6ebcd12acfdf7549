/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "compute/ops.h"
#include "compute/ops_shapes.h"
#include "compute/product_choice.h"
#include "compute/vulkan/coopmat.h"

/* Panels of rows in a Strassen tile, a whole one and a short one, its columns,
 * and the columns / 4 that a workgroup of strassen_sums.comp processes; as in
 * the kernels. */
#define STRASSEN_PANELS 5
#define STRASSEN_SHORT_PANELS 3
#define STRASSEN_COLUMNS 16
#define STRASSEN_SUMS_COLUMNS 16

/* Bits of the EPILOGUE constant, as in epilogue.glsl. */
enum {
  ADD_BIAS = 1 << 0,
  QUICK_GELU = 1 << 1,
  GELU = 1 << 2,
  ADD_RESIDUAL = 1 << 3,
};

/* How a product is executed. */
typedef struct {
  FeKernel kernel;
  FeProductTile tile;
  guint32 constants[FE_MAX_CONSTANTS]; /* all but EPILOGUE */
} Plan;

static guint
step_of (const FeMatrix *matrix)
{
  return matrix->batch > 1 ? matrix->batch_stride : 0;
}

/* Strides of a batch that consists of groups, if it does. */
static guint
group_step_of (const FeMatrix *matrix, guint group)
{
  g_assert (!matrix->group || matrix->group == group);
  return matrix->group ? matrix->group_stride : group * step_of (matrix);
}

static guint32
epilogue_of (const FeMatmul *product)
{
  guint32 epilogue = 0;

  if (product->bias)
    epilogue |= ADD_BIAS;
  if (product->activation == FECLIP_ACTIVATION_QUICK_GELU)
    epilogue |= QUICK_GELU;
  if (product->activation == FECLIP_ACTIVATION_GELU)
    epilogue |= GELU;
  if (product->residual)
    epilogue |= ADD_RESIDUAL;
  return epilogue;
}

FeProductKernel
fe_matmul_get_kernel (const FeDevice *device, const FeMatrix *b)
{
  if (!b->coopmat || !device->coopmat.k)
    return FE_PRODUCT_WORKGROUP_TILES;
  if (!device->coopmat2.invocations)
    return FE_PRODUCT_COOPMAT;
  return device->coopmat2.scope == VK_SCOPE_WORKGROUP_KHR
             ? FE_PRODUCT_COOPMAT2_WORKGROUP
             : FE_PRODUCT_COOPMAT2_SUBGROUP;
}

/* The constants of matmul_coopmat.comp and matmul_coopmat2.comp. */
static void
plan_coopmat (Plan *plan, const FeDevice *device)
{
  const FeCoopmat *units = &device->coopmat;
  const guint32 constants[FE_MAX_CONSTANTS] = {
      0,
      units->m,
      units->n,
      units->k,
      4 * units->subgroup,
      plan->tile.columns,
      plan->tile.rows,
  };

  plan->kernel = FE_KERNEL_MATMUL_COOPMAT;
  memcpy (plan->constants, constants, sizeof constants);
}

static void
plan_coopmat2 (Plan *plan, const FeDevice *device)
{
  const FeCoopmat2 *coopmat2 = &device->coopmat2;
  const guint32 constants[FE_MAX_CONSTANTS] = {
      0,
      plan->tile.rows,
      plan->tile.columns,
      plan->tile.depth,
      coopmat2->invocations,
      coopmat2->scope,
  };

  plan->kernel = coopmat2->tensors ? FE_KERNEL_MATMUL_COOPMAT2_TENSORS
                                   : FE_KERNEL_MATMUL_COOPMAT2;
  memcpy (plan->constants, constants, sizeof constants);
}

static Plan
make_plan (const FeDevice *device, const FeMatmul *product)
{
  const FeProductShape shape = {
      .kernel = fe_matmul_get_kernel (device, &product->b),
      .processors = device->processors,
      .rows = product->c.rows,
      .columns = product->c.columns,
      .k = product->a.columns,
      .batch = product->c.batch,
  };
  Plan plan = {
      .kernel = product->b.half ? FE_KERNEL_MATMUL_HALF : FE_KERNEL_MATMUL,
      .tile = {fe_tile_rows (device), fe_tile_columns (device), 1},
  };

  if (product->grid)
    plan.kernel =
        product->b.half ? FE_KERNEL_CONVOLUTION_HALF : FE_KERNEL_CONVOLUTION;
  if (device->subgroup_kernels)
    return plan;
  plan.tile = product->tile ? *product->tile : fe_product_choose (&shape);
  if (shape.kernel == FE_PRODUCT_COOPMAT)
    plan_coopmat (&plan, device);
  else if (shape.kernel != FE_PRODUCT_WORKGROUP_TILES)
    plan_coopmat2 (&plan, device);
  return plan;
}

static void
dispatch_product (FeCommands *commands, const FeMatmul *product,
                  const Plan *plan)
{
  const FeMatrix *a = &product->a, *b = &product->b, *c = &product->c;
  guint group = a->group ? a->group : b->group ? b->group : c->group;
  const guint32 push[] = {
      a->offset,
      a->panel_stride,
      step_of (a),
      b->offset,
      b->panel_stride,
      step_of (b),
      c->offset,
      c->panel_stride,
      step_of (c),
      columns4 (a),
      columns4 (c),
      group ? group : c->batch,
      group_step_of (a, group),
      group_step_of (b, group),
      group_step_of (c, group),
      c->rows,
      product->grid,
  };
  FeDispatch dispatch = {
      .kernel = plan->kernel,
      .use = product->use,
      .buffers = {a->buffer, b->buffer, product->bias,
                  product->residual ? product->residual->buffer : NULL,
                  c->buffer},
      .push = push,
      /* Only the convolution kernels have this push constant. */
      .push_size = sizeof push - (product->grid ? 0 : sizeof product->grid),
      .groups = {divide_up (c->rows, plan->tile.rows),
                 divide_up (c->columns, plan->tile.columns), c->batch},
      .flop = 2.0 * c->rows * c->columns * b->columns * c->batch,
      .bytes = fe_matrix_count_bytes (a) + fe_matrix_count_bytes (b)
               + fe_matrix_count_bytes (c) * (product->residual ? 2 : 1),
  };

  for (guint i = 1; i < FE_MAX_CONSTANTS; i++)
    dispatch.constants[i] = plan->constants[i];
  dispatch.constants[0] = epilogue_of (product);
  fe_commands_dispatch (commands, &dispatch);
}

/* Sums the partial products in a fixed order and applies the epilogue. */
static void
sum_splits (FeCommands *commands, const FeMatmul *product,
            const FeMatrix *parts)
{
  const FeMatrix *c = &product->c;
  const guint32 push[] = {
      c->rows,   columns4 (c),    parts->batch, parts->batch_stride,
      c->offset, c->panel_stride,
  };

  fe_commands_dispatch (
      commands,
      &(FeDispatch){
          .kernel = FE_KERNEL_SUM_SPLITS,
          .use = product->use,
          .constants = {epilogue_of (product)},
          .buffers = {parts->buffer, product->bias,
                      product->residual ? product->residual->buffer : NULL,
                      c->buffer},
          .push = push,
          .push_size = sizeof push,
          .groups = {groups_per_panel (commands, columns4 (c)),
                     panels (commands, c->rows)},
          .bytes = fe_matrix_count_bytes (parts)
                   + fe_matrix_count_bytes (c) * (product->residual ? 2 : 1),
      });
}

/* Split-k: treats slices of the columns of both operands as a batch, multiplies
 * each pair, and sums the results. That yields enough workgroups for small
 * outputs. */
static void
dispatch_parts (FeCommands *commands, const FeMatmul *product, const Plan *plan)
{
  const FeDevice *device = fe_commands_get_device (commands);
  guint parts = plan->tile.parts, k = product->a.columns / parts;
  guint rows = divide_up (product->c.rows, fe_tile_rows (device))
               * fe_tile_rows (device);
  guint c4 = columns4 (&product->c);
  FeMatmul sums = {
      .use = product->use,
      .a = fe_matrix_split (&product->a, 0, k, parts),
      .b = fe_matrix_split (&product->b, 0, k, parts),
      .c = {.rows = product->c.rows,
            .columns = product->c.columns,
            .batch = parts,
            .panel_stride = c4 * device->panel,
            .batch_stride = rows * c4},
  };

  sums.c.buffer = fe_commands_get_scratch (
      commands, (gsize)parts * sums.c.batch_stride * 4 * sizeof (float));
  if (!sums.c.buffer)
    return;
  dispatch_product (commands, &sums, plan);
  sum_splits (commands, product, &sums.c);
}

/* Records S1 … S4 of `half` tiles of rows and of as many below them. */
static FeBuffer *
dispatch_sums (FeCommands *commands, const FeMatmul *product, guint half)
{
  const FeDevice *device = fe_commands_get_device (commands);
  const FeMatrix *a = &product->a;
  guint half4 = columns4 (a) / 2, panels = half * STRASSEN_PANELS;
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
        commands,
        &(FeDispatch){
            .kernel = FE_KERNEL_STRASSEN_SUMS,
            .use = product->use,
            .buffers = {a->buffer, sums},
            .push = push,
            .push_size = sizeof push,
            .groups = {divide_up (half4, STRASSEN_SUMS_COLUMNS), panels},
            .bytes = 2 * fe_matrix_count_bytes (a),
        });
  return sums;
}

/* Records the product of `tiles` tiles of rows from `first` on and, in the
 * kernel that multiplies quarters, of as many below them. */
static void
dispatch_tiles (FeCommands *commands, const FeMatmul *product, FeKernel kernel,
                FeBuffer *sums, guint first, guint tiles)
{
  const FeDevice *device = fe_commands_get_device (commands);
  const FeMatrix *a = &product->a, *b = &product->b, *c = &product->c;
  guint rows = MIN (c->rows - first * fe_tile_rows (device),
                    tiles * (sums ? 2 : 1) * fe_tile_rows (device));
  const guint32 push[16] = {
      a->offset + first * STRASSEN_PANELS * a->panel_stride,
      a->panel_stride,
      0,
      b->offset,
      b->panel_stride,
      b->batch_stride,
      c->offset + first * STRASSEN_PANELS * c->panel_stride,
      c->panel_stride,
      0,
      columns4 (a) / 2,
      columns4 (c) / 2,
      epilogue_of (product),
  };

  fe_commands_dispatch (
      commands,
      &(FeDispatch){
          .kernel = kernel,
          .use = product->use,
          .constants = {epilogue_of (product) & (QUICK_GELU | GELU)},
          .buffers = {a->buffer, b->buffer, product->bias,
                      product->residual ? product->residual->buffer : NULL,
                      c->buffer, sums},
          .push = push,
          .push_size = sizeof push,
          .groups = {c->columns / 2 / STRASSEN_COLUMNS, tiles},
          .flop = 2.0 * rows * c->columns * b->columns * (sums ? 7 / 8.0 : 1),
          .bytes = (double)rows * (b->columns + c->columns) * sizeof (float)
                   + fe_matrix_count_bytes (b) * (sums ? 7 / 4.0 : 1),
      });
}

/* Records a product with weights in the forms of strassen.h. */
static void
multiply_strassen (FeCommands *commands, const FeMatmul *product)
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
    dispatch_tiles (commands, product, FE_KERNEL_STRASSEN, sums, 0, half);
  }
  if (tiles % 2) {
    guint left = rows - 2 * half * tile;

    dispatch_tiles (commands, product,
                    left > STRASSEN_SHORT_PANELS * device->panel
                        ? FE_KERNEL_STRASSEN_TAIL
                        : FE_KERNEL_STRASSEN_SHORT_TAIL,
                    NULL, 2 * half, 1);
  }
}

gboolean
fe_op_convolves (const FeDevice *device)
{
  return device->subgroup_kernels;
}

void
fe_op_matmul (FeCommands *commands, const FeMatmul *product)
{
  const FeDevice *device = fe_commands_get_device (commands);
  const FeMatrix *a = &product->a, *b = &product->b, *c = &product->c;
  Plan plan = make_plan (device, product);

  g_assert (a->rows == c->rows && b->rows == c->columns);
  g_assert (b->columns == (product->grid ? 9 : 1) * a->columns);
  g_assert (!product->grid
            || (fe_op_convolves (device) && a->columns % 8 == 0
                && a->rows == product->grid * product->grid));
  g_assert (!product->residual
            || (product->residual->panel_stride == c->panel_stride
                && product->residual->offset == c->offset));
  g_assert (plan.tile.parts == 1 || c->batch == 1);
  if (b->strassen)
    multiply_strassen (commands, product);
  else if (plan.tile.parts > 1)
    dispatch_parts (commands, product, &plan);
  else
    dispatch_product (commands, product, &plan);
}
