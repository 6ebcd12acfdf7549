/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "train/training_loop.h"

#include <glib/gstdio.h>
#include <math.h>

#include "train/curves.h"
#include "eval/interrupt.h"
#include "train/events.h"
#include "cli/output.h"
#include "cli/progress.h"

/* Without a terminal, a line after each such share of the work and at least
 * after so long. */
#define LINES 20
#define LINE_US (60 * G_USEC_PER_SEC)

/* What changes while a run goes on. */
typedef struct {
  const FeTrainingLoop *run;
  guint n;               /* images */
  guint steps_per_epoch; /* the last step of one may be smaller */
  guint32 *order;        /* [n] the epoch's */
  FeEvents *events;
  gint64 start_us;
  guint64 learned; /* images since then */
  guint n_lines;   /* of LINES */
  gint64 line_us;
} Progress;

/* The same for the same seed and epoch, whenever the run was interrupted. */
static void
shuffle (Progress *self, guint epoch)
{
  const guint32 seeds[] = {self->run->seed, epoch};
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
add_sample (Progress *self, guint index, GError **error)
{
  const FeTrainingLoop *run = self->run;
  g_autoptr (GBytes) sample = fe_cache_get (run->cache, index);

  if (!sample) {
    sample = fe_samples_encode (run->samples, index, run->trainer, error);
    if (!sample)
      return FALSE;
    fe_cache_put (run->cache, index, sample);
  }
  return feclip_trainer_add (run->trainer, sample, error);
}

static gboolean
make_step (Progress *self, guint step, GError **error)
{
  guint first = step % self->steps_per_epoch * self->run->batch;
  guint end = MIN (first + self->run->batch, self->n);

  for (guint i = first; i < end; i++) {
    if (!add_sample (self, self->order[i], error))
      return FALSE;
  }
  self->learned += end - first;
  return feclip_trainer_update (self->run->trainer, error);
}

static gboolean
log_step (Progress *self, guint step, GError **error)
{
  guint n;
  const float *losses = feclip_trainer_get_losses (self->run->trainer, &n);

  for (guint c = 0; self->events && c < FE_CURVES; c++) {
    g_autofree char *tag = g_strconcat ("loss/", fe_curve_names[c], NULL);

    if (!fe_events_add (self->events, step + 1, tag,
                        losses[step * FE_CURVES + c], error))
      return FALSE;
  }
  return TRUE;
}

/* Logs a run's earlier steps once more, so that the file is whole. */
static gboolean
start_log (Progress *self, GError **error)
{
  guint steps = feclip_trainer_get_steps (self->run->trainer);

  if (!self->run->log_dir)
    return TRUE;
  self->events = fe_events_new (self->run->log_dir, error);
  for (guint step = 0; self->events && step < steps; step++) {
    if (!log_step (self, step, error))
      return FALSE;
  }
  return self->events != NULL;
}

static gboolean
save (Progress *self, GError **error)
{
  const FeTrainingLoop *run = self->run;
  guint n;
  const float *losses = feclip_trainer_get_losses (run->trainer, &n);

  if (!feclip_trainer_save (run->trainer, run->state, run->description, error)
      || (self->events && !fe_events_flush (self->events, error)))
    return FALSE;
  return !run->curves
         || fe_curves_draw (losses, n / FE_CURVES, self->steps_per_epoch,
                            run->curves, error);
}

/* Whether a log shall say how far the run is. */
static gboolean
line_is_due (Progress *self, guint done, guint total)
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
show_step (Progress *self, guint step)
{
  guint n, total = self->run->epochs * self->steps_per_epoch;
  const float *losses = feclip_trainer_get_losses (self->run->trainer, &n);
  double seconds = (double)(g_get_monotonic_time () - self->start_us) / 1e6;
  double rate = (double)self->learned / MAX (seconds, 1e-6);
  double left = (double)(total - step - 1) * self->run->batch / rate;

  losses += step * FE_CURVES;
  fe_progress_show_or_print (
      line_is_due (self, step + 1, total),
      "epoch %u of %u, step %u of %u: score %.4f, focal %.4f, "
      "dice %.4f, %.1f images/s, %.0f %s left",
      step / self->steps_per_epoch + 1, self->run->epochs,
      step % self->steps_per_epoch + 1, self->steps_per_epoch, losses[0],
      losses[1], losses[2], rate, left < 90 ? left : ceil (left / 60),
      left < 90 ? "s" : "min");
}

/* A line that stays, with the epoch's mean losses. */
static gboolean
print_epoch (const Progress *self, guint epoch)
{
  guint n;
  const float *losses = feclip_trainer_get_losses (self->run->trainer, &n);
  double seconds = (double)(g_get_monotonic_time () - self->start_us) / 1e6;
  double means[FE_CURVES] = {0};
  g_autofree char *text = NULL;

  for (guint i = 0; i < self->steps_per_epoch * FE_CURVES; i++)
    means[i % FE_CURVES] +=
        (double)losses[(gsize)epoch * self->steps_per_epoch * FE_CURVES + i]
        / self->steps_per_epoch;
  text = g_strdup_printf (
      "epoch %u of %u: score %.4f, focal %.4f, dice %.4f, %.1f images/s\n",
      epoch + 1, self->run->epochs, means[0], means[1], means[2],
      (double)self->learned / MAX (seconds, 1e-6));
  fe_progress_hide ();
  return fe_output_print (text) == 0;
}

static gboolean
train (Progress *self, GError **error)
{
  const FeTrainingLoop *run = self->run;
  guint total = run->epochs * self->steps_per_epoch;
  guint first = feclip_trainer_get_steps (run->trainer);

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
         || (run->checkpoint_every && (step + 1) % run->checkpoint_every == 0))
        && !save (self, error))
      return FALSE;
    if (epoch_ends)
      print_epoch (self, epoch);
    if (interrupted)
      return FALSE;
  }
  return TRUE;
}

gboolean
fe_training_loop_run (const FeTrainingLoop *run, GError **error)
{
  guint n = fe_samples_get_size (run->samples);
  g_autofree guint32 *order = g_new (guint32, n);
  Progress self = {
      .run = run,
      .n = n,
      .steps_per_epoch = (n + run->batch - 1) / run->batch,
      .order = order,
  };
  gboolean ok = TRUE;

  if (g_file_test (run->state, G_FILE_TEST_EXISTS))
    ok =
        feclip_trainer_load (run->trainer, run->state, run->description, error);
  ok = ok && start_log (&self, error) && train (&self, error);
  fe_progress_hide ();
  ok = ok && feclip_trainer_save_adapter (run->trainer, run->output, error);
  if (ok)
    g_unlink (run->state);
  fe_events_free (self.events);
  return ok;
}
