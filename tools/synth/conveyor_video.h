/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/conveyor.h"

G_BEGIN_DECLS

/*
 * Writes a video of a conveyor to @path, and its items and defects to a file of
 * the same name that ends in .json. Blocks.
 */
gboolean fe_conveyor_video_write (const FePlan *plan,
                                  const FeConveyorShow *show, const char *path,
                                  GError **error);

G_END_DECLS
