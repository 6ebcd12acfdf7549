/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "train/training.h"

#include <glib/gstdio.h>

#include "cli/command.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "train/training_loop.h"

#define MIB (G_GUINT64_CONSTANT (1) << 20)
#define STATE_SUFFIX ".state"

/* All that a run's results depend on, so that one does not go on as another. */
static char *
describe_run (const FeTraining *self, const FeSamples *samples)
{
  const FeclipTrainingOptions *training = self->training;
  GString *text = g_string_new (NULL);
  guint n;
  g_autofree GParamSpec **properties =
      g_object_class_list_properties (G_OBJECT_GET_CLASS (self->settings), &n);

  g_string_append_printf (text, "images %u, batch %u, at once %u, seed %u",
                          fe_samples_get_size (samples), self->batch,
                          training->at_once, training->seed);
  g_string_append_printf (
      text, ", rates %.9g %.9g, fc_patch %d", training->learning_rate,
      training->fc_patch_learning_rate, training->train_fc_patch);
  g_string_append_printf (text, ", focal %.9g %.9g, weights %.9g %.9g %.9g",
                          training->focal_alpha, training->focal_gamma,
                          training->score_weight, training->focal_weight,
                          training->dice_weight);
  for (guint i = 0; i < n; i++) {
    GValue value = G_VALUE_INIT;
    g_autofree char *shown = NULL;

    g_object_get_property (G_OBJECT (self->settings), properties[i]->name,
                           &value);
    shown = g_strdup_value_contents (&value);
    g_string_append_printf (text, ", %s %s", properties[i]->name, shown);
    g_value_unset (&value);
  }
  return g_string_free (text, FALSE);
}

static FeSamples *
open_samples (const FeTraining *self, GError **error)
{
  guint n_left_out;
  FeSamples *samples = fe_samples_open (self->path, self->layout,
                                        self->categories, &n_left_out, error);

  if (samples && n_left_out)
    fe_message_warning ("%u images are left out: it is not known whether or "
                        "where they are defective",
                        n_left_out);
  return samples;
}

static gboolean
print_start (const FeTraining *self, const FeSamples *samples)
{
  g_autofree char *text = g_strdup_printf (
      "%u images, %u of them defective; %u epochs, batches of %u\n",
      fe_samples_get_size (samples), fe_samples_get_n_defective (samples),
      self->epochs, self->batch);

  return fe_output_print (text) == FE_EXIT_DONE;
}

static FeclipTrainer *
open_trainer (const FeTraining *self, GError **error)
{
  g_autoptr (FeclipModel) model = NULL;

  g_object_set (self->settings, "weights-storage", FECLIP_WEIGHTS_STORAGE_FP32,
                NULL);
  fe_progress_show ("loading the model");
  model = feclip_model_new (self->settings, error);
  return model
             ? feclip_trainer_new (model, self->settings, self->training, error)
             : NULL;
}

static gboolean
run (const FeTraining *self, FeSamples *samples, FeclipTrainer *trainer,
     FeCache *cache, GError **error)
{
  g_autofree char *state = g_strconcat (self->output, STATE_SUFFIX, NULL);
  g_autofree char *description = describe_run (self, samples);

  print_start (self, samples);
  if (self->restart)
    g_remove (state);
  return fe_training_loop_run (
      &(FeTrainingLoop){
          .samples = samples,
          .trainer = trainer,
          .cache = cache,
          .epochs = self->epochs,
          .batch = self->batch,
          .seed = self->training->seed,
          .checkpoint_every = self->checkpoint_every,
          .output = self->output,
          .state = state,
          .description = description,
          .log_dir = self->log_dir,
          .curves = self->curves,
      },
      error);
}

gboolean
fe_training_run (const FeTraining *self, GError **error)
{
  const char *cache_dir = self->cache_dir ? self->cache_dir : g_get_tmp_dir ();
  g_autoptr (FeSamples) samples = open_samples (self, error);
  g_autoptr (FeclipTrainer) trainer = NULL;
  g_autoptr (FeCache) cache = NULL;

  if (samples)
    trainer = open_trainer (self, error);
  if (trainer)
    cache = fe_cache_new (cache_dir, fe_samples_get_size (samples),
                          (guint64)self->cache_size * MIB, error);
  fe_progress_hide ();
  return cache && run (self, samples, trainer, cache, error);
}
