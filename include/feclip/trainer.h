/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/frame.h>
#include <feclip/model.h>

G_BEGIN_DECLS

#define FECLIP_TYPE_TRAINING_OPTIONS (feclip_training_options_get_type ())

typedef struct _FeclipTrainingOptions FeclipTrainingOptions;

/**
 * FeclipTrainingOptions:
 * @at_once: images that go through the network together; memory grows with
 *   it, results do not depend on it but for rounding
 * @seed: makes the weights that training starts from reproducible
 * @train_fc_patch: whether fc_patch is trained, else it stays as it starts
 * @learning_rate: of FFE and LFS
 * @fc_patch_learning_rate: of fc_patch
 * @focal_alpha: how much a defective pixel weighs in the focal loss, the others
 *   weigh the rest to 1
 * @focal_gamma: how little pixels count that are right already
 * @score_weight: weight of the score's cross-entropy
 * @focal_weight: weight of the map's focal loss
 * @dice_weight: weight of the map's Dice loss
 *
 * How adapters are trained. What they compute is a matter of #FeclipSettings.
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
 * Returns: (transfer full): the method's own values
 */
FECLIP_API
FeclipTrainingOptions *feclip_training_options_new (void);

FECLIP_API
FeclipTrainingOptions *
feclip_training_options_copy (const FeclipTrainingOptions *options);

FECLIP_API
void feclip_training_options_free (FeclipTrainingOptions *options);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeclipTrainingOptions,
                               feclip_training_options_free)

#define FECLIP_TYPE_TRAINER (feclip_trainer_get_type ())

/**
 * FeclipTrainer:
 *
 * Trains adapters for a #FeclipModel, whose own weights stay as they are. A
 * image is encoded once, up to the first tapped block, and may then be
 * learned from any number of times. One thread at a time.
 */
FECLIP_API
G_DECLARE_FINAL_TYPE (FeclipTrainer, feclip_trainer, FECLIP, TRAINER, GObject)

/**
 * feclip_trainer_new:
 * @model: the network, its weights stored as fp32; adapters it has are where
 *   training starts
 * @settings: read: all that feclip_detector_new() reads; without tap-blocks
 *   and adapters, the last four blocks are tapped
 * @options: how to train
 * @error: return location for an error
 *
 * Returns: (transfer full): the trainer, or %NULL
 */
FECLIP_API
FeclipTrainer *feclip_trainer_new (FeclipModel *model, FeclipSettings *settings,
                                   const FeclipTrainingOptions *options,
                                   GError **error);

/**
 * feclip_trainer_encode:
 * @self: a trainer
 * @frame: the image, upright; only read
 * @mask: (nullable) (array): width · height bytes, not zero where the image
 *   is defective; %NULL where it is good
 * @error: return location for an error
 *
 * Runs the network up to the first tapped block. An image is defective where
 * the part that the network sees holds a byte of the mask that is not zero.
 *
 * Returns: (transfer full): all that learning needs of the image, as many
 *   bytes for each, meaningful to trainers with the same model and settings; or
 *   %NULL
 */
FECLIP_API
GBytes *feclip_trainer_encode (FeclipTrainer *self, const FeclipFrame *frame,
                               const guint8 *mask, GError **error);

/**
 * feclip_trainer_add:
 * @self: a trainer
 * @sample: from feclip_trainer_encode()
 * @error: return location for an error
 *
 * Adds an image to the batch.
 *
 * Returns: whether that succeeded
 */
FECLIP_API
gboolean feclip_trainer_add (FeclipTrainer *self, GBytes *sample,
                             GError **error);

/**
 * feclip_trainer_update:
 * @self: a trainer
 * @error: return location for an error
 *
 * Learns from the images added since the last call, at least one: one step of
 * Adam with their mean gradient.
 *
 * Returns: whether that succeeded
 */
FECLIP_API
gboolean feclip_trainer_update (FeclipTrainer *self, GError **error);

/**
 * feclip_trainer_get_steps:
 * @self: a trainer
 *
 * Returns: how many steps were made, those before feclip_trainer_load() too
 */
FECLIP_API
guint feclip_trainer_get_steps (FeclipTrainer *self);

/**
 * feclip_trainer_get_losses:
 * @self: a trainer
 * @n: (out): their number, three for each step
 *
 * Returns: (transfer none) (array length=n): for each step the mean
 *   cross-entropy, focal loss and Dice loss, without their weights; valid until
 *   the next step
 */
FECLIP_API
const float *feclip_trainer_get_losses (FeclipTrainer *self, guint *n);

/**
 * feclip_trainer_save_adapter:
 * @self: a trainer
 * @path: (type filename): the file; replaced at once when it is complete
 * @error: return location for an error
 *
 * Writes the adapters with their settings, as feclip loads them.
 *
 * Returns: whether that succeeded
 */
FECLIP_API
gboolean feclip_trainer_save_adapter (FeclipTrainer *self, const char *path,
                                      GError **error);

/**
 * feclip_trainer_save:
 * @self: a trainer, with no image added since the last step
 * @path: (type filename): the file; replaced at once when it is complete
 * @run: what makes this run different from others, for feclip_trainer_load()
 * @error: return location for an error
 *
 * Writes all that is needed to go on later with the same results.
 *
 * Returns: whether that succeeded
 */
FECLIP_API
gboolean feclip_trainer_save (FeclipTrainer *self, const char *path,
                              const char *run, GError **error);

/**
 * feclip_trainer_load:
 * @self: a trainer, made as the one that wrote the file was
 * @path: (type filename): a file from feclip_trainer_save()
 * @run: must be what it was then
 * @error: return location for an error
 *
 * Goes on where feclip_trainer_save() was called.
 *
 * Returns: whether that succeeded
 */
FECLIP_API
gboolean feclip_trainer_load (FeclipTrainer *self, const char *path,
                              const char *run, GError **error);

G_END_DECLS
