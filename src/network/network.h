/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A network on a device: what models of the same files share. */
#pragma once

#include "base/shared_table.h"
#include "network/adapters.h"
#include "network/prompt_cache.h"
#include "network/vision.h"

G_BEGIN_DECLS

typedef struct _FeNetwork FeNetwork;

/* Immutable after opening; thread-safe references. */
struct _FeNetwork {
  FeShared shared; /* by files, device and storage; random weights: not */
  FeNetwork *base; /* CLIP alone, whose weights this one uses; NULL: its own */
  FeDevice *device;
  FeArena *arena;
  FeArithmetic arithmetic;
  FePromptCache *prompts; /* the base's; NULL for random weights */
  FeVisionConfig config;
  FeVisionWeights vision;
  FeAdaptersWeights adapters;
  char *model_file;     /* NULL for random weights */
  char *model_identity; /* changes with the content of model_file */
  GHashTable *metadata; /* of both files; the adapter file has precedence */
  GHashTable *metadata_files; /* key to the path of the file it is from */
  float *text_features;       /* [2][E] from a file, or NULL */
  double logit_scale;         /* 0 where the files have none */
};

/* Loads a network, or returns the one that is loaded from the same files.
 * Networks of the same model file share its CLIP. adapter_file NULL: adapters
 * from model_file, if it has some. Blocks while it loads, or while another
 * thread loads the same network; not for others. */
FeNetwork *fe_network_open (FeDevice *device, const char *model_file,
                            const char *adapter_file, FeArithmetic arithmetic,
                            GError **error);

/* The same with the CLIP of a network that is open, also where its model file
 * has been replaced since. Then adapter_file NULL is an error. */
FeNetwork *fe_network_open_like (const FeNetwork *like,
                                 const char *adapter_file, GError **error);

/* Bytes of device memory. */
guint64 fe_network_get_size (const FeNetwork *self);

/* Makes a network with random weights and four adapters. `size`: "tiny",
 * "ViT-B-32-224", "ViT-B-16-224" or "ViT-L-14-336". */
FeNetwork *fe_network_new_random (FeDevice *device, const char *size,
                                  guint seed, FeArithmetic arithmetic,
                                  GError **error);

FeNetwork *fe_network_ref (FeNetwork *self);

/* NULL is allowed. Thread-safe; never waits for a network that loads. The last
 * reference frees the device memory. */
void fe_network_unref (FeNetwork *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeNetwork, fe_network_unref)

/* Opens the model file again, for what is not kept in memory. Fails where the
 * file has changed since it was loaded. */
FeWeights *fe_network_reopen (const FeNetwork *self, GError **error);

G_END_DECLS
