/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/plan.h"

static float
draw (const FeRange *range, guint64 item, const char *use)
{
  FeRandom random = fe_random_make (fe_random_seed (item, use, 0));

  return fe_random_range (&random, range->low, range->high);
}

FeSampleRequest
fe_plan_request (const FePlan *self, const FeSurfaceKind *kind, int defect,
                 const char *use, guint index)
{
  guint64 base = fe_random_seed (self->seed, kind->name, 0);
  guint64 item = fe_random_seed (base, use, index);

  return (FeSampleRequest){
      .surface = kind,
      .defect = defect,
      .width = self->width,
      .height = self->height,
      .design = self->vary ? fe_random_seed (item, "design", 0) : base,
      .item = item,
      .defect_seed = fe_random_seed (item, "mark", 0),
      .severity = draw (&self->severity, item, "severity"),
      .extent = draw (&self->extent, item, "extent"),
  };
}
