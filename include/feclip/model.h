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
 * @size: "tiny", "ViT-B-32-224", "ViT-B-16-224" or "ViT-L-14-336"
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
 * feclip_model_new_with_adapters:
 * @self: a model from files
 * @adapter_file: (nullable) (type filename): weights of FFE, LFS and fc_patch,
 *   %NULL: those in the model file, if it holds some
 * @error: return location for an error
 *
 * Makes a model of the same CLIP with other adapters, which takes memory for
 * these alone. Threads may go on using @self. Blocks while it loads.
 *
 * Returns: (transfer full): the model, @self where its adapters are of the same
 *   file, unchanged, or %NULL
 */
FECLIP_API
FeclipModel *feclip_model_new_with_adapters (FeclipModel *self,
                                             const char *adapter_file,
                                             GError **error);

/**
 * feclip_model_prepare_prompts:
 * @self: a model
 * @settings: read: normal-prompt, anomaly-prompt and what
 *   feclip_detector_new() reads of the network
 * @error: return location for an error
 *
 * Runs the text encoder, so that feclip_detector_update_prompts() and
 * feclip_detector_new() with the same settings need not. Blocks, seconds for a
 * large model; any thread may do it.
 *
 * Returns: whether the prompts can be used
 */
FECLIP_API
gboolean feclip_model_prepare_prompts (FeclipModel *self,
                                       FeclipSettings *settings,
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
 * Returns: S, the edge in pixels of the square image the network sees
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
 * feclip_model_get_precision:
 * @self: a model
 *
 * Returns: what the setting "precision" came to on this device, never
 *   %FECLIP_PRECISION_AUTO
 */
FECLIP_API
FeclipPrecision feclip_model_get_precision (FeclipModel *self);

/**
 * feclip_model_get_device_memory:
 * @self: a model
 * @most: (out) (optional): the most that it ever was since the device was
 *   opened
 *
 * Counts what all models, detectors, references and trainings of this process
 * hold on the model's device.
 *
 * Returns: bytes of the device's memory that they take now
 */
FECLIP_API
guint64 feclip_model_get_device_memory (FeclipModel *self, guint64 *most);

G_END_DECLS
