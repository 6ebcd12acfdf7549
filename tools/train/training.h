/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/feclip.h>

G_BEGIN_DECLS

/* The options of a training run; everything is borrowed. */
typedef struct {
  FeclipSettings *settings; /* weights-storage is set to fp32 */
  FeclipTrainingOptions *training;
  const char *path; /* of the data set */
  const char *output;
  const char *layout;     /* NULL: recognized */
  const char *categories; /* NULL: all */
  const char *log_dir;    /* NULL: no event file */
  const char *curves;     /* NULL: no chart */
  const char *cache_dir;  /* NULL: the system's */
  guint epochs;
  guint batch;
  guint checkpoint_every; /* steps; 0: at the end of epochs only */
  guint cache_size;       /* MiB */
  gboolean restart;
} FeTraining;

/*
 * Trains adapters and writes them to `output`; continues an interrupted run if
 * the state file, `output` with .state added, exists. Call
 * fe_interrupt_catch() before. Blocks for the whole training. Returns FALSE
 * with an error, or without one after an interrupt, when the state is written.
 */
gboolean fe_training_run (const FeTraining *self, GError **error);

G_END_DECLS
