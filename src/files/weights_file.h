/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A mapped weight file and its directory, under the file's own names. */
#pragma once

#include "files/weights_view.h"

G_BEGIN_DECLS

/* A tensor as the file describes it. What the network cannot use is kept too,
 * since only a tensor that is asked for may fail. */
typedef struct {
  FeView view;
  char *problem; /* NULL, or why not: "has the type I64, expected …" */
} FeStored;

typedef struct {
  char *path;
  char *label; /* the path as messages show it */
  const char *container;
  GMappedFile *mapped;
  const guint8 *data;
  gsize size;
  GHashTable *tensors;  /* name → FeStored */
  GHashTable *metadata; /* key → value */
} FeWeightsFile;

/* Maps the file; its directory stays empty. */
gboolean fe_weights_file_map (FeWeightsFile *self, const char *path,
                              GError **error);

void fe_weights_file_clear (FeWeightsFile *self);

/* Fails if a tensor's name is taken, or unfit to appear in a sentence. */
gboolean fe_weights_file_check_name (const FeWeightsFile *self,
                                     const char *name, GError **error);

/* Adds a tensor whose name has been checked; takes stored->problem. */
void fe_weights_file_add (FeWeightsFile *self, const char *name,
                          FeStored *stored);

/* The problem of a tensor whose numbers have another format; NULL: one that is
 * not even known. */
char *fe_weights_file_describe_type (const char *type);

/* The same for metadata; tap_indices is brought into its one form. */
gboolean fe_weights_file_add_metadata (FeWeightsFile *self, const char *key,
                                       const char *value, GError **error);

/* Sets "PATH: sentence" as a FECLIP_ERROR_FORMAT and returns FALSE. */
gboolean fe_weights_file_fail (const FeWeightsFile *self, GError **error,
                               const char *format, ...) G_GNUC_PRINTF (3, 4);

/* Fill the directory, from a file of the one kind or the other. */
gboolean fe_safetensors_scan (FeWeightsFile *file, GError **error);
gboolean fe_torch_scan (FeWeightsFile *file, GError **error);

G_END_DECLS
