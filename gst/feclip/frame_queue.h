/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/detector.h>
#include <gst/video/video.h>

#include "feclip/batcher.h"
#include "feclip/events/event_detector.h"
#include "feclip/references.h"
#include "feclip/stats.h"

G_BEGIN_DECLS

/* The most workers of a queue. */
#define GST_FECLIP_MAX_WORKERS 64

/* What happens to a frame that arrives while all workers are busy. */
typedef enum {
  GST_FECLIP_OVERLOAD_BLOCK,
  GST_FECLIP_OVERLOAD_SKIP,
  GST_FECLIP_OVERLOAD_REUSE_LAST,
} GstFeclipOverload;

/* Which part of a frame is analysed. */
typedef enum {
  GST_FECLIP_INFERENCE_REGION_FULL_FRAME,
  GST_FECLIP_INFERENCE_REGION_ROI_LIST,
} GstFeclipInferenceRegion;

/* The values of the element's properties that apply to one frame, read when it
 * arrives. */
typedef struct {
  double threshold;
  double pixel_threshold;
  double min_area;
  guint interval;
  GstFeclipInferenceRegion region;
  gboolean active;
  gboolean post_messages;
  GstFeclipOverload on_overload;
  GstClockTime max_delay; /* limit of the wait for a result, unless
                           * on_overload is BLOCK */
  GstClockTime batch_timeout;
} GstFeclipFrameParams;

/* The result of an analysis. Zeroed: not analysed. */
typedef struct {
  FeclipResult *result; /* NULL: it failed, or there was no region */
  GPtrArray *rois;      /* FeclipResult of each region; NULL: full frame */
  /* NULL: no error. GST_STREAM_ERROR: the buffer does not hold a frame;
   * FECLIP_ERROR: the network failed; G_THREAD_ERROR: no thread could be
   * started for it. */
  GError *error;
  guint width; /* of the frame, in pixels */
  guint height;
  GstFeclipBatchStats batch;
  /* Without the wait for other frames of a batch; the sum of those below. */
  GstClockTime analysis_time;
  GstClockTime upload_time; /* to map or convert and to copy the frame */
  GstClockTime network_time;
  GstClockTime result_time; /* to read back and merge the results */
  guint64 number;           /* of the frame's job */
  GstFeclipTimes times;
} GstFeclipAnalysis;

void gst_feclip_analysis_clear (GstFeclipAnalysis *self);

/* NULL: nothing to free. */
void gst_feclip_analysis_free (GstFeclipAnalysis *self);

/* What is attached to a frame when it is pushed. */
typedef enum {
  GST_FECLIP_FRAME_JOB_PASS,     /* nothing */
  GST_FECLIP_FRAME_JOB_INACTIVE, /* nothing; earlier results are dropped */
  GST_FECLIP_FRAME_JOB_REUSE,    /* the latest result */
  GST_FECLIP_FRAME_JOB_ANALYSE,  /* its own result */
  GST_FECLIP_FRAME_JOB_OVERLOAD, /* it was not analysed, or not in time: what
                                  * its on_overload says */
} GstFeclipFrameJobKind;

/* A frame from its arrival until it is pushed. */
typedef struct {
  GstBuffer *buffer;
  GstFeclipFrameJobKind kind;
  GstFeclipFrameParams params;
  FeclipOrientation orientation;
  GstFeclipTimes times;
  guint64 number;             /* larger for later frames */
  GstClockTime arrival;       /* as gst_util_get_timestamp() */
  GstClockTime ready;         /* when it could be pushed, in the same clock */
  GstFeclipAnalysis analysis; /* valid when the analysis is over */
  gpointer worker; /* of the queue: the worker that analyses it, NULL: none */
} GstFeclipFrameJob;

/* NULL: nothing to free. No worker may be analysing the frame. */
void gst_feclip_frame_job_free (GstFeclipFrameJob *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstFeclipFrameJob, gst_feclip_frame_job_free)

