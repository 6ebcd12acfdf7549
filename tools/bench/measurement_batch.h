/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One run of the network for a number of equal frames. */
#pragma once

#include <feclip/feclip.h>

G_BEGIN_DECLS

typedef struct {
  FeclipBatch *batch; /* NULL for one frame, which the detector analyses */
  FeclipBatchItem *items;
  guint n;
} FeMeasurementBatch;

void fe_measurement_batch_clear (FeMeasurementBatch *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FeMeasurementBatch,
                                  fe_measurement_batch_clear)

/* Prepares a run of `n` frames; `detector` is that of a single one. The frame
 * must live as long. */
gboolean
fe_measurement_batch_init (FeMeasurementBatch *self, FeclipDetector *detector,
                           FeclipModel *model, FeclipSettings *settings,
                           const FeclipFrame *frame, guint n, GError **error);

/* Analyses the frames once. */
gboolean fe_measurement_batch_run (FeMeasurementBatch *self, GError **error);

G_END_DECLS
