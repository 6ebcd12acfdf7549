/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compute/ops_backward.h"

#include "compute/ops_shapes.h"

static void
activation (FeCommands *commands, const FeActivationBackward *both,
            gboolean backward)
{
  const FeMatrix *x = &both->x, *dy = &both->dy, *y = &both->dx;
  const guint32 push[] = {
      x->rows, columns4 (x), x->batch_stride, dy->batch_stride, y->batch_stride,
  };

  g_assert (x->columns == y->columns && x->rows <= y->rows
            && x->batch == y->batch);
  g_assert (is_whole (x) && is_whole (dy) && is_whole (y));
  g_assert (!backward
            || (dy->columns == x->columns && x->rows <= dy->rows
                && dy->batch == x->batch));
  fe_commands_dispatch (commands,
                        &(FeDispatch){
                            .kernel = FE_KERNEL_ACTIVATION,
                            .use = both->use,
                            .constants = {both->activation, backward},
                            .buffers = {x->buffer, dy->buffer, y->buffer},
                            .push = push,
                            .push_size = sizeof push,
                            .groups = {groups_per_panel (commands, push[1]),
                                       panels (commands, x->rows), x->batch},
                        });
}

void
fe_op_activation (FeCommands *commands, FeclipActivation kind,
                  const FeMatrix *x, const FeMatrix *y)
{
  activation (commands,
              &(FeActivationBackward){
                  .use = "forward",
                  .activation = kind,
                  .x = *x,
                  .dy = {.buffer = x->buffer,
                         .columns = x->columns,
                         .panel_stride = x->panel_stride},
                  .dx = *y,
              },
              FALSE);
}

void
fe_op_activation_backward (FeCommands *commands,
                           const FeActivationBackward *backward)
{
  activation (commands, backward, TRUE);
}

void
fe_op_row_sums (FeCommands *commands, const FeMatrix *x, FeBuffer *sums)
{
  const guint32 push[] = {x->rows, columns4 (x)};

  g_assert (x->batch == 1 && is_whole (x));
  fe_commands_dispatch (
      commands,
      &(FeDispatch){
          .kernel = FE_KERNEL_ROW_SUMS,
          .use = "bias",
          .buffers = {x->buffer, sums},
          .push = push,
          .push_size = sizeof push,
          .groups = {fe_groups (fe_commands_get_device (commands), x->rows)},
      });
}

void
fe_op_layer_norm_backward (FeCommands *commands,
                           const FeLayerNormBackward *backward)
{
  const FeMatrix *x = &backward->x, *dy = &backward->dy, *dx = &backward->dx;
  const guint32 push[] = {dy->rows, backward->first, backward->step,
                          columns4 (x)};

  g_assert (x->columns == dy->columns && x->columns == dx->columns);
  g_assert (backward->first + backward->step * (dy->rows - 1) < x->rows
            && dx->rows == x->rows);
  g_assert (x->columns % 8 == 0 && is_whole (x) && is_whole (dy)
            && is_whole (dx));
  fe_commands_dispatch (
      commands,
      &(FeDispatch){
          .kernel = FE_KERNEL_LAYER_NORM_BACKWARD,
          .use = backward->use,
          .constants = {backward->accumulate != FALSE},
          .buffers = {x->buffer, backward->scale, dy->buffer, dx->buffer,
                      dx->buffer},
          .push = push,
          .push_size = sizeof push,
          .groups = {fe_groups (fe_commands_get_device (commands), dy->rows)},
      });
}

void
fe_op_softmax_backward (FeCommands *commands, const FeMatrix *p,
                        const FeMatrix *dp, const FeMatrix *ds)
{
  const guint32 push[] = {p->rows, columns4 (p), p->batch_stride};

  g_assert (p->columns == dp->columns && p->columns == ds->columns);
  g_assert (p->batch_stride == dp->batch_stride
            && p->batch_stride == ds->batch_stride);
  g_assert (is_whole (p) && is_whole (dp) && is_whole (ds));
  fe_commands_dispatch (
      commands,
      &(FeDispatch){
          .kernel = FE_KERNEL_SOFTMAX_BACKWARD,
          .use = "attention",
          .buffers = {p->buffer, dp->buffer, ds->buffer},
          .push = push,
          .push_size = sizeof push,
          .groups = {fe_groups (fe_commands_get_device (commands), p->rows), 1,
                     p->batch},
      });
}

void
fe_op_im2col_backward (FeCommands *commands, guint grid, const FeMatrix *dy,
                       const FeMatrix *dx)
{
  const guint32 push[] = {grid, columns4 (dx), dy->batch_stride,
                          dx->batch_stride};

  g_assert (dx->columns % 8 == 0 && dy->columns == 9 * dx->columns);
  g_assert (is_whole (dx) && is_whole (dy) && dx->batch == dy->batch);
  fe_commands_dispatch (
      commands, &(FeDispatch){
                    .kernel = FE_KERNEL_IM2COL_BACKWARD,
                    .use = "lfs",
                    .buffers = {dy->buffer, dx->buffer},
                    .push = push,
                    .push_size = sizeof push,
                    .groups = {groups_per_panel (commands, columns4 (dx)),
                               panels (commands, grid * grid), dx->batch},
                });
}

void
fe_op_lfs_statistic_backward (FeCommands *commands,
                              const FeLfsStatisticBackward *backward)
{
  const FeMatrix *x = &backward->x, *dy = &backward->dy, *dx = &backward->dx;
  guint grid = backward->grid;
  const guint32 push[] = {grid, columns4 (x), x->batch_stride, dy->batch_stride,
                          dx->batch_stride};

  g_assert (x->columns == dy->columns && x->columns == dx->columns);
  g_assert (x->batch == dy->batch && x->batch == dx->batch);
  g_assert (is_whole (x) && is_whole (dy) && is_whole (dx));
  fe_commands_dispatch (
      commands,
      &(FeDispatch){
          .kernel = FE_KERNEL_LFS_STATISTIC_BACKWARD,
          .use = "lfs",
          .constants = {backward->window, backward->statistic},
          .buffers = {x->buffer, backward->table, dy->buffer, dx->buffer},
          .push = push,
          .push_size = sizeof push,
          .groups = {groups_per_panel (commands, columns4 (x)),
                     panels (commands, grid * grid), x->batch},
      });
}

void
fe_op_similarity_backward (FeCommands *commands,
                           const FeSimilarityBackward *backward)
{
  const FeMatrix *z = &backward->z, *dz = &backward->dz;
  const FeMatrix *maps = backward->maps;
  const struct {
    guint32 rows, features4, first;
    float inverse_temperature;
    guint32 z_step, map_step;
  } push = {
      z->rows,
      columns4 (z),
      maps ? 4 * maps->offset : backward->first,
      (float)(1 / backward->temperature),
      z->batch_stride,
      maps ? maps->batch_stride : 0,
  };

  g_assert (is_whole (z) && is_whole (dz));
  g_assert (z->columns == dz->columns && z->batch_stride == dz->batch_stride);
  g_assert (!maps
            || (maps->batch == z->batch && maps->rows * maps->rows == z->rows));
  fe_commands_dispatch (
      commands,
      &(FeDispatch){
          .kernel = FE_KERNEL_SIMILARITY_BACKWARD,
          .use = "scoring",
          .constants = {maps ? maps->rows : 0},
          .buffers = {z->buffer, backward->text,
                      maps ? maps->buffer : backward->gradients, dz->buffer},
          .push = &push,
          .push_size = sizeof push,
          .groups = {fe_groups (fe_commands_get_device (commands), z->rows), 1,
                     z->batch},
      });
}
