/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "training/training_options.h"

G_DEFINE_BOXED_TYPE (FeclipTrainingOptions, feclip_training_options,
                     feclip_training_options_copy, feclip_training_options_free)

FeclipTrainingOptions *
feclip_training_options_new (void)
{
  FeclipTrainingOptions *self = g_new (FeclipTrainingOptions, 1);

  *self = (FeclipTrainingOptions){
      .at_once = 4,
      .seed = 1,
      .train_fc_patch = TRUE,
      .learning_rate = 5e-4,
      .fc_patch_learning_rate = 5e-6,
      .focal_alpha = 0.25,
      .focal_gamma = 2,
      .score_weight = 1,
      .focal_weight = 1,
      .dice_weight = 1,
  };
  return self;
}

FeclipTrainingOptions *
feclip_training_options_copy (const FeclipTrainingOptions *options)
{
  g_return_val_if_fail (options != NULL, NULL);
  return g_memdup2 (options, sizeof *options);
}

void
feclip_training_options_free (FeclipTrainingOptions *options)
{
  g_free (options);
}

gboolean
fe_training_options_check (const FeclipTrainingOptions *options, GError **error)
{
  const struct {
    const char *name;
    double value;
  } numbers[] = {
      {"learning rate", options->learning_rate},
      {"learning rate of fc_patch", options->fc_patch_learning_rate},
      {"focal loss's alpha", options->focal_alpha},
      {"focal loss's gamma", options->focal_gamma},
      {"score's weight", options->score_weight},
      {"focal loss's weight", options->focal_weight},
      {"Dice loss's weight", options->dice_weight},
  };

  if (options->at_once < 1 || options->at_once > 1024) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "%u images at once are not from 1 to 1024", options->at_once);
    return FALSE;
  }
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++) {
    if (!(numbers[i].value >= 0 && numbers[i].value <= 1000)) {
      g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                   "the %s is %g, not from 0 to 1000", numbers[i].name,
                   numbers[i].value);
      return FALSE;
    }
  }
  if (options->focal_alpha <= 1
      && (options->focal_gamma >= 1 || options->focal_gamma == 0))
    return TRUE;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
               "the focal loss's alpha is %g, not from 0 to 1, or its gamma is "
               "%g, neither 0 nor at least 1",
               options->focal_alpha, options->focal_gamma);
  return FALSE;
}
