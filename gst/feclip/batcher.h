/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/batch.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/* An element's client of a batch that elements share: frames of all elements
 * with the same network, the same settings of it and the same batch size go
 * through the network together. A thread with a frame waits with it; the thread
 * whose frame completes the batch, or whose frame has waited long enough, runs
 * the network for all. Frames wait only for clients that may still send one:
 * not for elements that do not play, that are flushing or at the end of their
 * stream, nor for those whose frames are all waiting already. Thread-safe. */
typedef struct _GstFeclipBatchClient GstFeclipBatchClient;

/* Joins the shared batch of @size, or creates it, which takes a while. Blocks
 * while another thread creates the same batch, not while one creates another
 * batch. The client sends at most @n_requests frames at a time. It starts out
 * stopped. Fails with FECLIP_ERROR. */
GstFeclipBatchClient *gst_feclip_batch_client_new (FeclipModel *model,
                                                   FeclipSettings *settings,
                                                   guint size, guint n_requests,
                                                   GError **error);

/* Like gst_feclip_batch_client_new(), with the size and the number of requests
 * of @other, which the new client is going to replace. */
GstFeclipBatchClient *
gst_feclip_batch_client_new_like (const GstFeclipBatchClient *other,
                                  FeclipModel *model, FeclipSettings *settings,
                                  GError **error);

/* Both do nothing to NULL. The client leaves the batch with its last reference;
 * none of its frames may be waiting then. */
GstFeclipBatchClient *gst_feclip_batch_client_ref (GstFeclipBatchClient *self);
void gst_feclip_batch_client_unref (GstFeclipBatchClient *self);

/* @self: NULL: makes a detector that belongs to no batch
 * Returns: (transfer full): a detector for gst_feclip_batch_client_analyse() */
FeclipDetector *
gst_feclip_batch_client_new_detector (GstFeclipBatchClient *self,
                                      FeclipModel *model,
                                      FeclipSettings *settings, GError **error);

/* Returns: bytes of device memory for the activations of a batch; 0 for NULL */
guint64
gst_feclip_batch_client_get_activations_size (GstFeclipBatchClient *self);

/* Returns: whether the network can run on @detector's frames together with
 * others */
gboolean gst_feclip_batch_client_takes (GstFeclipBatchClient *self,
                                        FeclipDetector *detector);

/* How one frame went through the network. */
typedef struct {
  guint frames;        /* in the same run, this frame included */
  GstClockTime queued; /* time spent waiting while the network ran, */
  GstClockTime waited; /* and time spent waiting for others while it was idle */
} GstFeclipBatchStats;

/* Analyses a frame in one run with those of others. While the network is idle
 * it waits for them for at most @timeout; GST_CLOCK_TIME_NONE: without a limit.
 * @stats (out): filled in, even on failure
 * Blocks. Fails with FECLIP_ERROR. */
FeclipResult *gst_feclip_batch_client_analyse (GstFeclipBatchClient *self,
                                               FeclipDetector *detector,
                                               const FeclipFrame *frame,
                                               GstClockTime timeout,
                                               GstFeclipBatchStats *stats,
                                               GError **error);

/* The following functions do nothing to NULL. */

/* A client that does not play, or that is stopped, neither lets its own frames
 * wait for others nor others for its frames. */
void gst_feclip_batch_client_set_playing (GstFeclipBatchClient *self,
                                          gboolean playing);
void gst_feclip_batch_client_set_stopped (GstFeclipBatchClient *self,
                                          gboolean stopped);

/* Others do not wait for this client until it sends its next frame. */
void gst_feclip_batch_client_set_idle (GstFeclipBatchClient *self);

/* At most @n of its frames can be waiting before one of them has been analysed:
 * others do not wait for a further one. It starts out with all its requests. */
void gst_feclip_batch_client_set_limit (GstFeclipBatchClient *self, guint n);

/* Between the two the client's frames do not wait for others, because somebody
 * waits until they are analysed. Calls may be nested. */
void gst_feclip_batch_client_begin_flush (GstFeclipBatchClient *self);
void gst_feclip_batch_client_end_flush (GstFeclipBatchClient *self);

G_END_DECLS
