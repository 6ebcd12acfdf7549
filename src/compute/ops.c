/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compute/ops.h"

#include <math.h>

#include "compute/ops_shapes.h"

/* Bits of the window DCT's mode. */
typedef enum {
  FORWARD = 0,
  INVERSE = 1 << 0,
  ADJOINT = 1 << 1,
} WindowDctDirection;

guint
fe_groups (const FeDevice *device, guint n)
{
  return divide_up (n, device->subgroup_kernels ? device->panel : 64);
}

void
fe_op_attention (FeCommands *commands, const FeAttention *attention)
{
  const FeDevice *device = fe_commands_get_device (commands);
  const FeMatrix *qkv = &attention->qkv, *y = &attention->attended;
  guint tokens = y->rows, width = y->columns;
  guint images = MAX (attention->images, 1);
  guint image_panels = attention->image_rows / device->panel;
  const guint32 push[] = {
      qkv->offset,
      qkv->panel_stride,
      image_panels * qkv->panel_stride,
      y->offset,
      y->panel_stride,
      image_panels * y->panel_stride,
      width / 4,
      tokens,
  };

  g_assert (qkv->rows == tokens && qkv->columns == 3 * width);
  g_assert (width % FE_HEAD_CHANNELS == 0);
  g_assert (images == 1 || attention->image_rows % device->panel == 0);
  fe_commands_dispatch (
      commands,
      &(FeDispatch){
          .kernel = FE_KERNEL_ATTENTION,
          .use = "attention",
          .constants = {attention->causal != FALSE},
          .buffers = {qkv->buffer, y->buffer},
          .push = push,
          .push_size = sizeof push,
          .groups = {divide_up (tokens, device->subgroup_kernels
                                            ? 3 * device->panel
                                            : 64),
                     width / FE_HEAD_CHANNELS, images},
          .flop = 4.0 * tokens * tokens * width * images,
          .bytes = fe_matrix_count_bytes (qkv) + fe_matrix_count_bytes (y),
      });
}

void
fe_op_layer_norm (FeCommands *commands, const char *use, const FeMatrix *x,
                  guint first, FeBuffer *scale, FeBuffer *shift,
                  const FeMatrix *y)
{
  fe_op_layer_norm_rows (commands,
                         &(FeLayerNorm){use, *x, first, 1, scale, shift, *y});
}

void
fe_op_layer_norm_rows (FeCommands *commands, const FeLayerNorm *norm)
{
  const FeMatrix *x = &norm->x, *y = &norm->y;
  const guint32 push[] = {y->rows, norm->first, norm->step, columns4 (x)};

  g_assert (x->columns == y->columns && y->rows > 0);
  g_assert (norm->first + norm->step * (y->rows - 1) < x->rows);
  g_assert (x->columns % 8 == 0 && is_whole (x) && is_whole (y));
  fe_commands_dispatch (
      commands,
      &(FeDispatch){
          .kernel = FE_KERNEL_LAYER_NORM,
          .use = norm->use,
          .buffers = {x->buffer, norm->scale, norm->shift, y->buffer},
          .push = push,
          .push_size = sizeof push,
          .groups = {fe_groups (fe_commands_get_device (commands), y->rows)},
          .bytes = 2 * fe_matrix_count_bytes (y),
      });
}

void
fe_op_softmax (FeCommands *commands, const FeMatrix *s, gboolean causal,
               const FeMatrix *p)
{
  const guint32 push[] = {s->columns, columns4 (s), s->batch_stride};

  g_assert (s->rows == p->rows && s->columns == p->columns
            && s->batch_stride == p->batch_stride);
  fe_commands_dispatch (
      commands,
      &(FeDispatch){
          .kernel = FE_KERNEL_SOFTMAX,
          .use = "attention",
          .constants = {causal != FALSE},
          .buffers = {s->buffer, p->buffer},
          .push = push,
          .push_size = sizeof push,
          .groups = {fe_groups (fe_commands_get_device (commands), s->rows), 1,
                     s->batch},
          .bytes = fe_matrix_count_bytes (s) + fe_matrix_count_bytes (p),
      });
}

void
fe_op_transpose (FeCommands *commands, const FeMatrix *x, const FeMatrix *y)
{
  const guint32 push[] = {
      x->offset,
      x->panel_stride,
      x->batch_stride,
      y->batch_stride,
      x->rows,
      columns4 (y),
      x->group ? x->group : x->batch,
      x->group_stride,
  };

  g_assert (x->rows == y->columns && x->columns == y->rows
            && x->batch == y->batch && is_whole (y) && !x->strassen);
  fe_commands_dispatch (
      commands, &(FeDispatch){
                    .kernel = FE_KERNEL_TRANSPOSE,
                    .use = "attention",
                    .buffers = {x->buffer, y->buffer},
                    .push = push,
                    .push_size = sizeof push,
                    .groups = {fe_groups (fe_commands_get_device (commands),
                                          columns4 (y)),
                               divide_up (x->columns, 4), x->batch},
                    .bytes = 2 * fe_matrix_count_bytes (x),
                });
}

