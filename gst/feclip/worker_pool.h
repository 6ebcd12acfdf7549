/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "feclip/inference.h"

G_BEGIN_DECLS

typedef struct _GstFeclipWorkerPool GstFeclipWorkerPool;

/* A request and the thread that serves it. */
typedef struct {
  GstFeclipInference request; /* of who made it busy */
  GstFeclipFrameInput view;   /* of the thread while busy; no buffer: no work */
  GstFeclipWorkerPool *crew;
  GThread *thread; /* NULL until it is needed */

  /* Under the crew's lock. */
  gboolean busy;
  GstFeclipFrameJob
      *ticket;     /* of the frame, NULL: it has left or is discarded */
  gboolean wanted; /* without a ticket: the result still is */
  guint64 number;
  GstFeclipTimes times;
  FeclipDetector *detector;     /* to go on with after the analysis, or NULL */
  GstFeclipBatchClient *member; /* that it was made by, or NULL */
  FeclipSettings *settings;     /* whose prompts then count, or NULL */
} GstFeclipWorker;

/* All that analyse the frames of one lane, with what they and the lane tell
 * each other under one lock. Functions need that lock held, but for those that
 * say otherwise. */
struct _GstFeclipWorkerPool {
  GstFeclipWorker *workers;
  guint n_workers;

  GMutex lock;
  GCond changed; /* whatever others may wait for */
  GQueue late;   /* outcomes of frames that left before */
  gboolean quit; /* threads shall end */
};

/* Makes @n_workers requests, as gst_feclip_inference_init() does. Without the
 * lock. gst_feclip_worker_pool_clear() follows, also on failure. */
gboolean gst_feclip_worker_pool_init (GstFeclipWorkerPool *self,
                                      FeclipModel *model,
                                      FeclipSettings *settings, guint n_workers,
                                      GstFeclipBatchClient *member,
                                      GError **error);

/* Ends the threads. Without the lock. */
void gst_feclip_worker_pool_clear (GstFeclipWorkerPool *self);

/* Returns: (transfer none) (nullable): one that is not busy */
GstFeclipWorker *gst_feclip_worker_pool_find_idle (GstFeclipWorkerPool *self);

/* Makes an idle one busy with a frame: takes from it what must not wait, see
 * gst_feclip_inference_take(), for which the lock is given up meanwhile.
 * gst_feclip_worker_assign() or gst_feclip_worker_release() follows. */
void gst_feclip_worker_take (GstFeclipWorker *self,
                             const GstFeclipFrameInput *view);

/* Has it analyse the ticket's frame, which it took. */
void gst_feclip_worker_assign (GstFeclipWorker *self, GstFeclipFrameJob *ticket,
                               const GstFeclipFrameInput *view);

/* Makes a busy one idle that analyses nothing. */
void gst_feclip_worker_release (GstFeclipWorker *self);

/* The ticket's frame, if it is being analysed, goes its way without its result.
 * @wanted: whether that still goes to late */
void gst_feclip_worker_pool_detach (GstFeclipFrameJob *ticket, gboolean wanted);

/* Takes over what waits for that, detector, member and settings. It is busy but
 * analyses nothing; the lock is given up meanwhile. */
void gst_feclip_worker_catch_up (GstFeclipWorker *self);

G_END_DECLS
