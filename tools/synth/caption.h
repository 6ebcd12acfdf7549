/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/sample.h"

G_BEGIN_DECLS

/*
 * Describes the image like a person would, such as "a close-up photo of brushed
 * metal with a long faint scratch". @good describes the item without its
 * defect.
 */
char *fe_caption_new (const FeSample *sample, gboolean good);

/*
 * One line of JSON about the image @path and its mask @mask_path (or
 * NULL), with "box" as left, top, width and height in pixels.
 */
char *fe_caption_to_json (const FeSample *sample, gboolean good,
                          const char *path, const char *mask_path);

G_END_DECLS
