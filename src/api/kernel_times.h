/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/detector.h>

#include "compute/vulkan/commands.h"

G_BEGIN_DECLS

/* What the last run of timed commands took: FeclipKernelTime entries, slowest
 * first. */
GPtrArray *fe_kernel_times_new (FeCommands *commands, GError **error);

G_END_DECLS