/* A queue of frames, which are popped in the order they were pushed, and a pool
 * of workers that analyse several of them at a time. A worker has a detector, a
 * frame reader and, once it is needed, a thread.
 *
 * The pushing thread and the popping thread are one each, and may be the same;
 * functions that name neither can be called from any thread. The number of
 * queued frames is bounded, so that a push may block until a frame has left.
 * Flushing or stopping ends every wait and discards all frames. */
typedef struct _GstFeclipFrameQueue GstFeclipFrameQueue;

/* Creates @n_workers detectors, which takes seconds. With @batch_client
 * (transfer full) (nullable) frames share runs of the network with those of
 * other elements. The queue starts out stopped. Fails with FECLIP_ERROR. */
GstFeclipFrameQueue *
gst_feclip_frame_queue_new (FeclipModel *model, FeclipSettings *settings,
                            guint n_workers, GstFeclipBatchClient *batch_client,
                            GError **error);

/* Stops it and joins its threads; no other thread may be using it. NULL:
 * nothing to free. */
void gst_feclip_frame_queue_free (GstFeclipFrameQueue *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstFeclipFrameQueue, gst_feclip_frame_queue_free)

/* Opens @references and attaches them to the detector of every worker. Only
 * while stopped; takes as long as running the network on the reference images.
 * Fails with FECLIP_ERROR. */
gboolean gst_feclip_frame_queue_open_references (
    GstFeclipFrameQueue *self, GstFeclipReferences *references,
    FeclipSettings *settings, GError **error);

void gst_feclip_frame_queue_start (GstFeclipFrameQueue *self);

/* Discards all frames and ends every wait: gst_feclip_frame_queue_pop() then
 * returns NULL and pushes fail with GST_FLOW_FLUSHING. Analyses that run go
 * on. */
void gst_feclip_frame_queue_stop (GstFeclipFrameQueue *self);

/* Waits until no analysis runs, including those of frames that were popped or
 * discarded. */
void gst_feclip_frame_queue_wait_idle (GstFeclipFrameQueue *self);

/* While @flushing, as stopped, but gst_feclip_frame_queue_pop() waits. */
void gst_feclip_frame_queue_set_flushing (GstFeclipFrameQueue *self,
                                          gboolean flushing);

/* Sets the format of the frames that are pushed from now on. From the pushing
 * thread. */
void gst_feclip_frame_queue_set_info (GstFeclipFrameQueue *self,
                                      const GstVideoInfo *info);

guint gst_feclip_frame_queue_get_n_workers (GstFeclipFrameQueue *self);

/* Returns: whether frames are analysed in batches */
gboolean gst_feclip_frame_queue_is_batched (const GstFeclipFrameQueue *self);

/* Creates a batch client for a @model that will replace the queue's own, with
 * the same batch size. It counts as stopped until
 * gst_feclip_frame_queue_change().
 * Returns: (transfer full) (nullable): NULL without an error if frames are not
 * analysed in batches */
GstFeclipBatchClient *gst_feclip_frame_queue_new_batch_client (
    GstFeclipFrameQueue *self, FeclipModel *model, FeclipSettings *settings,
    GError **error);

/* Whether the element is PLAYING. If not, batches do not wait for its
 * frames. */
void gst_feclip_frame_queue_set_playing (GstFeclipFrameQueue *self,
                                         gboolean playing);

/* Tells the batch not to wait for a frame of this queue until the next one is
 * analysed. */
void gst_feclip_frame_queue_set_idle (GstFeclipFrameQueue *self);

/* Fills what needs no query of the device: in_flight and activations_memory.
 * Returns: (transfer full): the model, to query the rest of without a lock */
FeclipModel *gst_feclip_frame_queue_get_load (GstFeclipFrameQueue *self,
                                              GstFeclipLoad *load);

/* Appends a frame and starts its analysis if its kind is ANALYSE. Blocks while
 * the queue is full. If all workers are busy, waits for one or, depending on
 * on_overload, changes the kind to OVERLOAD. From the pushing thread.
 * @job: (transfer full): freed on failure
 * @kind: (out): the kind that the job then has
 * Returns: GST_FLOW_OK, GST_FLOW_FLUSHING, or the flow of the last frame that
 * was pushed downstream, see gst_feclip_frame_queue_take_flow() */
