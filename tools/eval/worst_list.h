/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/result.h>

#include "eval/dataset.h"

G_BEGIN_DECLS

/* An image that is worth looking at. */
typedef struct {
  const FeCase *item;
  const FeCategory *category;
  /* What was found in it. */
  FeclipResult *result;
  /* The lower, the worse. */
  double value;
  /* The thresholds of its category. */
  double threshold;
  double pixel_threshold;
} FeShown;

/* The worst of any number of images. */
typedef struct {
  /* FeShown entries, the worst one first. */
  GArray *shown;
  guint most;
} FeWorstList;

void fe_worst_list_init (FeWorstList *self, guint most);
void fe_worst_list_clear (FeWorstList *self);

/* Takes @shown, but for its result, of which it keeps a reference, if it is
 * among the worst. */
void fe_worst_list_add (FeWorstList *self, const FeShown *shown);

/* Forgets all. */
void fe_worst_list_empty (FeWorstList *self);

G_END_DECLS
