/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "train/cache.h"
#include "train/samples.h"

G_BEGIN_DECLS

/* A training run. The strings are borrowed. */
typedef struct {
  FeSamples *samples;
  FeclipTrainer *trainer;
  FeCache *cache;
  guint epochs;
  guint batch;
  guint seed;
  guint checkpoint_every; /* steps; 0: epochs alone */
  const char *output;
  const char *state;       /* where the run is kept to go on later */
  const char *description; /* what it must be, to go on */
  const char *log_dir;     /* NULL: no event file */
  const char *curves;      /* NULL: no image */
} FeTrainingLoop;

/*
 * Trains to the end, from the start or from where the state says. Returns
 * FALSE with an error, or without one where somebody interrupted, after the
 * state was written.
 */
gboolean fe_training_loop_run (const FeTrainingLoop *self, GError **error);

G_END_DECLS
