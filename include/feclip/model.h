/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/settings.h>

G_BEGIN_DECLS

#define FECLIP_TYPE_MODEL (feclip_model_get_type ())

/**
 * FeclipModel:
 *
 * A Vulkan device and the weights of one network on it. Immutable and
 * thread-safe: any number of threads and detectors may share it. Models made
 * from the same files on the same device share their device memory.
 */
FECLIP_API
G_DECLARE_FINAL_TYPE (FeclipModel, feclip_model, FECLIP, MODEL, GObject)

/**
 * feclip_model_find_builtin:
 *
 * Finds the weights of the built-in model, which is used if the setting
 * "model-file" is not set. The environment variable FECLIP_BUILTIN_MODEL
 * overrides the path.
 *
 * Returns: (transfer full) (nullable) (type filename): the path, or %NULL if
 *   the model is not installed
 */
FECLIP_API
char *feclip_model_find_builtin (void);

/**
 * feclip_model_new:
 * @settings: read: model-file, adapter-file, tokenizer-file, device,
 *   weights-storage, precision
 * @error: return location for an error
 *
 * Opens the device and loads the weights; those of the built-in model if
 * model-file is not set. Blocks until the weights are on the device, which
 * takes seconds for a large model.
 *
 * Returns: (transfer full): the model, or %NULL with @error set
 */
FECLIP_API
FeclipModel *feclip_model_new (FeclipSettings *settings, GError **error);

/**
 * feclip_model_new_random:
 * @settings: read: device, weights-storage, precision
 * @size: "tiny", "ViT-B-32-224", "ViT-B-16-224" or "ViT-L-14-336"
 * @seed: seed of the weights; equal seeds give equal weights
 * @error: return location for an error
 *
 * Makes a network of a known size with random weights, for benchmarks. It needs
 * the same memory and time as a trained one, but its results are meaningless.
 * Blocks like feclip_model_new().
 *
 * Returns: (transfer full): the model, or %NULL with @error set
 */
FECLIP_API
FeclipModel *feclip_model_new_random (FeclipSettings *settings,
                                      const char *size, guint seed,
                                      GError **error);

/**
 * feclip_model_new_with_adapters:
 * @self: a model made from files
 * @adapter_file: (nullable) (type filename): weights of FFE, LFS and fc_patch,
 *   or %NULL for those in the model file, if it has any
 * @error: return location for an error
 *
 * Makes a model with the same CLIP weights and other adapters. Only the
 * adapters take more device memory. Other threads may use @self meanwhile.
 * Blocks while it loads.
 *
 * Returns: (transfer full): the model, or %NULL with @error set. If the
 *   adapters come from the same, unchanged file as those of @self, a new
 *   reference to @self
 */
FECLIP_API
FeclipModel *feclip_model_new_with_adapters (FeclipModel *self,
                                             const char *adapter_file,
                                             GError **error);

/**
 * feclip_model_prepare_prompts:
 * @self: a model
 * @settings: read: normal-prompt, anomaly-prompt and the properties of the
 *   network that feclip_detector_new() reads
 * @error: return location for an error
 *
 * Encodes the prompts in advance, so that feclip_detector_update_prompts() and
 * feclip_detector_new() with the same settings do not run the text encoder.
 * Thread-safe. Blocks, seconds for a large model.
 *
 * Returns: %TRUE on success, %FALSE with @error set if the prompts cannot be
 *   used
 */
FECLIP_API
gboolean feclip_model_prepare_prompts (FeclipModel *self,
                                       FeclipSettings *settings,
                                       GError **error);

/**
 * feclip_model_get_device_name:
 * @self: a model
 *
 * Returns: (transfer none): the name of the model's Vulkan device
 */
FECLIP_API
const char *feclip_model_get_device_name (FeclipModel *self);

/**
 * feclip_model_get_image_size:
 * @self: a model
 *
 * Returns: S, the edge in pixels of the network's square input image
 */
FECLIP_API
guint feclip_model_get_image_size (FeclipModel *self);

/**
 * feclip_model_get_grid_size:
 * @self: a model
 *
 * Returns: G, the edge in patches of the network's grid and map
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
 * Checks whether the model has weights for FFE, LFS and fc_patch. Without them
 * there are only plain CLIP scores and no maps, which an application should
 * tell its user.
 *
 * Returns: %TRUE if it has
 */
FECLIP_API
gboolean feclip_model_has_adapters (FeclipModel *self);

/**
 * feclip_model_get_weights_size:
 * @self: a model
 *
 * Returns: bytes of device memory that the model's weights take
 */
FECLIP_API
guint64 feclip_model_get_weights_size (FeclipModel *self);

/**
 * feclip_model_get_precision:
 * @self: a model
 *
 * Returns: the precision in use on the model's device: the setting "precision",
 *   with %FECLIP_PRECISION_AUTO resolved
 */
FECLIP_API
FeclipPrecision feclip_model_get_precision (FeclipModel *self);

/**
 * feclip_model_get_device_memory:
 * @self: a model
 * @most: (out) (optional): the largest value so far since the device was opened
 *
 * Counts the memory that all models, detectors, references and trainers of this
 * process have allocated on the model's device.
 *
 * Returns: bytes of device memory that are allocated now
 */
FECLIP_API
guint64 feclip_model_get_device_memory (FeclipModel *self, guint64 *most);

G_END_DECLS
