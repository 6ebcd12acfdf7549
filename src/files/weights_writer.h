/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes safetensors files with fp32 tensors. */
#pragma once

#include "files/weights.h"

G_BEGIN_DECLS

typedef struct _FeWeightsWriter FeWeightsWriter;

FeWeightsWriter *fe_weights_writer_new (void);

void fe_weights_writer_free (FeWeightsWriter *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeWeightsWriter, fe_weights_writer_free)

void fe_weights_writer_set (FeWeightsWriter *self, const char *key,
                            const char *value);

/* Takes ownership of `values`, which have the given shape. */
void fe_weights_writer_add (FeWeightsWriter *self, const char *name,
                            const FeShape *shape, float *values);

/* Writes the file atomically: a temporary file next to `path` is renamed, so
 * that `path` is always complete, old or new. Blocks until the data is on disk.
 */
gboolean fe_weights_writer_save (FeWeightsWriter *self, const char *path,
                                 GError **error);

G_END_DECLS
