/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/detector.h>

G_BEGIN_DECLS

#define FECLIP_TYPE_BATCH (feclip_batch_get_type ())

/**
 * FECLIP_BATCH_MAX:
 *
 * Most frames of a batch.
 */
#define FECLIP_BATCH_MAX 64

/**
 * FeclipBatch:
 *
 * Runs the network once for frames of several streams. Each stream has a
 * #FeclipDetector made for the batch, with its own prompts, regions and fit;
 * the network's activations are the batch's, for all of them together. A result
 * is the one that the detector would have had by itself.
 *
 * One thread at a time runs the network: others that use the batch or one of
 * its detectors meanwhile wait.
 */
FECLIP_API
G_DECLARE_FINAL_TYPE (FeclipBatch, feclip_batch, FECLIP, BATCH, GObject)

/**
 * feclip_batch_new:
 * @model: the network; a reference is kept
 * @settings: read: all that the network computes by, which is everything that
 *   feclip_detector_new() reads but prompts, fit, tiles, regions and references
 * @size: most frames in one run, from 1 to %FECLIP_BATCH_MAX
 * @error: return location for an error
 *
 * Allocates the activations for @size frames, or for as many as the device's
 * buffers hold, and records the network. Where there is room for fewer,
 * feclip_batch_analyse() takes more runs.
 *
 * Returns: (transfer full): the batch, or %NULL
 */
FECLIP_API
FeclipBatch *feclip_batch_new (FeclipModel *model, FeclipSettings *settings,
                               guint size, GError **error);

/**
 * feclip_batch_suits:
 * @self: a batch
 * @model: a network
 * @settings: settings of a detector
 *
 * Returns: whether a detector with them can be made for the batch: its network
 *   is the same and computes the same
 */
FECLIP_API
gboolean feclip_batch_suits (FeclipBatch *self, FeclipModel *model,
                             FeclipSettings *settings);

/**
 * feclip_batch_new_detector:
 * @self: a batch
 * @model: the batch's network, or another model of the same files
 * @settings: as of feclip_detector_new()
 * @error: return location for an error
 *
 * Makes a detector that uses the batch's memory. It can be used as any other.
 *
 * Returns: (transfer full): the detector, or %NULL
 */
FECLIP_API
FeclipDetector *feclip_batch_new_detector (FeclipBatch *self,
                                           FeclipModel *model,
                                           FeclipSettings *settings,
                                           GError **error);

/**
 * feclip_batch_can_join:
 * @self: a batch
 * @detector: a detector of the batch
 *
 * Says whether the detector's frames can go through the network with others:
 * those that are cut into tiles or compared with normal references cannot.
 * feclip_batch_analyse() runs the network for them alone.
 *
 * Returns: whether its next frame can
 */
FECLIP_API
gboolean feclip_batch_can_join (FeclipBatch *self, FeclipDetector *detector);

/**
 * feclip_batch_get_activations_size:
 * @self: a batch
 *
 * Returns: bytes of device memory for all that the network computes of its
 *   frames, which its detectors share. Any thread may ask
 */
FECLIP_API
guint64 feclip_batch_get_activations_size (FeclipBatch *self);

/**
 * FeclipBatchItem: (skip)
 * @detector: whose frame it is
 * @frame: the image; only read, and not needed after the call
 * @result: (out) (transfer full): what was found, or %NULL
 * @error: (out) (transfer full): why not, or %NULL
 *
 * One frame of a batch.
 */
typedef struct {
  FeclipDetector *detector;
  const FeclipFrame *frame;
  FeclipResult *result;
  GError *error;
} FeclipBatchItem;

/**
 * feclip_batch_analyse: (skip)
 * @self: a batch
 * @items: (array length=n): frames of different detectors of the batch
 * @n: how many
 *
 * Runs the network on all frames and waits for the results. A frame that cannot
 * be analysed leaves the others alone. Also more frames than the batch's size
 * may be given, and fewer.
 */
FECLIP_API
void feclip_batch_analyse (FeclipBatch *self, FeclipBatchItem *items, guint n);

G_END_DECLS
