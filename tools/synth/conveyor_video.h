/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/conveyor.h"

G_BEGIN_DECLS

/*
 * Writes a conveyor's video to @path and what it shows beside it, in a file of
 * the same name that ends in .json.
 */
gboolean fe_conveyor_video_write (const FePlan *plan,
                                  const FeConveyorShow *show, const char *path,
                                  GError **error);

G_END_DECLS
