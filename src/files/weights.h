/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading of weight files, with one naming scheme for all of them.
 *
 * Opens a safetensors file or a PyTorch zip checkpoint and provides its tensors
 * under open_clip's names, whatever names the file uses: "visual.conv1.weight",
 * "visual.transformer.resblocks.N.attn.in_proj_weight" (three tensors in
 * Hugging Face's files), "visual.proj" [D][E] (transposed there),
 * "ffe.T.mlp.0.weight", "text_features" and so on. Files are untrusted: opening
 * checks every offset and size, reading checks every element. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FE_WEIGHTS_MAX_DIMS 4

typedef enum {
  FE_DTYPE_F32,
  FE_DTYPE_F16,
  FE_DTYPE_BF16,
} FeDtype;

/* A tensor's shape; dims beyond n_dims are 0. */
typedef struct {
  guint n_dims;
  guint64 dims[FE_WEIGHTS_MAX_DIMS];
} FeShape;

#define FE_SHAPE(...) \
  ((FeShape){sizeof ((guint64[]){__VA_ARGS__}) / sizeof (guint64), \
             {__VA_ARGS__}})

typedef struct _FeWeights FeWeights;

/* Maps the file and reads its directory. Memory use does not depend on the size
 * of the tensors. The result is immutable and thread-safe. The file must not
 * shrink while it is open. Tensors that the network does not need may have any
 * type; only reading them fails. */
FeWeights *fe_weights_open (const char *path, GError **error);

void fe_weights_free (FeWeights *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeWeights, fe_weights_free)

/* The path that was passed to fe_weights_open(). */
const char *fe_weights_get_path (const FeWeights *self);

/* "safetensors" or "PyTorch checkpoint". */
const char *fe_weights_get_container (const FeWeights *self);

/* "open_clip", "Hugging Face", "FE-CLIP checkpoint", "FE-CLIP adapter", or
 * "unknown" for a file without any of the network's tensors. */
const char *fe_weights_get_layout (const FeWeights *self);

/* Value of a metadata key, or NULL. tap_indices is normalised to "0,1,2,3",
 * whether it is a list in a checkpoint or "[0, 1, 2, 3]" or "0,1,2,3" in a
 * safetensors file. */
const char *fe_weights_get_metadata (const FeWeights *self, const char *key);

/* All metadata keys, sorted; free the array with g_free(). */
const char **fe_weights_list_metadata (const FeWeights *self, guint *n_keys);

/* Names of all tensors, sorted; free the array with g_free(). Tensors that do
 * not belong to the network keep the names in the file. */
const char **fe_weights_list (const FeWeights *self, guint *n_names);

gboolean fe_weights_has (const FeWeights *self, const char *name);

/* Shape of a tensor. Fails, with file and tensor in the message, if the tensor
 * is missing or its number format is not supported. No tensor of the network is
 * empty. */
gboolean fe_weights_get_shape (const FeWeights *self, const char *name,
                               FeShape *shape, GError **error);

/* Number format in the file; F32 if the parts of a tensor differ. The tensor
 * must exist. */
FeDtype fe_weights_get_dtype (const FeWeights *self, const char *name);

/* Reads rows first_row … first_row + n_rows - 1 of a tensor, as a matrix with
 * dims[0] rows, into dst as contiguous fp32. Fails, with file and tensor in the
 * message, if the tensor is missing, its shape is not `expected` ([] and [1]
 * are equivalent), or an element is NaN or infinite. The rows must be within
 * `expected`. */
gboolean fe_weights_read_rows (const FeWeights *self, const char *name,
                               const FeShape *expected, guint64 first_row,
                               guint64 n_rows, float *dst, GError **error);

/* Reads the whole tensor, likewise. */
gboolean fe_weights_read (const FeWeights *self, const char *name,
                          const FeShape *expected, float *dst, GError **error);

/* Releases the mapped pages that have been read; the system reads them again
 * when needed. */
void fe_weights_release_pages (const FeWeights *self);

G_END_DECLS
