/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compute/ops_references.h"

#include "compute/ops_shapes.h"

/* As SPLIT_ROWS in nearest.glsl. */
#define SPLIT_ROWS 256

guint
fe_nearest_splits (guint rows)
{
  return divide_up (rows, SPLIT_ROWS);
}

guint
fe_nearest_step (const FeDevice *device, guint rows)
{
  guint tile = fe_tile_rows (device);

  return divide_up (rows, tile) * tile;
}

void
fe_op_normalize_rows (FeCommands *commands, const FeMatrix *x,
                      const FeMatrix *y)
{
  const guint32 push[] = {y->rows, columns4 (x)};

  g_assert (x->columns == y->columns && y->rows <= x->rows);
  g_assert (is_whole (x) && is_whole (y));
  fe_commands_dispatch (
      commands,
      &(FeDispatch){
          .kernel = FE_KERNEL_NORMALIZE_ROWS,
          .use = "references",
          .buffers = {x->buffer, y->buffer},
          .push = push,
          .push_size = sizeof push,
          .groups = {fe_groups (fe_commands_get_device (commands), y->rows)},
          .bytes = 2 * fe_matrix_count_bytes (y),
      });
}

void
fe_op_nearest (FeCommands *commands, const FeMatrix *x,
               const FeMatrix *references, guint first_split, FeBuffer *best)
{
  const FeDevice *device = fe_commands_get_device (commands);
  const guint32 push[] = {
      x->panel_stride, references->panel_stride,
      columns4 (x),    references->rows,
      first_split,     fe_nearest_step (device, x->rows),
  };

  g_assert (x->columns == references->columns && references->rows % 64 == 0);
  g_assert (is_whole (x) && is_whole (references));
  fe_commands_dispatch (
      commands, &(FeDispatch){
                    .kernel = FE_KERNEL_NEAREST,
                    .use = "references",
                    .buffers = {x->buffer, references->buffer, best},
                    .push = push,
                    .push_size = sizeof push,
                    .groups = {divide_up (x->rows, fe_tile_rows (device)),
                               fe_nearest_splits (references->rows)},
                    .flop = 2.0 * x->rows * references->rows * x->columns,
                    .bytes = fe_matrix_count_bytes (x)
                             + fe_matrix_count_bytes (references),
                });
}

void
fe_op_reference_distance (FeCommands *commands,
                          const FeReferenceDistance *distance)
{
  const FeDevice *device = fe_commands_get_device (commands);
  const struct {
    guint32 rows, splits, step, first;
    float weight;
  } push = {
      distance->rows,
      distance->splits,
      fe_nearest_step (device, distance->rows),
      distance->first,
      (float)distance->weight,
  };

  fe_commands_dispatch (commands,
                        &(FeDispatch){
                            .kernel = FE_KERNEL_REFERENCE_DISTANCE,
                            .use = "references",
                            .constants = {distance->accumulate != FALSE},
                            .buffers = {distance->best, distance->values},
                            .push = &push,
                            .push_size = sizeof push,
                            .groups = {fe_groups (device, distance->rows)},
                        });
}