static void
window_dct (FeCommands *commands, const FeWindowDct *dct,
            WindowDctDirection direction, const FeMatrix *patches,
            const FeMatrix *spectra)
{
  gboolean inverse = direction & INVERSE;
  const FeMatrix *from = inverse ? spectra : patches;
  const FeMatrix *to = inverse ? patches : spectra;
  const guint32 push[] = {
      dct->grid,          divide_up (dct->grid, dct->window),
      columns4 (patches), from->batch_stride,
      to->batch_stride,
  };
  /* If no window extends beyond the grid, the adjoint equals the transform. */
  gboolean fits = dct->grid % dct->window == 0;
  guint rows = inverse ? dct->grid * dct->grid : spectra->rows;

  g_assert (spectra->rows == push[1] * push[1] * dct->window * dct->window);
  g_assert (patches->columns == spectra->columns
            && patches->batch == spectra->batch);
  g_assert (is_whole (patches) && is_whole (spectra));
  fe_commands_dispatch (
      commands,
      &(FeDispatch){
          .kernel = FE_KERNEL_WINDOW_DCT,
          .use = inverse ? "ffe inverse" : "ffe forward",
          .constants = {dct->window, inverse, (direction & ADJOINT) && !fits},
          .buffers = {from->buffer, dct->basis, to->buffer},
          .push = push,
          .push_size = sizeof push,
          .groups = {groups_per_panel (commands, push[2]),
                     panels (commands, rows), to->batch},
          .bytes = fe_matrix_count_bytes (from) + fe_matrix_count_bytes (to),
      });
}

void
fe_op_window_dct (FeCommands *commands, const FeWindowDct *dct,
                  const FeMatrix *patches, const FeMatrix *spectra)
{
  window_dct (commands, dct, FORWARD, patches, spectra);
}

void
fe_op_window_dct_backward (FeCommands *commands, const FeWindowDct *dct,
                           const FeMatrix *spectra, const FeMatrix *patches)
{
  window_dct (commands, dct, INVERSE | ADJOINT, patches, spectra);
}

void
fe_op_window_dct_inverse (FeCommands *commands, const FeWindowDct *dct,
                          const FeMatrix *spectra, const FeMatrix *patches)
{
  window_dct (commands, dct, INVERSE, patches, spectra);
}

void
fe_op_window_dct_inverse_backward (FeCommands *commands, const FeWindowDct *dct,
                                   const FeMatrix *patches,
                                   const FeMatrix *spectra)
{
  window_dct (commands, dct, FORWARD | ADJOINT, patches, spectra);
}

void
fe_op_lfs_statistic (FeCommands *commands, guint grid, guint window,
                     FeclipLfsStatistic statistic, FeBuffer *table,
                     const FeMatrix *x, const FeMatrix *y)
{
  const guint32 push[] = {grid, columns4 (x), x->batch_stride, y->batch_stride};

  g_assert (window % 2 == 1 && x->columns == y->columns);
  g_assert (is_whole (x) && is_whole (y));
  fe_commands_dispatch (
      commands,
      &(FeDispatch){
          .kernel = FE_KERNEL_LFS_STATISTIC,
          .use = "lfs",
          .constants = {window, statistic},
          .buffers = {x->buffer, table, y->buffer},
          .push = push,
          .push_size = sizeof push,
          .groups = {groups_per_panel (commands, columns4 (x)),
                     panels (commands, grid * grid), x->batch},
          .bytes = fe_matrix_count_bytes (x) + fe_matrix_count_bytes (y),
      });
}

void
fe_op_im2col (FeCommands *commands, guint grid, const FeMatrix *x,
              const FeMatrix *y)
{
  const guint32 push[] = {grid, columns4 (x), x->batch_stride, y->batch_stride};

  g_assert (x->columns % 8 == 0 && y->columns == 9 * x->columns);
  g_assert (is_whole (x) && is_whole (y));
  fe_commands_dispatch (
      commands,
      &(FeDispatch){
          .kernel = FE_KERNEL_IM2COL,
          .use = "lfs",
          .buffers = {x->buffer, y->buffer},
          .push = push,
          .push_size = sizeof push,
          .groups = {groups_per_panel (commands, columns4 (y)),
                     panels (commands, grid * grid), x->batch},
          .bytes = fe_matrix_count_bytes (x) + fe_matrix_count_bytes (y),
      });
}

