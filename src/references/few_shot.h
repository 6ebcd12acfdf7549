/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Comparison of a frame with normal references (paper, section 4.6): at each
 * tap, 1 − the largest similarity to them. */
#pragma once

#include "compute/ops_references.h"
#include "references/reference_bank.h"
#include "references/references.h"

G_BEGIN_DECLS

/* Zeroed: no references. */
typedef struct {
  FeclipReferences *references;   /* or NULL */
  FeReferenceBank *bank;          /* that commands are recorded for, or NULL */
  FeArena *arena;                 /* of what follows */
  FeMatrix features[FE_MAX_TAPS]; /* [G·G][D] of length one */
  guint n_taps;
  FeArena *bank_arena; /* of what depends on the bank's size */
  FeBuffer *best;      /* [parts][step] */
} FeFewShot;

/* Frees all. Commands that use it must not run any more. */
void fe_few_shot_clear (FeFewShot *self);

/* Allocates memory for features, unless that is done. It serves all references
 * of a detector. */
gboolean fe_few_shot_prepare (FeFewShot *self, FeDevice *device, guint n_taps,
                              guint patches, guint width, GError **error);

/* Replaces the bank; takes the reference to `bank`, which may be NULL. Commands
 * that use the earlier bank must not run any more. */
gboolean fe_few_shot_take (FeFewShot *self, FeDevice *device,
                           FeReferenceBank *bank, GError **error);

/* features[tap] = those of x [G·G + 1][D], at most G·G rows of it. */
void fe_few_shot_record_features (const FeFewShot *self, FeCommands *commands,
                                  guint tap, const FeMatrix *x);

/* Computes `best` of a tap, for fe_few_shot_record_share(). */
void fe_few_shot_record_nearest (const FeFewShot *self, FeCommands *commands,
                                 guint tap);

/* values[first + patch] = or += 1/taps · (1 − the largest similarity) */
void fe_few_shot_record_share (const FeFewShot *self, FeCommands *commands,
                               guint tap, gboolean accumulate, FeBuffer *values,
                               guint first);

/* Returns a frame's score from the prompts' score and M_few [n]. Sorts
 * `map`. */
double fe_few_shot_score (FeclipReferenceScore type, double score, float *map,
                          guint n);

G_END_DECLS
