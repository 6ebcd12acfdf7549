/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whatever a file calls its tensors, told under open_clip's names. */
#pragma once

#include "files/weights_file.h"

G_BEGIN_DECLS

#define FE_TENSOR_MAX_PARTS 3

/* A tensor as offered: its parts' rows follow each other. */
typedef struct {
  FeShape shape;
  guint n_parts;
  FeView parts[FE_TENSOR_MAX_PARTS];
  char *problem; /* NULL, or why it cannot be read, as in FeStored */
} FeTensor;

/* name → FeTensor for everything in the file; names that are unknown stay as
 * they are. `layout` is set to a static string. */
GHashTable *fe_names_map (const FeWeightsFile *file, const char **layout,
                          GError **error);

/* Whether it is the name of a tensor of CLIP or FE-CLIP, as offered. */
gboolean fe_names_is_network (const char *name);

/* What a complete tower has beside its blocks; what each block has after
 * "[visual.]transformer.resblocks.N."; what each tap has after "ffe.T." and
 * "lfs.T.", and what the taps share. All NULL-terminated. */
extern const char *const fe_names_image_tower[];
extern const char *const fe_names_text_tower[];
extern const char *const fe_names_block[];
extern const char *const fe_names_ffe[];
extern const char *const fe_names_lfs[];
extern const char *const fe_names_fc_patch[];

G_END_DECLS
