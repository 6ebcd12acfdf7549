/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Weight files: bytes to numbers, under one set of names.
 *
 * Opens a safetensors file or a PyTorch zip checkpoint, whichever it is, and
 * offers its tensors under open_clip's names, whatever names the file itself
 * uses: "visual.conv1.weight", "visual.transformer.resblocks.N.attn.
 * in_proj_weight" (three tensors in Hugging Face's files), "visual.proj" [D][E]
 * (transposed there), "ffe.T.mlp.0.weight", "text_features" and so on. Files
 * are untrusted: opening checks every offset and size, reading checks every
 * number.
 */
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

/* Maps the file and reads its directory. Takes no memory that grows with the
 * tensors. Immutable afterwards: threads may share it. The file must not shrink
 * while it is open. What the network has no use for may be of any kind: only
 * asking for such a tensor fails. */
FeWeights *fe_weights_open (const char *path, GError **error);

void fe_weights_free (FeWeights *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeWeights, fe_weights_free)

/* The path as given to fe_weights_open(). */
const char *fe_weights_get_path (const FeWeights *self);

/* "safetensors" or "PyTorch checkpoint". */
const char *fe_weights_get_container (const FeWeights *self);

/* "open_clip", "Hugging Face", "FE-CLIP checkpoint", "FE-CLIP adapter", or
 * "unknown" for a file without any of the network's tensors. */
const char *fe_weights_get_layout (const FeWeights *self);

/* Value of a metadata key, or NULL. A checkpoint's top-level tap_indices reads
 * "0,1,2,3", as it does from a safetensors file, whether that file wrote
 * "[0, 1, 2, 3]" or "0,1,2,3". */
const char *fe_weights_get_metadata (const FeWeights *self, const char *key);

/* All metadata keys, sorted; free the array with g_free(). */
const char **fe_weights_list_metadata (const FeWeights *self, guint *n_keys);

/* All tensors' names as offered here, sorted; free with g_free(). Those that
 * mean nothing to the network keep their own. */
const char **fe_weights_list (const FeWeights *self, guint *n_names);

gboolean fe_weights_has (const FeWeights *self, const char *name);

/* Shape as offered here, or an error that names file and tensor, also when it
 * is there in another number format. No tensor of the network is empty. */
gboolean fe_weights_get_shape (const FeWeights *self, const char *name,
                               FeShape *shape, GError **error);

/* Number format in the file; F32 if a tensor's parts differ. The tensor must
 * exist. */
FeDtype fe_weights_get_dtype (const FeWeights *self, const char *name);

/* Reads rows first_row … first_row + n_rows - 1 of a tensor, seen as a matrix
 * of dims[0] rows, into dst, as fp32 without gaps. Fails, naming file and
 * tensor, when the tensor is missing, its shape is not `expected`, or a number
 * is not finite; the shapes [] and [1] count as the same. The rows must lie
 * within `expected`. */
gboolean fe_weights_read_rows (const FeWeights *self, const char *name,
                               const FeShape *expected, guint64 first_row,
                               guint64 n_rows, float *dst, GError **error);

/* The same for the whole tensor. */
gboolean fe_weights_read (const FeWeights *self, const char *name,
                          const FeShape *expected, float *dst, GError **error);

/* Gives the mapped pages read so far back to the system; they are read again
 * when needed. */
void fe_weights_release_pages (const FeWeights *self);

G_END_DECLS
