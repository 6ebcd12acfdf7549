/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "synth/sample.h"

G_BEGIN_DECLS

/* Does the piece of work @index; called from several threads at once. */
typedef gboolean (*FePlanWork) (gpointer data, guint index, GError **error);

/* Reports progress; called from the thread that waits. */
typedef void (*FePlanProgress) (guint done, guint total, gint64 start_us);

/* Numbers from 0 to 1. */
typedef struct {
  float low;
  float high;
} FeRange;

/* What to generate, whatever it is written to. */
typedef struct {
  /* Of const FeSurfaceKind *. */
  GPtrArray *kinds;
  /* Which defects may appear, 1 << FeDefectId. */
  guint defects;
  /* Contrast and size of the defects. */
  FeRange severity;
  FeRange extent;
  int width;
  int height;
  guint64 seed;
  guint threads;
  /* Whether every image shows another product. */
  gboolean vary;
  /* The share of the pairs of objects that lie on a conveyor, from 0 to 1. */
  float belt_share;
  /* May be NULL. */
  FePlanProgress progress;
} FePlan;

/*
 * The request for image @index of @kind for the purpose @use, good or with
 * @defect. The seed of the plan determines lamps, colors and product, the seed
 * of the image everything else.
 */
FeSampleRequest fe_plan_request (const FePlan *self, const FeSurfaceKind *kind,
                                 int defect, const char *use, guint index);

/*
 * Does @n pieces of work on the threads of the plan and reports progress if the
 * plan does. Blocks until all are done, or until one failed: then returns FALSE
 * with the first error.
 */
gboolean fe_plan_run (const FePlan *self, guint n, FePlanWork work,
                      gpointer data, GError **error);

G_END_DECLS
