/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/frame.h>
#include <gst/base/gstbasetransform.h>

#include "feclip/events/postprocess.h"
#include "feclip/frame_queue.h"
#include "feclip/stats.h"

G_BEGIN_DECLS

/* How the frames of a stream are stored, from its image-orientation tags. A tag
 * of the stream scope takes precedence over one of the global scope. Zeroed: no
 * tag was seen. */
typedef struct {
  FeclipOrientation global;
  FeclipOrientation stream;
} GstFeclipOrientation;

/* What the element answers to the LATENCY query: an estimate until frames have
 * been measured, then the 95th percentile of their delays. It is only changed
 * when the delays have changed considerably, since the whole pipeline has to be
 * reconfigured. Zeroed: no latency. */
typedef struct {
  GstClockTime reported; /* without hold */
  GstClockTime hold;     /* limit of the wait for a batch to fill */
  gboolean queried;      /* before, no change needs to be announced */
  gboolean live;         /* as upstream answered last */
} GstFeclipLatency;

/* The latest result of a stream, with a cache of its defects. Zeroed: none. */
typedef struct {
  FeclipResult *result; /* NULL: none yet, or dropped */
  gboolean fresh;       /* it has not been attached to a frame */
  guint64 number;       /* of the frame's job */
  GstClockTime timestamp;
  guint width; /* of its frame, in pixels */
  guint height;
  GArray *defects; /* FeclipDefect; NULL: not searched for */
  double defects_threshold;
  double defects_min_area;
} GstFeclipLastResult;

/* The dataflow of the element: takes the buffers that arrive at the sink pad,
 * has them analysed, attaches the results and pushes them downstream. With one
 * worker that blocks, all of it happens in the thread that pushes to the sink
 * pad; otherwise a task of the source pad pushes downstream. Zeroed but for
 * element and references: closed. */
typedef struct {
  GstBaseTransform *element;       /* its owner */
  GstFeclipReferences *references; /* of the element */
  GstFeclipFrameQueue *queue; /* NULL: closed; changes under the object lock */

  /* Under the object lock. */
  GstFeclipStats stats;
  GstFeclipLatency latency;

  /* Of the thread that pushes to the sink pad. */
  gboolean negotiated;
  GstFeclipFrameParams last_params;
  GstFeclipOrientation orientation;
  guint64 n_jobs;
  gboolean analysed; /* a frame, since the last reset */
  guint age;         /* frames since then */
  gboolean learnt;   /* the current frame was added to the references */
  gboolean discont;  /* the base class dropped the frame before the next */

  int retry; /* atomic: an analysis failed, so the next frame is analysed */

  /* Of the thread that pushes downstream; of the other one while no frame is
   * queued. */
  GstFeclipLastResult last;

  GstFeclipPostprocess postprocess; /* its header says which thread may use
                                     * what */
} GstFeclipDataflow;

/* Replaces the queue by @queue (transfer full) (nullable), NULL: none. Only
 * while stopped. Frees the old one, which takes as long as its analyses. */
void gst_feclip_dataflow_set_queue (GstFeclipDataflow *self,
                                    GstFeclipFrameQueue *queue);

/* When pads are activated. */
void gst_feclip_dataflow_start (GstFeclipDataflow *self);

/* Ends every wait and discards frames. Before pads are deactivated. */
void gst_feclip_dataflow_unblock (GstFeclipDataflow *self);

/* When pads are inactive: stops the task and waits for running analyses. */
void gst_feclip_dataflow_stop (GstFeclipDataflow *self);

/* Sets the format of the frames that follow. */
void gst_feclip_dataflow_set_info (GstFeclipDataflow *self,
                                   const GstVideoInfo *info);

/* To be called before an event is forwarded downstream. Before a serialized
 * one, waits until no frame is queued.
 * Returns: FALSE if the event must not be forwarded */
gboolean gst_feclip_dataflow_before_event (GstFeclipDataflow *self,
                                           GstEvent *event);

/* To be called when FLUSH_STOP was forwarded. */
void gst_feclip_dataflow_after_flush (GstFeclipDataflow *self);

/* Waits until no frame is queued. Returns: FALSE when flushing or stopped */
gboolean gst_feclip_dataflow_drain (GstFeclipDataflow *self);

/* Returns: FALSE if upstream does not answer the LATENCY query */
gboolean gst_feclip_dataflow_answer_latency (GstFeclipDataflow *self,
                                             GstQuery *query);

/* Takes the next frame. Blocks while it is analysed or the queue is full.
 * @buffer: (transfer full)
 * @out: (out) (transfer full) (nullable): the buffer to push downstream from
 * this thread, with the same memory as @buffer; NULL: the task pushes it */
GstFlowReturn gst_feclip_dataflow_push (GstFeclipDataflow *self,
                                        GstBuffer *buffer,
                                        const GstFeclipFrameParams *params,
                                        GstBuffer **out);

/* Without the object lock. Returns: (transfer full): the property "stats" */
GstStructure *gst_feclip_dataflow_get_stats (GstFeclipDataflow *self);

G_END_DECLS
