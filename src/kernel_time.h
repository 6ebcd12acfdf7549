/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a frame's time went, for users. */
#pragma once

#include <feclip/detector.h>

#include "vk_compute.h"

G_BEGIN_DECLS

/* One FeclipKernelTime per kernel and use of commands that have run timed,
 * slowest first; NULL if the device fails. */
GPtrArray *fe_kernel_times_new (FeCommands *commands, GError **error);

G_END_DECLS
