/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/error.h>

G_BEGIN_DECLS

#define FECLIP_TYPE_WEIGHTS_INFO (feclip_weights_info_get_type ())

typedef struct _FeclipWeightsInfo FeclipWeightsInfo;

/**
 * FeclipWeightsInfo:
 * @container: "safetensors" or "PyTorch checkpoint"
 * @layout: naming scheme of the tensors: "open_clip", "Hugging Face", "FE-CLIP
 *   checkpoint" or "FE-CLIP adapter"
 * @dtypes: number formats in the file, such as "F16" or "F32, BF16"
 * @n_tensors: number of tensors that belong to the network
 * @n_parameters: number of elements in them
 * @image_size: S, edge of the input image in pixels, 0 without an image encoder
 * @patch_size: p, edge of a patch in pixels
 * @grid_size: G, number of patches along an edge
 * @width: D, channels of an image token
 * @embedding: E, dimension of the embedding that images and texts share
 * @n_blocks: L, transformer blocks of the image encoder
 * @text_width: channels of a text token, 0 without a text encoder
 * @text_blocks: transformer blocks of the text encoder
 * @n_taps: number of adapters
 * @tap_blocks: (nullable): the blocks that the adapters belong to, such as
 *   "20,21,22,23", or %NULL if the file does not say
 * @has_text_features: whether the file contains encoded default prompts
 * @metadata: (array zero-terminated=1): metadata of the file, as lines "key =
 *   value"
 * @missing: (array zero-terminated=1): one sentence for each component of a
 *   complete model that the file lacks
 *
 * Description of a weight file, read without loading the weights onto a device.
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
 * @path: (type filename): a weight file
 * @error: return location for an error
 *
 * Reads the directory of the file, which may be untrusted. Blocks meanwhile.
 *
 * Returns: (transfer full): the description, or %NULL with @error set
 */
FECLIP_API
FeclipWeightsInfo *feclip_weights_info_new (const char *path, GError **error);

/**
 * feclip_weights_info_copy:
 * @self: the description of a weight file
 *
 * Returns: (transfer full): a deep copy
 */
FECLIP_API
FeclipWeightsInfo *feclip_weights_info_copy (const FeclipWeightsInfo *self);

/**
 * feclip_weights_info_free:
 * @self: (nullable): the description of a weight file
 *
 * Frees the memory of @self; does nothing if it is %NULL.
 */
FECLIP_API
void feclip_weights_info_free (FeclipWeightsInfo *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeclipWeightsInfo, feclip_weights_info_free)

G_END_DECLS
