/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/batch.h"
#include "synth/sample.h"

G_BEGIN_DECLS

/* Numbers from 0 to 1. */
typedef struct {
  float low;
  float high;
} FeRange;

/* What is to be made, whatever it is written to. */
typedef struct {
  /* Of const FeSurfaceKind *. */
  GPtrArray *kinds;
  /* Which defects may appear, 1 << FeDefectId. */
  guint defects;
  /* How plain and how large the defects are. */
  FeRange severity;
  FeRange extent;
  int width;
  int height;
  guint64 seed;
  guint threads;
  /* Every image shows a product of its own. */
  gboolean vary;
  /* How many of the pairs that can lie on a conveyor do, from 0 to 1. */
  float belt_share;
  FeBatchProgress progress;
} FePlan;

/*
 * The @index-th image of @kind for the purpose @use, good or with @defect:
 * lamps, colors and product by the plan's seed, all else by the image's.
 */
FeSampleRequest fe_plan_request (const FePlan *self, const FeSurfaceKind *kind,
                                 int defect, const char *use, guint index);

G_END_DECLS
