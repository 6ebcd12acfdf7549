/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "eval/mask.h"

G_BEGIN_DECLS

/* Reads the mask of an image, whose size it must have. */
FeMask *fe_mask_file_read (const char *path, const FeclipFrame *image,
                           GError **error);

G_END_DECLS
