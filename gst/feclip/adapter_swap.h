/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/model.h>

#include "feclip/frame_queue.h"

G_BEGIN_DECLS

/* A network with other adapters, ready to take the place of the one in use:
 * made while frames go on with that one, so that they wait for nothing. */
typedef struct {
  FeclipModel *model;
  FeclipSettings *settings;     /* that its detectors were made with */
  GPtrArray *detectors;         /* one for each request */
  GstFeclipBatchClient *member; /* that made them, NULL: there are no batches */
  FeclipReferences *memory;     /* what they compare with */
} GstFeclipAdapterSwap;

/* Makes detectors for the requests of @lane on the CLIP of @model by @settings
 * (transfer full), which name the adapters. Takes seconds. Fails with
 * FECLIP_ERROR.
 * Returns: (nullable): NULL without an error where @model has these adapters */
GstFeclipAdapterSwap *
gst_feclip_adapter_swap_new (FeclipModel *model, FeclipSettings *settings,
                             GstFeclipFrameQueue *lane,
                             GstFeclipReferences *references, GError **error);

void gst_feclip_adapter_swap_free (GstFeclipAdapterSwap *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstFeclipAdapterSwap,
                               gst_feclip_adapter_swap_free)

/* Brings it up to regions and prompts that @now are other ones than its
 * detectors were made with. Fails with FECLIP_ERROR. */
gboolean gst_feclip_adapter_swap_update (GstFeclipAdapterSwap *self,
                                         FeclipSettings *now, GError **error);

G_END_DECLS
