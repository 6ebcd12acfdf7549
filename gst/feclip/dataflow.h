/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstbasetransform.h>

#include "feclip/events/postprocess.h"
#include "feclip/frame_queue.h"
#include "feclip/latency.h"
#include "feclip/orientation.h"
#include "feclip/stats.h"
#include "feclip/last_result.h"

G_BEGIN_DECLS

/* The way of frames through the element, from what upstream pushes to what
 * downstream gets. With one request, and where frames wait for it, all of it
 * happens in the thread that brings them; else a task of the source pad lets
 * them out. Zeroed but for the element: closed. */
typedef struct {
  GstBaseTransform *element; /* whose this is */
  GstFeclipFrameQueue *lane; /* NULL: closed; changes under the object lock */

  /* Under the object lock. */
  GstFeclipStats stats;
  GstFeclipLatency latency;

  /* Of the thread that brings frames. */
  gboolean negotiated;
  GstFeclipFrameParams last_terms;
  GstFeclipOrientation orientation;
  guint64 n_tickets;
  gboolean analysed; /* a frame, since the beginning */
  guint age;         /* frames since then */
  gboolean learnt;   /* the frame that comes, which carries nothing */
  gboolean discont;  /* the base class dropped the frame before the next */

  int retry; /* atomic: an analysis failed, so that the next frame is due */

  /* Of the thread that lets frames out; of the other one when none is inside.
   */
  GstFeclipLastResult stream;

  GstFeclipPostprocess judge; /* says itself which thread has what */
} GstFeclipDataflow;

/* Takes @lane (transfer full) in place of the one before, NULL: none. When
 * stopped. */
void gst_feclip_dataflow_set_queue (GstFeclipDataflow *self,
                                    GstFeclipFrameQueue *lane);

/* When pads are activated. */
void gst_feclip_dataflow_start (GstFeclipDataflow *self);

/* Ends every wait and discards frames. Before pads are deactivated. */
void gst_feclip_dataflow_unblock (GstFeclipDataflow *self);

/* When pads are inactive: ends the task and all analyses. */
void gst_feclip_dataflow_stop (GstFeclipDataflow *self);

/* From now on frames are as @info says. */
void gst_feclip_dataflow_set_info (GstFeclipDataflow *self,
                                   const GstVideoInfo *info);

/* To be called before an event goes downstream: a serialized one finds no frame
 * inside. Returns: FALSE if it shall not go there */
gboolean gst_feclip_dataflow_before_event (GstFeclipDataflow *self,
                                           GstEvent *event);

/* To be called when FLUSH_STOP has gone downstream. */
void gst_feclip_dataflow_after_flush (GstFeclipDataflow *self);

/* Waits until no frame is inside. Returns: FALSE when flushing */
gboolean gst_feclip_dataflow_drain (GstFeclipDataflow *self);

/* Returns: FALSE if upstream knows no answer to the LATENCY query */
gboolean gst_feclip_dataflow_answer_latency (GstFeclipDataflow *self,
                                             GstQuery *query);

/* Lets @buffer (transfer full) in.
 * @out (out) (transfer full) (nullable): what to push, if it leaves by this
 * thread; only the buffer itself may have been copied, never its memory */
GstFlowReturn gst_feclip_dataflow_push (GstFeclipDataflow *self,
                                        GstBuffer *buffer,
                                        const GstFeclipFrameParams *terms,
                                        GstBuffer **out);

/* With the object lock held. Returns: (transfer full): the property "stats" */
GstStructure *gst_feclip_dataflow_get_stats (GstFeclipDataflow *self);

G_END_DECLS
