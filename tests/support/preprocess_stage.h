/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The preprocessing alone, filling patches that a test can look at. */
#pragma once

#include "support/frame_reference.h"
#include "image/preprocess.h"

/* Of a normalised color, whose steps of one byte are 0.015 apart. */
#define STAGE_TOLERANCE 1e-4

typedef struct {
  FeDevice *device;
  guint size;
  guint patch;
  FeclipFit fit;
  FeArena *arena;
  FeMatrix patches;
  FePreprocess *preprocess;
  FeCommands *commands;
} Stage;

/* Whatever fails here ends the test program. */
Stage *stage_new (guint size, guint patch, FeclipFit fit);

void stage_free (Stage *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Stage, stage_free)

/* Runs a frame; returns whether anything had to be made anew for it. */
gboolean stage_run (Stage *self, const FeclipFrame *frame);

/* What was made, as an image [3][size][size]. Padding columns must be zero. */
float *stage_read (Stage *self);

/* Fails, naming the frame, if a difference is above what is tolerated. */
void stage_expect (const char *what, const FeclipFrame *frame,
                   double difference, double tolerance);

/* Runs a frame and compares it with the reference. */
void stage_check (Stage *self, const FeclipFrame *frame);
