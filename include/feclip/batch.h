/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/detector.h>

G_BEGIN_DECLS

#define FECLIP_TYPE_BATCH (feclip_batch_get_type ())

/**
 * FECLIP_BATCH_MAX:
 *
 * Largest number of frames in one batch.
 */
#define FECLIP_BATCH_MAX 64

/**
 * FeclipBatch:
 *
 * Runs the network once for frames of several streams. Each stream has its own
 * #FeclipDetector, made by feclip_batch_new_detector(), with its own prompts,
 * regions and fit. The activations belong to the batch and are shared by all
 * its detectors. A frame's result is the same as that of a detector without a
 * batch.
 *
 * Thread-safe: one thread at a time runs the network; other threads that use
 * the batch or one of its detectors block until it has finished.
 */
FECLIP_API
G_DECLARE_FINAL_TYPE (FeclipBatch, feclip_batch, FECLIP, BATCH, GObject)

/**
 * feclip_batch_new:
 * @model: the network; the batch keeps a reference
 * @settings: read: every property that feclip_detector_new() reads, except the
 *   prompts, fit, tiles, regions and references
 * @size: largest number of frames in one run of the network, from 1 to
 *   %FECLIP_BATCH_MAX
 * @error: return location for an error
 *
 * Allocates activations for @size frames, or for as many as fit into one buffer
 * of the device, and records the network's commands. If fewer than @size fit,
 * feclip_batch_analyse() runs the network several times. Blocks while it
 * allocates and records.
 *
 * Returns: (transfer full): the batch, or %NULL with @error set
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
 * Checks whether feclip_batch_new_detector() can make a detector with this
 * model and these settings: the model must be the batch's, and the settings
 * that affect the network must be equal.
 *
 * Returns: %TRUE if it can
 */
FECLIP_API
gboolean feclip_batch_suits (FeclipBatch *self, FeclipModel *model,
                             FeclipSettings *settings);

/**
 * feclip_batch_new_detector:
 * @self: a batch
 * @model: the batch's network, or another #FeclipModel made from the same files
 * @settings: the settings, as for feclip_detector_new()
 * @error: return location for an error
 *
 * Makes a detector that uses the batch's activations. It can also analyse
 * single frames, like any other detector.
 *
 * Returns: (transfer full): the detector, or %NULL with @error set
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
 * Checks whether the detector's next frame can share a run of the network with
 * other frames. Frames that are cut into tiles or compared with normal
 * references cannot; feclip_batch_analyse() runs the network for each of them
 * separately.
 *
 * Returns: %TRUE if the frame can share a run
 */
FECLIP_API
gboolean feclip_batch_can_join (FeclipBatch *self, FeclipDetector *detector);

/**
 * feclip_batch_get_activations_size:
 * @self: a batch
 *
 * Thread-safe; does not block.
 *
 * Returns: bytes of device memory that the activations take, which all
 *   detectors of the batch share
 */
FECLIP_API
guint64 feclip_batch_get_activations_size (FeclipBatch *self);

/**
 * FeclipBatchItem: (skip)
 * @detector: the detector of the frame's stream
 * @frame: the frame; only read, and not needed after the call
 * @result: (out) (transfer full): the result, or %NULL after an error
 * @error: (out) (transfer full): the error, or %NULL after success
 *
 * One frame of a batch. The caller sets @detector and @frame;
 * feclip_batch_analyse() sets @result or @error.
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
 * @n: number of items; it may exceed the batch's size
 *
 * Runs the network on all frames and blocks until the results are there. Each
 * item gets its own result or error: a frame that cannot be analysed does not
 * affect the others.
 */
FECLIP_API
void feclip_batch_analyse (FeclipBatch *self, FeclipBatchItem *items, guint n);

G_END_DECLS
