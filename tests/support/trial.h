/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One run of kernels on made-up numbers, to be held beside plain C.
 *
 * Padding rows of every matrix hold a large number, so that a kernel which uses
 * them is seen, and outputs hold it too, so that a kernel which leaves one out
 * or writes where it must not is seen as well. */
#pragma once

#include "compute/ops.h"

/* What lies wherever nobody should look; finite, as matrix.h allows. */
#define TRIAL_UNUSED 12345.0f

typedef struct {
  FeDevice *device;
  FeArena *arena;
  FeCommands *commands; /* for fe_op_*() */
  GRand *random;        /* the same numbers in every run */
  GPtrArray *floats;
} Trial;

/* Device, memory and recording; whatever fails ends the test program. */
Trial *trial_new (void);

void trial_free (Trial *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Trial, trial_free)

/* Numbers that the trial frees: zeros, or random ones from -1 to 1. */
float *trial_floats (Trial *self, gsize n);
float *trial_random (Trial *self, gsize n);

/* A matrix with values [batch][rows][columns]; NULL: with nothing yet. */
FeMatrix trial_matrix (Trial *self, guint rows, guint columns, guint batch,
                       const float *values);

/* Plain floats; NULL: with nothing yet. */
FeBuffer *trial_buffer (Trial *self, gsize n, const float *values);

/* Fills a matrix with one number, padding included. */
void trial_fill (Trial *self, const FeMatrix *matrix, float value);

/* Runs what was recorded. */
void trial_run (Trial *self);

/* Fails the test, naming `what` and the worst element, unless each is within
 * `tolerance` of what is wanted, relative to it where it is above one. */
void trial_expect (const char *what, gsize n, const float *got,
                   const float *wanted, double tolerance);

/* The same for a matrix, wanted [batch][rows][columns], and for floats. */
void trial_expect_matrix (const char *what, const FeMatrix *got,
                          const float *wanted, double tolerance);
void trial_expect_buffer (const char *what, FeBuffer *got, gsize first, gsize n,
                          const float *wanted, double tolerance);

/* Fails the test unless the padding columns of the matrix's rows are zero. */
void trial_expect_zero_padding (const char *what, const FeMatrix *matrix);

/* Why the kernels that the environment asks for cannot run here, or NULL. */
const char *trial_get_obstacle (const FeDevice *device);
