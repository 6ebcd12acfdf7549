/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compute/ops_peaks.h"

/* As in peak_arithmetic.comp: values per invocation, operations per step. */
#define NUMBERS 12
#define STEP_FLOP 2
/* Floats that an invocation of peak_bandwidth.comp copies. */
#define COPY_STEPS 64
#define VEC4_SIZE 16

guint
fe_peak_group_size (const FeDevice *device)
{
  return device->subgroup_kernels ? device->panel : 64;
}

gsize
fe_peak_sums_size (const FeDevice *device, guint groups)
{
  return (gsize)groups * fe_peak_group_size (device) * VEC4_SIZE;
}

double
fe_peak_flop (const FeDevice *device, guint groups, guint repeats)
{
  return (double)groups * fe_peak_group_size (device) * repeats * FE_PEAK_STEPS
         * NUMBERS * STEP_FLOP;
}

void
fe_op_peak_arithmetic (FeCommands *commands, guint groups, guint repeats,
                       FeBuffer *sums)
{
  const FeDevice *device = fe_commands_get_device (commands);
  const struct {
    guint32 repeats;
    float factor, summand;
  } push = {repeats, FE_PEAK_FACTOR, FE_PEAK_SUMMAND};

  g_assert (sums->size >= fe_peak_sums_size (device, groups));
  fe_commands_dispatch (commands,
                        &(FeDispatch){
                            .kernel = FE_KERNEL_PEAK_ARITHMETIC,
                            .use = "peak",
                            .buffers = {sums},
                            .push = &push,
                            .push_size = sizeof push,
                            .groups = {groups},
                            .flop = fe_peak_flop (device, groups, repeats),
                        });
}

gsize
fe_peak_group_bytes (const FeDevice *device)
{
  return (gsize)fe_peak_group_size (device) * COPY_STEPS * VEC4_SIZE;
}

void
fe_op_peak_bandwidth (FeCommands *commands, guint groups, FeBuffer *x,
                      FeBuffer *y)
{
  const guint32 push[] = {COPY_STEPS};
  gsize size = groups * fe_peak_group_bytes (fe_commands_get_device (commands));

  g_assert (x->size >= size && y->size >= size);
  fe_commands_dispatch (commands, &(FeDispatch){
                                      .kernel = FE_KERNEL_PEAK_BANDWIDTH,
                                      .use = "peak",
                                      .buffers = {x, y},
                                      .push = push,
                                      .push_size = sizeof push,
                                      .groups = {groups},
                                      .bytes = 2.0 * (double)size,
                                  });
}
