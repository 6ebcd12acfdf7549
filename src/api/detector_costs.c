/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a detector takes of time and memory. */
#include "api/detector_network.h"

FeclipModel *
feclip_detector_get_model (FeclipDetector *self)
{
  g_return_val_if_fail (FECLIP_IS_DETECTOR (self), NULL);
  return self->model;
}

guint64
feclip_detector_get_activations_size (FeclipDetector *self)
{
  guint64 size;

  g_return_val_if_fail (FECLIP_IS_DETECTOR (self), 0);

  size = self->in_batch ? 0 : fe_arena_get_size (self->images->arena);
  if (self->few_shot.arena)
    size += fe_arena_get_size (self->few_shot.arena);
  return size;
}

void
feclip_detector_get_stage_times (FeclipDetector *self, FeclipStageTimes *times)
{
  g_return_if_fail (FECLIP_IS_DETECTOR (self));
  g_return_if_fail (times != NULL);

  *times = self->times;
}
