/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "synth/plan.h"

G_BEGIN_DECLS

/* What a video of a conveyor is to show. */
typedef struct {
  guint frames;
  guint fps;
  guint items;
  /* How many of the items are defective, from 0 to 1. */
  double defective;
} FeConveyorShow;

typedef struct _FeConveyor FeConveyor;

/* The plan's size is a frame's, its kinds are what passes. */
FeConveyor *fe_conveyor_new (const FePlan *plan, const FeConveyorShow *show);

/* NULL is allowed. */
void fe_conveyor_free (FeConveyor *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeConveyor, fe_conveyor_free)

/* Whether @kind can lie on a belt: as it is, or cut into plates. */
gboolean fe_conveyor_can_carry (const FeSurfaceKind *kind);

/* [height][width][3] of a frame, newly allocated; from any thread. */
guint8 *fe_conveyor_render (const FeConveyor *self, guint frame);

/* Which frames hold which item, where, and where its defect is. */
char *fe_conveyor_to_json (const FeConveyor *self, const char *file);

G_END_DECLS
