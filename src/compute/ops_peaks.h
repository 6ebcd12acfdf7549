/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Benchmark kernels that measure a device's peak arithmetic rate and bandwidth.
 */
#pragma once

#include "compute/vulkan/commands.h"

G_BEGIN_DECLS

/* Each invocation of peak_arithmetic repeats x = factor · x + summand. */
#define FE_PEAK_FACTOR 0.5f
#define FE_PEAK_SUMMAND 0.25f
/* Steps in each repeat. */
#define FE_PEAK_STEPS 16

/* Invocations in a workgroup of these kernels. */
guint fe_peak_group_size (const FeDevice *device);

/* Size in bytes of the output of `groups` workgroups, one vec4 per invocation;
 * and the number of floating-point operations they do. */
gsize fe_peak_sums_size (const FeDevice *device, guint groups);
double fe_peak_flop (const FeDevice *device, guint groups, guint repeats);

/* Records the arithmetic benchmark. */
void fe_op_peak_arithmetic (FeCommands *commands, guint groups, guint repeats,
                            FeBuffer *sums);

/* Bytes that one workgroup of fe_op_peak_bandwidth() copies. */
gsize fe_peak_group_bytes (const FeDevice *device);

/* Records the bandwidth benchmark: copies `groups` times that many bytes from
 * x, a texel buffer, to y. */
void fe_op_peak_bandwidth (FeCommands *commands, guint groups, FeBuffer *x,
                           FeBuffer *y);

G_END_DECLS