void
fe_op_blend_adapters (FeCommands *commands, const FeBlendAdapters *blend)
{
  const FeMatrix *ffe = &blend->ffe, *lfs = &blend->lfs, *x = &blend->x;
  const struct {
    guint32 patches, tokens, channels4, adapted_step, x_step;
    float lambda;
  } push = {
      ffe->rows,         x->rows,         columns4 (x),
      ffe->batch_stride, x->batch_stride, (float)blend->lambda,
  };

  g_assert (ffe->rows == lfs->rows && ffe->columns == x->columns);
  g_assert (ffe->batch_stride == lfs->batch_stride
            && blend->y.batch_stride == x->batch_stride);
  g_assert (is_whole (ffe) && is_whole (lfs) && is_whole (x)
            && is_whole (&blend->y));
  fe_commands_dispatch (
      commands,
      &(FeDispatch){
          .kernel = FE_KERNEL_BLEND_ADAPTERS,
          .use = "tap",
          .buffers = {ffe->buffer, lfs->buffer, x->buffer, blend->y.buffer},
          .push = &push,
          .push_size = sizeof push,
          .groups = {groups_per_panel (commands, push.channels4),
                     panels (commands, x->rows), x->batch},
          .bytes =
              2 * (fe_matrix_count_bytes (ffe) + fe_matrix_count_bytes (x)),
      });
}

void
fe_op_similarity (FeCommands *commands, const FeSimilarity *similarity)
{
  const FeMatrix *z = &similarity->z, *maps = similarity->maps;
  const struct {
    guint32 rows, features4, first;
    float inverse_temperature, weight;
    guint32 z_step, map_step;
    guint32 text_row, text_image;
  } push = {
      z->rows,
      columns4 (z),
      maps ? 4 * maps->offset : similarity->first,
      (float)(1 / similarity->temperature),
      (float)similarity->weight,
      z->batch_stride,
      maps ? maps->batch_stride : 0,
      similarity->text_of == FE_TEXT_OF_ROWS ? 2 * columns4 (z) : 0,
      similarity->text_of == FE_TEXT_OF_IMAGES ? 2 * columns4 (z) : 0,
  };

  g_assert (is_whole (z));
  g_assert (!maps
            || (maps->batch == z->batch && maps->rows * maps->rows == z->rows));
  fe_commands_dispatch (
      commands,
      &(FeDispatch){
          .kernel = FE_KERNEL_SIMILARITY,
          .use = "scoring",
          .constants = {similarity->type == FECLIP_MAP_TYPE_MARGIN,
                        similarity->accumulate != FALSE, maps ? maps->rows : 0},
          .buffers = {z->buffer, similarity->text,
                      maps ? maps->buffer : similarity->values},
          .push = &push,
          .push_size = sizeof push,
          .groups = {fe_groups (fe_commands_get_device (commands), z->rows), 1,
                     z->batch},
          .bytes = fe_matrix_count_bytes (z),
      });
}

void
fe_op_upsample (FeCommands *commands, FeBuffer *small, guint first, guint edge,
                FeBuffer *large, guint to_edge)
{
  const guint32 push[] = {first, edge, to_edge};

  fe_commands_dispatch (
      commands,
      &(FeDispatch){
          .kernel = FE_KERNEL_UPSAMPLE,
          .use = "map",
          .buffers = {small, large},
          .push = push,
          .push_size = sizeof push,
          .groups = {fe_groups (fe_commands_get_device (commands), to_edge),
                     to_edge},
          .bytes = 4.0 * to_edge * to_edge,
      });
}

void
fe_op_smooth (FeCommands *commands, FeBuffer *map, FeBuffer *weights,
              guint radius, FeBuffer *scratch, guint edge)
{
  const guint32 push[] = {edge, radius};

  for (guint vertical = 0; vertical < 2; vertical++) {
    fe_commands_dispatch (
        commands,
        &(FeDispatch){
            .kernel = FE_KERNEL_SMOOTH,
            .use = "map",
            .constants = {vertical},
            .buffers = {vertical ? scratch : map, weights,
                        vertical ? map : scratch},
            .push = push,
            .push_size = sizeof push,
            .groups = {fe_groups (fe_commands_get_device (commands), edge),
                       edge},
            .bytes = 8.0 * edge * edge,
        });
  }
}

void
fe_dct_basis (guint n, float *dst)
{
  for (guint k = 0; k < n; k++) {
    double a = sqrt ((k ? 2.0 : 1.0) / n);

    for (guint i = 0; i < n; i++)
      dst[k * n + i] = (float)(a * cos (G_PI / n * (i + 0.5) * k));
  }
}

void
fe_lfs_table (guint n, float *dst)
{
  float *basis = dst + n;

  fe_dct_basis (n, basis);
  for (guint i = 0; i < n; i++) {
    dst[i] = 0;
    for (guint k = 0; k < n; k++)
      dst[i] += basis[k * n + i];
  }
}
