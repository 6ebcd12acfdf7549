/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/frame.h>
#include <feclip/model.h>

G_BEGIN_DECLS

#define FECLIP_TYPE_TRAINING_OPTIONS (feclip_training_options_get_type ())

typedef struct _FeclipTrainingOptions FeclipTrainingOptions;

/**
 * FeclipTrainingOptions:
 * @at_once: number of images that run through the network together. Memory
 *   grows with it; results differ only by rounding
 * @seed: seed of the initial weights
 * @train_fc_patch: whether to train fc_patch; if not, it keeps its initial
 *   weights
 * @learning_rate: learning rate of FFE and LFS
 * @fc_patch_learning_rate: learning rate of fc_patch
 * @focal_alpha: α of the focal loss: weight of defective pixels; normal pixels
 *   weigh 1 − α
 * @focal_gamma: γ of the focal loss: the larger, the less pixels count that are
 *   already classified correctly
 * @score_weight: weight of the cross-entropy of the score
 * @focal_weight: weight of the focal loss of the map
 * @dice_weight: weight of the Dice loss of the map
 *
 * Hyperparameters of the training of adapters. The adapters' own parameters are
 * properties of #FeclipSettings.
 */
struct _FeclipTrainingOptions {
  guint at_once;
  guint seed;
  gboolean train_fc_patch;
  double learning_rate;
  double fc_patch_learning_rate;
  double focal_alpha;
  double focal_gamma;
  double score_weight;
  double focal_weight;
  double dice_weight;
};

FECLIP_API
GType feclip_training_options_get_type (void);

/**
 * feclip_training_options_new:
 *
 * Returns: (transfer full): options with the default values of the method
 */
FECLIP_API
FeclipTrainingOptions *feclip_training_options_new (void);

/**
 * feclip_training_options_copy:
 * @options: training options
 *
 * Returns: (transfer full): a deep copy
 */
FECLIP_API
FeclipTrainingOptions *
feclip_training_options_copy (const FeclipTrainingOptions *options);

/**
 * feclip_training_options_free:
 * @options: (nullable): training options
 *
 * Frees the memory of @options; does nothing if it is %NULL.
 */
FECLIP_API
void feclip_training_options_free (FeclipTrainingOptions *options);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeclipTrainingOptions,
                               feclip_training_options_free)

#define FECLIP_TYPE_TRAINER (feclip_trainer_get_type ())

/**
 * FeclipTrainer:
 *
 * Trains adapters for a #FeclipModel, whose CLIP weights stay frozen.
 * feclip_trainer_encode() runs an image once up to the first tapped block;
 * training steps then reuse the result. Not thread-safe.
 */
FECLIP_API
G_DECLARE_FINAL_TYPE (FeclipTrainer, feclip_trainer, FECLIP, TRAINER, GObject)

/**
 * feclip_trainer_new:
 * @model: the network, with weights stored as fp32. If it has adapters,
 *   training starts from them
 * @settings: read: every property that feclip_detector_new() reads. The last
 *   four blocks are tapped if neither tap-blocks nor adapters are given
 * @options: the hyperparameters
 * @error: return location for an error
 *
 * Returns: (transfer full): the trainer, or %NULL with @error set
 */
FECLIP_API
FeclipTrainer *feclip_trainer_new (FeclipModel *model, FeclipSettings *settings,
                                   const FeclipTrainingOptions *options,
                                   GError **error);

/**
 * feclip_trainer_encode:
 * @self: a trainer
 * @frame: the image, upright; only read, and not needed after the call
 * @mask: (nullable) (array): ground truth, width · height bytes, not 0 where
 *   the image is defective; %NULL for a normal image
 * @error: return location for an error
 *
 * Runs the network up to the first tapped block and blocks until it is done.
 * The image is labelled defective if the area that the network sees contains a
 * defective pixel.
 *
 * Returns: (transfer full): everything that training needs of the image. All
 *   samples have the same size; they can be used with any trainer for the same
 *   model and settings. %NULL with @error set after an error
 */
FECLIP_API
GBytes *feclip_trainer_encode (FeclipTrainer *self, const FeclipFrame *frame,
                               const guint8 *mask, GError **error);

/**
 * feclip_trainer_add:
 * @self: a trainer
 * @sample: a sample from feclip_trainer_encode()
 * @error: return location for an error
 *
 * Adds an image to the batch of the next step. Blocks while a full set of
 * images runs through the network.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 */
FECLIP_API
gboolean feclip_trainer_add (FeclipTrainer *self, GBytes *sample,
                             GError **error);

/**
 * feclip_trainer_update:
 * @self: a trainer
 * @error: return location for an error
 *
 * Makes one step of Adam with the mean gradient of the images added since the
 * last step, at least one. Blocks until it is done.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 */
FECLIP_API
gboolean feclip_trainer_update (FeclipTrainer *self, GError **error);

/**
 * feclip_trainer_get_steps:
 * @self: a trainer
 *
 * Returns: the number of steps so far, including those before
 *   feclip_trainer_load()
 */
FECLIP_API
guint feclip_trainer_get_steps (FeclipTrainer *self);

/**
 * feclip_trainer_get_losses:
 * @self: a trainer
 * @n: (out): length of the array, three for each step
 *
 * Returns: (transfer none) (array length=n): for each step the mean
 *   cross-entropy, focal loss and Dice loss, not multiplied by their weights;
 *   valid until the next step
 */
FECLIP_API
const float *feclip_trainer_get_losses (FeclipTrainer *self, guint *n);

/**
 * feclip_trainer_save_adapter:
 * @self: a trainer
 * @path: (type filename): the file to write; an existing one is replaced
 *   atomically
 * @error: return location for an error
 *
 * Writes the adapters and their settings as a file that the setting
 * "adapter-file" takes.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 */
FECLIP_API
gboolean feclip_trainer_save_adapter (FeclipTrainer *self, const char *path,
                                      GError **error);

/**
 * feclip_trainer_save:
 * @self: a trainer, with no image added since the last step
 * @path: (type filename): the file to write; an existing one is replaced
 *   atomically
 * @run: a string that identifies this training run
 * @error: return location for an error
 *
 * Writes a checkpoint. Training that continues from it gives the same results
 * as training without interruption.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 */
FECLIP_API
gboolean feclip_trainer_save (FeclipTrainer *self, const char *path,
                              const char *run, GError **error);

/**
 * feclip_trainer_load:
 * @self: a trainer made with the same model, settings and options as the one
 *   that was saved
 * @path: (type filename): a checkpoint written by feclip_trainer_save()
 * @run: the string that was given to feclip_trainer_save(); another one is an
 *   error
 * @error: return location for an error
 *
 * Continues from a checkpoint.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 */
FECLIP_API
gboolean feclip_trainer_load (FeclipTrainer *self, const char *path,
                              const char *run, GError **error);

G_END_DECLS
