/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Helpers for the files that record kernels: how many workgroups cover a
 * matrix. */
#pragma once

#include "compute/matrix.h"
#include "compute/vulkan/commands.h"

G_BEGIN_DECLS

static inline guint
divide_up (guint n, guint by)
{
  return (n + by - 1) / by;
}

static inline guint
columns4 (const FeMatrix *matrix)
{
  return fe_padded_columns (matrix->columns) / 4;
}

/* Whether a matrix is not a view of some columns or a group of a larger one, as
 * most kernels require. */
static inline gboolean
is_whole (const FeMatrix *matrix)
{
  return !matrix->buffer
         || (matrix->offset == 0 && !matrix->group
             && matrix->panel_stride
                    == columns4 (matrix) * matrix->buffer->device->panel);
}

/* For kernels with one invocation per vec4: workgroups for one panel of rows,
 * and the number of panels. Padding rows are included. */
static inline guint
groups_per_panel (FeCommands *commands, guint c4)
{
  const FeDevice *device = fe_commands_get_device (commands);

  return divide_up (device->panel * c4,
                    device->subgroup_kernels ? device->panel : 64);
}

static inline guint
panels (FeCommands *commands, guint rows)
{
  return divide_up (rows, fe_commands_get_device (commands)->panel);
}

G_END_DECLS
