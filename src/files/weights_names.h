/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Maps the tensor names of a file to those of open_clip. */
#pragma once

#include "files/weights_file.h"

G_BEGIN_DECLS

#define FE_TENSOR_MAX_PARTS 3

/* A tensor as the library sees it: the rows of its parts, concatenated. */
typedef struct {
  FeShape shape;
  guint n_parts;
  FeView parts[FE_TENSOR_MAX_PARTS];
  char *problem; /* NULL, or why it cannot be read, as in FeStored */
} FeTensor;

/* Returns a table from name to FeTensor for all tensors in the file; unknown
 * names are kept. Sets `layout` to a static string. */
GHashTable *fe_names_map (const FeWeightsFile *file, const char **layout,
                          GError **error);

/* Whether it is the open_clip name of a tensor of CLIP, or of an FE-CLIP
 * adapter. */
gboolean fe_names_is_network (const char *name);

/* Tensors of a complete network, NULL-terminated: those of each encoder except
 * its blocks; those of each block, after "[visual.]transformer.resblocks.N.";
 * those of each tap, after "ffe.T." and "lfs.T."; and those that the taps
 * share. */
extern const char *const fe_names_image_tower[];
extern const char *const fe_names_text_tower[];
extern const char *const fe_names_block[];
extern const char *const fe_names_ffe[];
extern const char *const fe_names_lfs[];
extern const char *const fe_names_fc_patch[];

G_END_DECLS