GstFlowReturn gst_feclip_frame_queue_push (GstFeclipFrameQueue *self,
                                           GstFeclipFrameJob *job,
                                           GstFeclipFrameJobKind *kind);

/* Analyses a frame that is not pushed, in the calling thread, which must be the
 * pushing one. Blocks. */
void gst_feclip_frame_queue_analyse (GstFeclipFrameQueue *self,
                                     GstFeclipFrameJob *job);

/* Adds a frame that is not pushed to @references, in the calling thread, which
 * must be the pushing one. Blocks. Fails with GST_STREAM_ERROR if the buffer
 * does not hold a frame, else with FECLIP_ERROR. */
gboolean gst_feclip_frame_queue_learn (GstFeclipFrameQueue *self,
                                       GstFeclipReferences *references,
                                       GstBuffer *buffer,
                                       FeclipOrientation orientation,
                                       GError **error);

/* Waits until no analysis runs, then applies the regions of @settings, which
 * take effect with the next frame. From the pushing thread. Fails with
 * FECLIP_ERROR. */
gboolean gst_feclip_frame_queue_update_regions (GstFeclipFrameQueue *self,
                                                FeclipSettings *settings,
                                                GError **error);

/* What replaces what the workers use. */
typedef struct {
  GPtrArray *detectors; /* FeclipDetector, one for each worker; NULL: keep */
  GstFeclipBatchClient *batch_client; /* that created them; NULL: no batches */
  FeclipSettings *settings; /* whose prompts, already prepared, are used from
                             * now on; NULL: keep */
} GstFeclipFrameQueueChange;

/* Applies @change, which takes effect with the next frame that is pushed; does
 * not wait for running analyses. Replaced objects of idle workers and of the
 * queue are added to @retired (nullable without detectors), see retired.h;
 * those of a busy worker are released by its own thread when its analysis is
 * over. From the pushing thread. */
void gst_feclip_frame_queue_change (GstFeclipFrameQueue *self,
                                    const GstFeclipFrameQueueChange *change,
                                    GPtrArray *retired);

/* Waits until the first frame can be pushed downstream: its analysis is over,
 * or it has waited as long as its max_delay allows. In the latter case its kind
 * becomes OVERLOAD and its result is returned by
 * gst_feclip_frame_queue_take_late() later. From the popping thread.
 * Returns: (transfer full) (nullable): NULL when stopped;
 * gst_feclip_frame_queue_done() must follow otherwise */
GstFeclipFrameJob *gst_feclip_frame_queue_pop (GstFeclipFrameQueue *self);

/* The popped frame was pushed downstream with the result @flow. If that is a
 * failure, the frames behind it are discarded. From the popping thread. */
void gst_feclip_frame_queue_done (GstFeclipFrameQueue *self,
                                  GstFlowReturn flow);

/* Waits until all frames were pushed downstream or discarded. The state of the
 * popping thread then belongs to the calling one, which must be the pushing
 * one, until it pushes again.
 * Returns: FALSE if a flush or a stop ended the wait */
gboolean gst_feclip_frame_queue_drain (GstFeclipFrameQueue *self);

/* Returns: GST_FLOW_FLUSHING, or the flow of the last frame that was pushed
 * downstream, which is reset to GST_FLOW_OK */
GstFlowReturn gst_feclip_frame_queue_take_flow (GstFeclipFrameQueue *self);

/* Returns: (transfer full) (nullable): the analysis of a frame that was popped
 * without it; in the order they ended */
GstFeclipAnalysis *gst_feclip_frame_queue_take_late (GstFeclipFrameQueue *self);

/* Drops late analyses, including those that still run. */
void gst_feclip_frame_queue_drop_late (GstFeclipFrameQueue *self);

G_END_DECLS
