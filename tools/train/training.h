/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/feclip.h>

G_BEGIN_DECLS

/* All that a training run is made of; all is borrowed. */
typedef struct {
  FeclipSettings *settings; /* weights are stored as fp32 whatever they say */
  FeclipTrainingOptions *training;
  const char *path; /* of the data set */
  const char *output;
  const char *layout;     /* NULL: found by looking */
  const char *categories; /* NULL: all */
  const char *log_dir;    /* NULL: no event file */
  const char *curves;     /* NULL: no image */
  const char *cache_dir;  /* NULL: the system's */
  guint epochs;
  guint batch;
  guint checkpoint_every; /* steps; 0: epochs alone */
  guint cache_size;       /* MiB */
  gboolean restart;
} FeTraining;

/*
 * Trains adapters into `output`, or goes on with it where the file beside it,
 * with .state added, says. Needs fe_interrupt_catch(). Returns FALSE with an
 * error, or without one where somebody interrupted, after the state was
 * written.
 */
gboolean fe_training_run (const FeTraining *self, GError **error);

G_END_DECLS
