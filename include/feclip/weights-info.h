/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/error.h>

G_BEGIN_DECLS

#define FECLIP_TYPE_WEIGHTS_INFO (feclip_weights_info_get_type ())

typedef struct _FeclipWeightsInfo FeclipWeightsInfo;

/**
 * FeclipWeightsInfo:
 * @container: "safetensors" or "PyTorch checkpoint"
 * @layout: whose names the tensors have: "open_clip", "Hugging Face",
 *   "FE-CLIP checkpoint" or "FE-CLIP adapter"
 * @dtypes: the number formats found, such as "F16" or "F32, BF16"
 * @n_tensors: tensors that are part of the network
 * @n_parameters: numbers in them
 * @image_size: S, edge of the image in pixels, 0 without an image tower
 * @patch_size: p, edge of a patch in pixels
 * @grid_size: G, patches along an edge
 * @width: D, channels of a token
 * @embedding: E, channels shared by image and text
 * @n_blocks: L, transformer blocks
 * @text_width: channels of a text token, 0 without a text tower
 * @text_blocks: transformer blocks of the text tower
 * @n_taps: adapters found
 * @tap_blocks: (nullable): which blocks they belong to, such as "20,21,22,23",
 *   where the file says so
 * @has_text_features: whether ready text features are in the file
 * @metadata: (array zero-terminated=1): lines "key = value" from the file
 * @missing: (array zero-terminated=1): sentences, one for each part that a
 *   complete model would need beside this file
 *
 * What a weight file is, without loading it onto a device.
 */
struct _FeclipWeightsInfo {
  char *container;
  char *layout;
  char *dtypes;
  guint n_tensors;
  guint64 n_parameters;
  guint image_size;
  guint patch_size;
  guint grid_size;
  guint width;
  guint embedding;
  guint n_blocks;
  guint text_width;
  guint text_blocks;
  guint n_taps;
  char *tap_blocks;
  gboolean has_text_features;
  GStrv metadata;
  GStrv missing;
};

FECLIP_API
GType feclip_weights_info_get_type (void);

/**
 * feclip_weights_info_new: (constructor)
 * @path: a weight file
 * @error: return location for an error
 *
 * Returns: (transfer full): what the file is, or %NULL
 */
FECLIP_API
FeclipWeightsInfo *feclip_weights_info_new (const char *path, GError **error);

FECLIP_API
FeclipWeightsInfo *feclip_weights_info_copy (const FeclipWeightsInfo *self);

FECLIP_API
void feclip_weights_info_free (FeclipWeightsInfo *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeclipWeightsInfo, feclip_weights_info_free)

G_END_DECLS
