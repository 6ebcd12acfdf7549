/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench/measurement_batch.h"

void
fe_measurement_batch_clear (FeMeasurementBatch *self)
{
  for (guint i = 0; i < self->n; i++)
    g_clear_object (&self->items[i].detector);
  g_clear_pointer (&self->items, g_free);
  g_clear_object (&self->batch);
}

gboolean
fe_measurement_batch_init (FeMeasurementBatch *self, FeclipDetector *detector,
                           FeclipModel *model, FeclipSettings *settings,
                           const FeclipFrame *frame, guint n, GError **error)
{
  self->n = n;
  self->items = g_new0 (FeclipBatchItem, n);
  for (guint i = 0; i < n; i++)
    self->items[i].frame = frame;
  if (n == 1) {
    self->items[0].detector = g_object_ref (detector);
    return TRUE;
  }
  self->batch = feclip_batch_new (model, settings, n, error);
  for (guint i = 0; self->batch && i < n; i++) {
    self->items[i].detector =
        feclip_batch_new_detector (self->batch, model, settings, error);
    if (!self->items[i].detector)
      return FALSE;
  }
  return self->batch != NULL;
}

/* Keeps the first of the frames' errors; their results are not looked at. */
static gboolean
take_results (FeMeasurementBatch *self, GError **error)
{
  GError *first = NULL;

  for (guint i = 0; i < self->n; i++) {
    FeclipBatchItem *item = &self->items[i];

    g_clear_pointer (&item->result, feclip_result_unref);
    if (item->error && !first)
      first = g_steal_pointer (&item->error);
    g_clear_error (&item->error);
  }
  if (first)
    g_propagate_error (error, first);
  return !first;
}

gboolean
fe_measurement_batch_run (FeMeasurementBatch *self, GError **error)
{
  FeclipBatchItem *only = self->items;

  if (self->batch)
    feclip_batch_analyse (self->batch, self->items, self->n);
  else
    only->result =
        feclip_detector_analyse (only->detector, only->frame, &only->error);
  return take_results (self, error);
}
