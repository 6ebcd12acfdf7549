/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Kernels that do one thing as often as a device can, to measure it. */
#pragma once

#include "compute/vulkan/commands.h"

G_BEGIN_DECLS

/* What a peak_arithmetic invocation adds up: x = factor · x + summand. */
#define FE_PEAK_FACTOR 0.5f
#define FE_PEAK_SUMMAND 0.25f
/* Its steps in each repeat. */
#define FE_PEAK_STEPS 16

/* Invocations in a workgroup of these kernels. */
guint fe_peak_group_size (const FeDevice *device);

/* Bytes of the sums of `groups` workgroups, one vec4 for each invocation, and
 * the operations behind them. */
gsize fe_peak_sums_size (const FeDevice *device, guint groups);
double fe_peak_flop (const FeDevice *device, guint groups, guint repeats);

/* Multiplies and adds. */
void fe_op_peak_arithmetic (FeCommands *commands, guint groups, guint repeats,
                            FeBuffer *sums);

/* The bytes that a workgroup of fe_op_peak_bandwidth() copies. */
gsize fe_peak_group_bytes (const FeDevice *device);

/* Copies `groups` times that much from x, texels, to y. */
void fe_op_peak_bandwidth (FeCommands *commands, guint groups, FeBuffer *x,
                           FeBuffer *y);

G_END_DECLS
