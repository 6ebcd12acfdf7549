/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/settings.h>

G_BEGIN_DECLS

#define FECLIP_TYPE_MODEL (feclip_model_get_type ())

/**
 * FeclipModel:
 *
 * A device and the weights of one network on it. Never changes once it is
 * made: any number of threads and detectors may share it. Making a second one
 * from the same files and device returns a model that shares the first one's
 * memory.
 */
FECLIP_API
G_DECLARE_FINAL_TYPE (FeclipModel, feclip_model, FECLIP, MODEL, GObject)

/**
 * feclip_model_find_builtin:
 *
 * Where the weights of the built-in model lie, which model-file stands for
 * while it is not set. The variable FECLIP_BUILTIN_MODEL of the environment
 * names another file.
 *
 * Returns: (transfer full) (nullable) (type filename): the path, or %NULL
 *   where the model has not been installed
 */
FECLIP_API
char *feclip_model_find_builtin (void);

/**
 * feclip_model_new:
 * @settings: read: model-file, adapter-file, tokenizer-file, device,
 *   weights-storage, precision
 * @error: return location for an error
 *
 * Opens the device and loads the weights, those of the built-in model where
 * model-file is not set. Blocks until both are done, seconds
 * for a large model.
 *
 * Returns: (transfer full): the model, or %NULL
 */
FECLIP_API
FeclipModel *feclip_model_new (FeclipSettings *settings, GError **error);

/**
 * feclip_model_new_random:
 * @settings: read: device, weights-storage, precision
 * @size: "tiny", "ViT-B-16-224" or "ViT-L-14-336"
 * @seed: makes the weights reproducible
 * @error: return location for an error
 *
 * Makes a network of a known size with random weights, for measuring. It takes
 * the memory and the time of a real one and detects nothing.
 *
 * Returns: (transfer full): the model, or %NULL
 */
FECLIP_API
FeclipModel *feclip_model_new_random (FeclipSettings *settings,
                                      const char *size, guint seed,
                                      GError **error);

/**
 * feclip_model_get_device_name:
 * @self: a model
 *
 * Returns: (transfer none): the name of the Vulkan device it lives on
 */
FECLIP_API
const char *feclip_model_get_device_name (FeclipModel *self);

/**
 * feclip_model_get_image_size:
 * @self: a model
 *
 * Returns: S, the edge in pixels of the square picture the network sees
 */
FECLIP_API
guint feclip_model_get_image_size (FeclipModel *self);

/**
 * feclip_model_get_grid_size:
 * @self: a model
 *
 * Returns: G, the edge in patches of the network's map
 */
FECLIP_API
guint feclip_model_get_grid_size (FeclipModel *self);

/**
 * feclip_model_get_n_blocks:
 * @self: a model
 *
 * Returns: L, the number of transformer blocks
 */
FECLIP_API
guint feclip_model_get_n_blocks (FeclipModel *self);

/**
 * feclip_model_has_adapters:
 * @self: a model
 *
 * Returns: whether FFE, LFS and fc_patch weights were found; without them there
 *   is CLIP's own score and no map, which an application should say
 */
FECLIP_API
gboolean feclip_model_has_adapters (FeclipModel *self);

/**
 * feclip_model_get_weights_size:
 * @self: a model
 *
 * Returns: bytes of device memory that its weights take
 */
FECLIP_API
guint64 feclip_model_get_weights_size (FeclipModel *self);

/**
 * feclip_model_get_device_memory:
 * @self: a model
 *
 * Returns: bytes of memory that the library holds on the model's device now,
 *   for all models, detectors, references and trainings of this process
 */
FECLIP_API
guint64 feclip_model_get_device_memory (FeclipModel *self);

G_END_DECLS
