/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A memory-mapped weight file and its directory, with the names in the file. */
#pragma once

#include "files/weights_view.h"

G_BEGIN_DECLS

/* A tensor as the file describes it. Tensors that the network cannot use are
 * kept, too, since reading fails only for those that are needed. */
typedef struct {
  FeView view;
  char *problem; /* NULL, or why it cannot be used: "has the type I64, expected
                  * …" */
} FeStored;

typedef struct {
  char *path;
  char *label; /* the path, for messages */
  const char *container;
  GMappedFile *mapped;
  const guint8 *data;
  gsize size;
  GHashTable *tensors;  /* name → FeStored */
  GHashTable *metadata; /* key → value */
} FeWeightsFile;

/* Maps the file; the directory is empty until one of the scan functions below.
 */
gboolean fe_weights_file_map (FeWeightsFile *self, const char *path,
                              GError **error);

void fe_weights_file_clear (FeWeightsFile *self);

/* Fails if a tensor's name exists already or is not printable. */
gboolean fe_weights_file_check_name (const FeWeightsFile *self,
                                     const char *name, GError **error);

/* Adds a tensor whose name has been checked; takes ownership of
 * stored->problem. */
void fe_weights_file_add (FeWeightsFile *self, const char *name,
                          FeStored *stored);

/* Returns the `problem` of a tensor with an unsupported number format; `type`
 * is NULL if its name is unknown. */
char *fe_weights_file_describe_type (const char *type);

/* Adds an entry of metadata after the same checks; tap_indices is normalised to
 * "0,1,2". */
gboolean fe_weights_file_add_metadata (FeWeightsFile *self, const char *key,
                                       const char *value, GError **error);

/* Sets a FECLIP_ERROR_FORMAT "PATH: sentence" and returns FALSE. */
gboolean fe_weights_file_fail (const FeWeightsFile *self, GError **error,
                               const char *format, ...) G_GNUC_PRINTF (3, 4);

/* Fill the directory from a safetensors file or a PyTorch checkpoint. */
gboolean fe_safetensors_scan (FeWeightsFile *file, GError **error);
gboolean fe_torch_scan (FeWeightsFile *file, GError **error);

G_END_DECLS
