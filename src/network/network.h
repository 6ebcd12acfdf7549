/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A network on a device: what models of the same files share. */
#pragma once

#include "network/adapters.h"
#include "network/vision.h"

G_BEGIN_DECLS

typedef struct _FeNetwork FeNetwork;

/* Immutable after opening; thread-safe references. */
struct _FeNetwork {
  gatomicrefcount ref_count;
  char *key;       /* identifies files, device and storage; NULL: not shared */
  FeNetwork *base; /* CLIP alone, whose weights this one uses; NULL: its own */
  FeDevice *device;
  FeArena *arena;
  FeArithmetic arithmetic;
  struct _FePromptCache *prompts; /* the base's; NULL for random weights */
  FeVisionConfig config;
  FeVisionWeights vision;
  FeAdaptersWeights adapters;
  char *model_file;           /* NULL for random weights */
  GHashTable *metadata;       /* of both files; the adapter file's values win */
  GHashTable *metadata_files; /* key to the path of the file it is from */
  float *text_features;       /* [2][E] ready ones from a file, or NULL */
  double logit_scale;         /* 0 where the files have none */
};

/* Loads a network, or returns the one that is loaded from the same files; one
 * of the same model file lends its CLIP. adapter_file NULL: adapters from
 * model_file, if it has some. */
FeNetwork *fe_network_open (FeDevice *device, const char *model_file,
                            const char *adapter_file, FeArithmetic arithmetic,
                            GError **error);

/* The same with the CLIP of a network that was opened, whatever lies at its
 * path by now. adapter_file NULL fails where that is another file. */
FeNetwork *fe_network_open_like (const FeNetwork *like,
                                 const char *adapter_file, GError **error);

/* Bytes of device memory. */
guint64 fe_network_get_size (const FeNetwork *self);

/* "tiny", "ViT-B-32-224", "ViT-B-16-224" or "ViT-L-14-336", with four adapters.
 */
FeNetwork *fe_network_new_random (FeDevice *device, const char *size,
                                  guint seed, FeArithmetic arithmetic,
                                  GError **error);

FeNetwork *fe_network_ref (FeNetwork *self);

void fe_network_unref (FeNetwork *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeNetwork, fe_network_unref)

/* The model file once more, for what is not kept in memory. Fails where it is
 * no longer the file that was loaded. */
FeWeights *fe_network_reopen (const FeNetwork *self, GError **error);

G_END_DECLS
