/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * A stream of random numbers. The same seed gives the same numbers on every
 * machine, and streams of different seeds are independent.
 */
typedef struct {
  guint64 state;
} FeRandom;

FeRandom fe_random_make (guint64 seed);

/* Derives the seed for @name and @index from @seed. */
guint64 fe_random_seed (guint64 seed, const char *name, guint64 index);

guint32 fe_random_bits (FeRandom *self);

/* From 0 up to but not 1. */
float fe_random_unit (FeRandom *self);

float fe_random_range (FeRandom *self, float low, float high);

/* Uniform in the logarithm. */
float fe_random_log_range (FeRandom *self, float low, float high);

/* From @low to @high, both included. */
int fe_random_int (FeRandom *self, int low, int high);

gboolean fe_random_chance (FeRandom *self, float probability);

/* Approximately normal, mean 0, deviation 1, within ±3.5. */
float fe_random_normal (FeRandom *self);

/* An angle from 0 to 2π. */
float fe_random_angle (FeRandom *self);

G_END_DECLS
