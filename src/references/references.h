/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What other files need of a FeclipReferences beyond its public functions.
 * Those of them that take a detector are in api/. */
#pragma once

#include <feclip/references.h>

#include "references/reference_bank.h"
#include "references/reference_features.h"

G_BEGIN_DECLS

/* A memory without images. Takes the content of `origin` over. */
FeclipReferences *fe_references_new (FeDevice *device,
                                     FeReferencesOrigin *origin);

/* Immutable; owned by `self`. */
const FeReferencesOrigin *fe_references_get_origin (FeclipReferences *self);

/* Adds the features of one image, as a whole or, after an error, not at all.
 * Thread-safe. */
gboolean fe_references_append (FeclipReferences *self, const FeFeatures *image,
                               GError **error);

/* Returns the present features on the device: `bank` (transfer full), NULL
 * before the first image. Blocks while it uploads. Thread-safe. */
gboolean fe_references_get_bank (FeclipReferences *self, FeReferenceBank **bank,
                                 GError **error);

G_END_DECLS
