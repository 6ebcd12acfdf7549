/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "train/training.h"

#include <glib/gstdio.h>
#include <math.h>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "train/loss_log.h"
#include "train/training_set.h"

#define MIB (G_GUINT64_CONSTANT (1) << 20)
#define STATE_SUFFIX ".state"

/* Where standard error is not a terminal, a progress line is printed after each
 * of so many shares of the work, and at the latest after so long. */
#define LINES 20
#define LINE_US (60 * G_USEC_PER_SEC)

/* A training run in progress. */
typedef struct {
  const FeTraining *options;
  FeTrainingSet *set;
  FeclipTrainer *trainer;
  FeLossLog *log;
  char *state;           /* the file to continue from */
  char *description;     /* must be equal to continue from it */
  guint n;               /* images */
  guint steps_per_epoch; /* the last step of an epoch may be smaller */
  guint32 *order;        /* [n] the images of the epoch */
  gint64 start_us;
  guint64 n_trained; /* images since then */
  guint n_lines;     /* of LINES */
  gint64 line_us;
} Run;

/* Everything that the result depends on, so that a run is not continued with
 * other options. */
static char *
describe_run (const FeTraining *self, const FeTrainingSet *set)
{
  const FeclipTrainingOptions *training = self->training;
  GString *text = g_string_new (NULL);
  guint n;
  g_autofree GParamSpec **properties =
      g_object_class_list_properties (G_OBJECT_GET_CLASS (self->settings), &n);

  g_string_append_printf (text, "images %u, batch %u, at once %u, seed %u",
                          fe_training_set_get_size (set), self->batch,
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

static FeTrainingSet *
open_set (const FeTraining *self, GError **error)
{
  guint n_left_out;
  FeTrainingSet *set = fe_training_set_open (
      self->path, self->layout, self->categories, &n_left_out, error);

  if (set && n_left_out)
    fe_message_warning (
        "%u images are left out: they have no label, or no mask "
        "of their defect",
        n_left_out);
  return set;
}

static gboolean
print_start (const FeTraining *self, const FeTrainingSet *set)
{
  g_autofree char *text = g_strdup_printf (
      "%u images, %u of them defective; %u epochs, batches of %u\n",
      fe_training_set_get_size (set), fe_training_set_get_n_defective (set),
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

/* Depends on seed and epoch alone, so that a continued run trains in the same
 * order. */
static void
shuffle (Run *self, guint epoch)
{
  const guint32 seeds[] = {self->options->training->seed, epoch};
  GRand *random = g_rand_new_with_seed_array (seeds, G_N_ELEMENTS (seeds));

  for (guint i = 0; i < self->n; i++)
    self->order[i] = i;
  for (guint i = self->n; i > 1; i--) {
    guint j = (guint)g_rand_int_range (random, 0, (gint32)i);
    guint32 other = self->order[i - 1];

    self->order[i - 1] = self->order[j];
    self->order[j] = other;
  }
  g_rand_free (random);
}

static gboolean
add_sample (Run *self, guint index, GError **error)
{
  g_autoptr (GBytes) sample =
      fe_training_set_encode (self->set, index, self->trainer, error);

  return sample && feclip_trainer_add (self->trainer, sample, error);
}

static gboolean
make_step (Run *self, guint step, GError **error)
{
  guint first = step % self->steps_per_epoch * self->options->batch;
  guint end = MIN (first + self->options->batch, self->n);

  for (guint i = first; i < end; i++) {
    if (!add_sample (self, self->order[i], error))
      return FALSE;
  }
  self->n_trained += end - first;
  return feclip_trainer_update (self->trainer, error);
}

static gboolean
log_step (Run *self, guint step, GError **error)
{
  guint n;
  const float *losses = feclip_trainer_get_losses (self->trainer, &n);

  return fe_loss_log_add (self->log, step, losses + step * FE_N_LOSSES, error);
}

/* Logs the earlier steps of a continued run again, so that the log is complete.
 */
static gboolean
start_log (Run *self, GError **error)
{
  guint steps = feclip_trainer_get_steps (self->trainer);

  self->log =
      fe_loss_log_new (self->options->log_dir, self->options->curves, error);
  for (guint step = 0; self->log && step < steps; step++) {
    if (!log_step (self, step, error))
      return FALSE;
  }
  return self->log != NULL;
}

static gboolean
save (Run *self, GError **error)
{
  guint n;
  const float *losses = feclip_trainer_get_losses (self->trainer, &n);

  return feclip_trainer_save (self->trainer, self->state, self->description,
                              error)
         && fe_loss_log_update (self->log, losses, n / FE_N_LOSSES,
                                self->steps_per_epoch, error);
}

/* Whether to print a progress line. */
static gboolean
line_is_due (Run *self, guint done, guint total)
{
  guint n_lines = (guint)((guint64)done * LINES / total);
  gint64 now = g_get_monotonic_time ();

  if (n_lines == self->n_lines && now - self->line_us < LINE_US)
    return FALSE;
  self->n_lines = n_lines;
  self->line_us = now;
  return TRUE;
}

static void
show_step (Run *self, guint step)
{
  guint n, total = self->options->epochs * self->steps_per_epoch;
  const float *losses = feclip_trainer_get_losses (self->trainer, &n);
  double seconds = (double)(g_get_monotonic_time () - self->start_us) / 1e6;
  double rate = (double)self->n_trained / MAX (seconds, 1e-6);
  double left = (double)(total - step - 1) * self->options->batch / rate;

  losses += step * FE_N_LOSSES;
  fe_progress_show_or_print (
      line_is_due (self, step + 1, total),
      "epoch %u of %u, step %u of %u: score %.4f, focal %.4f, "
      "dice %.4f, %.1f images/s, %.0f %s left",
      step / self->steps_per_epoch + 1, self->options->epochs,
      step % self->steps_per_epoch + 1, self->steps_per_epoch, losses[0],
      losses[1], losses[2], rate, left < 90 ? left : ceil (left / 60),
      left < 90 ? "s" : "min");
}

/* Prints the epoch's mean losses. */
static gboolean
print_epoch (const Run *self, guint epoch)
{
  guint n;
  const float *losses = feclip_trainer_get_losses (self->trainer, &n);
  double seconds = (double)(g_get_monotonic_time () - self->start_us) / 1e6;
  double means[FE_N_LOSSES] = {0};
  g_autofree char *text = NULL;

  for (guint i = 0; i < self->steps_per_epoch * FE_N_LOSSES; i++)
    means[i % FE_N_LOSSES] +=
        (double)losses[(gsize)epoch * self->steps_per_epoch * FE_N_LOSSES + i]
        / self->steps_per_epoch;
  text = g_strdup_printf (
      "epoch %u of %u: score %.4f, focal %.4f, dice %.4f, %.1f images/s\n",
      epoch + 1, self->options->epochs, means[0], means[1], means[2],
      (double)self->n_trained / MAX (seconds, 1e-6));
  fe_progress_hide ();
  return fe_output_print (text) == 0;
}

static gboolean
train (Run *self, GError **error)
{
  const FeTraining *options = self->options;
  guint total = options->epochs * self->steps_per_epoch;
  guint first = feclip_trainer_get_steps (self->trainer);

  self->start_us = self->line_us = g_get_monotonic_time ();
  self->n_lines = (guint)((guint64)first * LINES / total);
  for (guint step = first; step < total; step++) {
    guint epoch = step / self->steps_per_epoch;
    gboolean epoch_ends = (step + 1) % self->steps_per_epoch == 0;
    gboolean interrupted;

    if (step == first || step % self->steps_per_epoch == 0)
      shuffle (self, epoch);
    if (!make_step (self, step, error) || !log_step (self, step, error))
      return FALSE;
    show_step (self, step);
    interrupted = fe_interrupt_is_pending ();
    if ((epoch_ends || interrupted
         || (options->checkpoint_every
             && (step + 1) % options->checkpoint_every == 0))
        && !save (self, error))
      return FALSE;
    if (epoch_ends)
      print_epoch (self, epoch);
    if (interrupted)
      return FALSE;
  }
  return TRUE;
}

static gboolean
run_init (Run *self, const FeTraining *options, GError **error)
{
  const char *cache_dir =
      options->cache_dir ? options->cache_dir : g_get_tmp_dir ();

  *self = (Run){.options = options};
  self->set = open_set (options, error);
  if (!self->set)
    return FALSE;
  self->trainer = open_trainer (options, error);
  if (!self->trainer
      || !fe_training_set_open_cache (
          self->set, cache_dir, (guint64)options->cache_size * MIB, error))
    return FALSE;
  self->state = g_strconcat (options->output, STATE_SUFFIX, NULL);
  self->description = describe_run (options, self->set);
  self->n = fe_training_set_get_size (self->set);
  self->steps_per_epoch = (self->n + options->batch - 1) / options->batch;
  self->order = g_new (guint32, self->n);
  return TRUE;
}

static void
run_clear (Run *self)
{
  fe_loss_log_free (self->log);
  g_clear_object (&self->trainer);
  fe_training_set_free (self->set);
  g_free (self->state);
  g_free (self->description);
  g_free (self->order);
}

/* Trains to the end, from the start or from the state. */
static gboolean
run_to_end (Run *self, GError **error)
{
  print_start (self->options, self->set);
  if (self->options->restart)
    g_remove (self->state);
  if (g_file_test (self->state, G_FILE_TEST_EXISTS)
      && !feclip_trainer_load (self->trainer, self->state, self->description,
                               error))
    return FALSE;
  if (!start_log (self, error) || !train (self, error))
    return FALSE;
  fe_progress_hide ();
  if (!feclip_trainer_save_adapter (self->trainer, self->options->output,
                                    error))
    return FALSE;
  g_unlink (self->state);
  return TRUE;
}

gboolean
fe_training_run (const FeTraining *self, GError **error)
{
  Run run;
  gboolean ok = run_init (&run, self, error);

  fe_progress_hide ();
  ok = ok && run_to_end (&run, error);
  fe_progress_hide ();
  run_clear (&run);
  return ok;
}
