/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "feclip/inference.h"
#include "feclip/stats.h"

G_BEGIN_DECLS

/* Most requests of one lane. */
#define GST_FECLIP_MAX_REQUESTS 64

/* Frames one behind the other, which leave in the order they came, while
 * threads of its own analyse up to a number of them at a time. One thread lets
 * frames in, one takes them out; any thread may do the rest.
 *
 * The number of frames in it is bounded, so that letting one in may wait until
 * one leaves. A flush or a stop ends every wait and discards all frames. */
typedef struct _GstFeclipFrameQueue GstFeclipFrameQueue;

/* Makes @n_requests requests, which takes a while. Their frames go through the
 * network with others by @member (transfer full) (nullable). It starts out
 * stopped. Fails with FECLIP_ERROR. */
GstFeclipFrameQueue *gst_feclip_frame_queue_new (FeclipModel *model,
                                                 FeclipSettings *settings,
                                                 guint n_requests,
                                                 GstFeclipBatchClient *member,
                                                 GError **error);

/* Stops it; no other thread may be using it. */
void gst_feclip_frame_queue_free (GstFeclipFrameQueue *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstFeclipFrameQueue, gst_feclip_frame_queue_free)

/* Opens @references and has every request compare with them. While stopped;
 * takes a while. Fails with FECLIP_ERROR. */
gboolean gst_feclip_frame_queue_open_references (
    GstFeclipFrameQueue *self, GstFeclipReferences *references,
    FeclipSettings *settings, GError **error);

void gst_feclip_frame_queue_start (GstFeclipFrameQueue *self);

/* Discards all frames and ends every wait; gst_feclip_frame_queue_pop() then
 * returns NULL and nothing is let in. */
void gst_feclip_frame_queue_stop (GstFeclipFrameQueue *self);

/* Waits until no analysis runs, also of frames that have left or been
 * discarded. */
void gst_feclip_frame_queue_wait_idle (GstFeclipFrameQueue *self);

/* While TRUE: as stopped, but gst_feclip_frame_queue_pop() waits. */
void gst_feclip_frame_queue_set_flushing (GstFeclipFrameQueue *self,
                                          gboolean flushing);

/* From now on frames are let in as @info says. */
void gst_feclip_frame_queue_set_info (GstFeclipFrameQueue *self,
                                      const GstVideoInfo *info);

guint gst_feclip_frame_queue_get_n_workers (GstFeclipFrameQueue *self);

/* Returns: whether frames go through the network with others */
gboolean gst_feclip_frame_queue_is_batched (const GstFeclipFrameQueue *self);

/* Joins or founds the batch for what takes the place of its network, as
 * gst_feclip_batch_client_new() does; nobody waits for frames there before
 * gst_feclip_frame_queue_change(). Of any thread.
 * Returns: (transfer full) (nullable): NULL without an error where frames go by
 * themselves */
GstFeclipBatchClient *gst_feclip_frame_queue_new_batch_client (
    GstFeclipFrameQueue *self, FeclipModel *model, FeclipSettings *settings,
    GError **error);

/* Whether the element plays. While not, nobody waits for its frames. */
void gst_feclip_frame_queue_set_playing (GstFeclipFrameQueue *self,
                                         gboolean playing);

/* Until the next frame comes nobody in its batch shall wait for it. */
void gst_feclip_frame_queue_set_idle (GstFeclipFrameQueue *self);

/* What runs and is held now. */
void gst_feclip_frame_queue_get_load (GstFeclipFrameQueue *self,
                                      GstFeclipLoad *load);

/* Lets a frame in behind the others, and has it analysed if its ticket says so.
 * Where no request is free for that, waits for one or, as its terms say, makes
 * it a ticket of the kind GST_FECLIP_FRAME_JOB_OVERLOAD.
 * @ticket (transfer full): freed on failure
 * @kind (out): what the ticket then is
 * Returns: GST_FLOW_OK, GST_FLOW_FLUSHING, or what the last frame that left met
 * with, once */
GstFlowReturn gst_feclip_frame_queue_push (GstFeclipFrameQueue *self,
                                           GstFeclipFrameJob *ticket,
                                           FeclipOrientation orientation,
                                           GstFeclipFrameJobKind *kind);

/* Analyses a frame that is not let in, in the calling thread. */
void gst_feclip_frame_queue_analyse (GstFeclipFrameQueue *self,
                                     GstFeclipFrameJob *ticket,
                                     FeclipOrientation orientation);

/* Has a frame that is not let in learnt, in the calling thread. Fails as
 * gst_feclip_inference_learn() does. */
gboolean gst_feclip_frame_queue_learn (GstFeclipFrameQueue *self,
                                       GstFeclipReferences *references,
                                       GstBuffer *buffer,
                                       FeclipOrientation orientation,
                                       GError **error);

/* Waits until no analysis runs and changes what is ignored from the next frame
 * on. Of the thread that lets in. Fails with FECLIP_ERROR. */
gboolean gst_feclip_frame_queue_update_regions (GstFeclipFrameQueue *self,
                                                FeclipSettings *settings,
                                                GError **error);

/* From the next frame that is let in, requests use @detectors, one each, which
 * @member has made where there are batches, and compare with the prompts of
 * @settings, which have been prepared; NULL: as before. Frames inside are not
 * waited for. Of the thread that lets in. */
void gst_feclip_frame_queue_change (GstFeclipFrameQueue *self,
                                    GPtrArray *detectors,
                                    GstFeclipBatchClient *member,
                                    FeclipSettings *settings);

/* Waits until the first frame may leave: it has what it waits for, or has
 * waited as long as its terms allow. In that case its ticket is made one of the
 * kind GST_FECLIP_FRAME_JOB_OVERLOAD and what is found later comes from
 * gst_feclip_frame_queue_take_late().
 * Returns: (transfer full) (nullable): its ticket, or NULL when stopped;
 * gst_feclip_frame_queue_done() follows */
GstFeclipFrameJob *gst_feclip_frame_queue_pop (GstFeclipFrameQueue *self);

/* The frame has left and met with @flow. If that is a failure, those behind it
 * are discarded. */
void gst_feclip_frame_queue_done (GstFeclipFrameQueue *self,
                                  GstFlowReturn flow);

/* Waits until all frames have left or been discarded. What a frame leaves
 * behind then belongs to the calling thread until it lets another one in.
 * Returns: FALSE if that was by a flush or a stop */
gboolean gst_feclip_frame_queue_drain (GstFeclipFrameQueue *self);

/* Returns: what the last frame that left met with, once */
GstFlowReturn gst_feclip_frame_queue_take_flow (GstFeclipFrameQueue *self);

/* Returns: (transfer full) (nullable): what was found in a frame that has left
 * already, in the order of their ends */
GstFeclipAnalysis *gst_feclip_frame_queue_take_late (GstFeclipFrameQueue *self);

/* Makes what is or will be found in frames that have left never be taken. */
void gst_feclip_frame_queue_forget_late (GstFeclipFrameQueue *self);

G_END_DECLS
