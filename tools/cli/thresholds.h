/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/settings.h>

G_BEGIN_DECLS

/*
 * Sets the thresholds of @settings from the calibration file @path, but for
 * those that the command line @argv gives. Returns FALSE when that cannot be,
 * which has been said, and @status is what to exit with.
 */
gboolean fe_thresholds_load (FeclipSettings *settings, const char *path,
                             char *const *argv, int *status);

G_END_DECLS
