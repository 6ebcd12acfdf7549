/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/plan.h"

G_BEGIN_DECLS

/* The content of a video of a conveyor. */
typedef struct {
  guint frames;
  guint fps;
  guint items;
  /* How many of the items are defective, from 0 to 1. */
  double defective;
} FeConveyorShow;

typedef struct _FeConveyor FeConveyor;

/* The size of @plan is that of a frame, its kinds are those of the items. */
FeConveyor *fe_conveyor_new (const FePlan *plan, const FeConveyorShow *show);

/* NULL is allowed. */
void fe_conveyor_free (FeConveyor *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeConveyor, fe_conveyor_free)

/* Whether @kind can lie on a belt, as an object or cut into plates. */
gboolean fe_conveyor_can_carry (const FeSurfaceKind *kind);

/* Renders a frame [height][width][3], newly allocated. Thread-safe. */
guint8 *fe_conveyor_render (const FeConveyor *self, guint frame);

/* JSON with the frames and the place of each item and of its defect. */
char *fe_conveyor_to_json (const FeConveyor *self, const char *file);

G_END_DECLS
