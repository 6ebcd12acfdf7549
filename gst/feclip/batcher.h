/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/batch.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/* One element's share in a batch: frames of all elements with the same network,
 * the same settings of it and the same size of batches go through the network
 * together. Whoever has a frame waits with it; the thread whose frame completes
 * a batch, or has waited long enough, runs it for all. Frames are held only for
 * those that may still come: not for elements that do not play, are flushing or
 * at the end of their stream, or whose frames are all there. Thread-safe. */
typedef struct _GstFeclipBatchClient GstFeclipBatchClient;

/* Joins the batch of @size that others share, or founds one, which takes a
 * while. @n_requests frames at a time come at most. It starts out stopped.
 * Fails with FECLIP_ERROR. */
GstFeclipBatchClient *gst_feclip_batch_client_new (FeclipModel *model,
                                                   FeclipSettings *settings,
                                                   guint size, guint n_requests,
                                                   GError **error);

/* The same with the numbers of another one, for what takes its place. */
GstFeclipBatchClient *
gst_feclip_batch_client_new_like (const GstFeclipBatchClient *other,
                                  FeclipModel *model, FeclipSettings *settings,
                                  GError **error);

/* NULL: nothing, in both. It leaves the batch with the last reference; no frame
 * of its may be waiting then. */
GstFeclipBatchClient *gst_feclip_batch_client_ref (GstFeclipBatchClient *self);
void gst_feclip_batch_client_unref (GstFeclipBatchClient *self);

/* Returns: (transfer full): a detector for gst_feclip_batch_client_analyse();
 * for NULL, one by itself */
FeclipDetector *
gst_feclip_batch_client_new_detector (GstFeclipBatchClient *self,
                                      FeclipModel *model,
                                      FeclipSettings *settings, GError **error);

/* Returns: bytes of device memory for the frames of a batch; 0 for NULL */
guint64
gst_feclip_batch_client_get_activations_size (GstFeclipBatchClient *self);

/* Returns: whether @detector's frames can go through the network with others */
gboolean gst_feclip_batch_client_takes (GstFeclipBatchClient *self,
                                        FeclipDetector *detector);

/* How a frame went through the network. */
typedef struct {
  guint frames;        /* that went together, itself included */
  GstClockTime queued; /* while the network ran for others, */
  GstClockTime waited; /* and for others while it was idle */
} GstFeclipBatchStats;

/* Analyses a frame with those of others, which it waits for while the network
 * is idle, but no longer than @timeout; GST_CLOCK_TIME_NONE: as long as it
 * takes. Blocks. Fails with FECLIP_ERROR. */
FeclipResult *gst_feclip_batch_client_analyse (GstFeclipBatchClient *self,
                                               FeclipDetector *detector,
                                               const FeclipFrame *frame,
                                               GstClockTime timeout,
                                               GstFeclipBatchStats *company,
                                               GError **error);

/* What follows does nothing to NULL. */

/* While not playing, and while stopped, its frames are not held, and nobody
 * waits for one. */
void gst_feclip_batch_client_set_playing (GstFeclipBatchClient *self,
                                          gboolean playing);
void gst_feclip_batch_client_set_stopped (GstFeclipBatchClient *self,
                                          gboolean stopped);

/* Until the next frame comes nobody shall wait for it. */
void gst_feclip_batch_client_set_idle (GstFeclipBatchClient *self);

/* The same from one to the other, as somebody waits for the frames that are
 * there. They may be nested. */
void gst_feclip_batch_client_begin_flush (GstFeclipBatchClient *self);
void gst_feclip_batch_client_end_flush (GstFeclipBatchClient *self);

G_END_DECLS
