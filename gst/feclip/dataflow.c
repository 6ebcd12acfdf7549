/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/dataflow.h"

#include "feclip/gstfeclip.h"
#include "plugin.h"
#include "feclip/messages.h"

#define GST_CAT_DEFAULT gst_feclip_debug

/* States */

void
gst_feclip_dataflow_set_queue (GstFeclipDataflow *self,
                               GstFeclipFrameQueue *lane)
{
  GstFeclipFrameQueue *before = NULL;

  GST_OBJECT_LOCK (self->element);
  before = self->lane;
  self->lane = lane;
  GST_OBJECT_UNLOCK (self->element);
  gst_feclip_frame_queue_free (before);
}

void
gst_feclip_dataflow_start (GstFeclipDataflow *self)
{
  GST_OBJECT_LOCK (self->element);
  self->stats = (GstFeclipStats){0};
  self->latency = (GstFeclipLatency){0};
  GST_OBJECT_UNLOCK (self->element);
  gst_feclip_frame_queue_start (self->lane);
}

void
gst_feclip_dataflow_unblock (GstFeclipDataflow *self)
{
  gst_feclip_frame_queue_stop (self->lane);
}

/* What comes next does not belong to what was, for @reason. */
static void
forget (GstFeclipDataflow *self, const char *reason)
{
  gst_feclip_postprocess_reset (&self->judge, self->element, reason);
  self->analysed = FALSE;
  gst_feclip_frame_queue_forget_late (self->lane);
  gst_feclip_last_result_forget (&self->stream);
}

void
gst_feclip_dataflow_stop (GstFeclipDataflow *self)
{
  gst_feclip_frame_queue_stop (self->lane);
  gst_pad_stop_task (GST_BASE_TRANSFORM_SRC_PAD (self->element));
  gst_feclip_frame_queue_wait_idle (self->lane);
  gst_feclip_postprocess_stop (&self->judge, self->element, "stopped");
  forget (self, "stopped");
  self->negotiated = FALSE;
  self->orientation = (GstFeclipOrientation){0};
}

gboolean
gst_feclip_dataflow_drain (GstFeclipDataflow *self)
{
  return gst_feclip_frame_queue_drain (self->lane);
}

/* For how long a frame may wait to be analysed with others. One that may wait
 * as long as it takes is no promise. */
static GstClockTime
get_hold (GstFeclipDataflow *self, GstClockTime timeout)
{
  return gst_feclip_frame_queue_is_batched (self->lane)
                 && GST_CLOCK_TIME_IS_VALID (timeout)
             ? timeout
             : 0;
}

/* Until frames have been measured: no more are held than are analysed at a
 * time, each for as long as it takes for the next one to come. */
static void
estimate_latency (GstFeclipDataflow *self, const GstVideoInfo *info)
{
  guint n = gst_feclip_frame_queue_get_n_workers (self->lane);
  GstClockTime timeout = 0, hold = 0;

  g_object_get (self->element, "batch-timeout", &timeout, NULL);
  hold = get_hold (self, timeout);
  GST_OBJECT_LOCK (self->element);
  self->latency.hold = hold;
  if (self->stats.delays.n == 0 && n > 1 && info->fps_n > 0 && info->fps_d > 0)
    self->latency.reported =
        gst_util_uint64_scale_ceil (n * GST_SECOND, info->fps_d, info->fps_n);
  GST_OBJECT_UNLOCK (self->element);
}

void
gst_feclip_dataflow_set_info (GstFeclipDataflow *self, const GstVideoInfo *info)
{
  gst_feclip_dataflow_drain (self);
  forget (self, "caps");
  gst_feclip_frame_queue_set_info (self->lane, info);
  estimate_latency (self, info);
  self->negotiated = TRUE;
}

/* Leaving */

static void
count_analysis (GstFeclipDataflow *self, const GstFeclipAnalysis *outcome,
                const FeclipVerdict *verdict)
{
  const GstFeclipAnalysisSample sample = {
      .batch_frames = outcome->company.frames,
      .analysis_time = outcome->analysis_time,
      .upload_time = outcome->upload_time,
      .network_time = outcome->network_time,
      .result_time = outcome->result_time,
      .score = verdict->result->score,
      .anomalous = verdict->anomalous,
      .late = !verdict->analysed,
  };

  GST_OBJECT_LOCK (self->element);
  gst_feclip_stats_add_analysis (&self->stats, &sample);
  GST_OBJECT_UNLOCK (self->element);
}

/* Counts what was found in a frame, and posts it. */
static void
report_analysis (GstFeclipDataflow *self, const GstFeclipAnalysis *outcome,
                 const FeclipVerdict *verdict, guint n_defects,
                 const GstFeclipFrameParams *terms)
{
  count_analysis (self, outcome, verdict);
  GST_LOG_OBJECT (self->element, "score %g, %u defects, in %" GST_TIME_FORMAT,
                  verdict->result->score, n_defects,
                  GST_TIME_ARGS (outcome->analysis_time));
  if (terms->post_messages)
    gst_feclip_post_verdict (GST_ELEMENT (self->element), &outcome->times,
                             verdict, n_defects, outcome->analysis_time);
}

/* Returns: FALSE when the network failed. A buffer that holds no frame is no
 * reason to stop the stream. */
static gboolean
take_failure (GstFeclipDataflow *self, const GError *error)
{
  g_atomic_int_set (&self->retry, TRUE);
  gst_feclip_last_result_forget (&self->stream);
  if (error->domain == GST_STREAM_ERROR) {
    GST_ELEMENT_WARNING (self->element, STREAM, FORMAT, ("%s", error->message),
                         (NULL));
    return TRUE;
  }
  gst_feclip_post_error (GST_ELEMENT (self->element), error);
  return FALSE;
}

/* What was found in a frame that has left already. */
static void
judge_late (GstFeclipDataflow *self, GstFeclipAnalysis *outcome,
            const GstFeclipFrameParams *terms)
{
  g_autoptr (FeclipVerdict) verdict = NULL;
  g_autoptr (GArray) defects = NULL;

  gst_feclip_postprocess_smooth (&self->judge, GST_ELEMENT (self->element),
                                 &outcome->times, &outcome->result);
  verdict = feclip_verdict_new (outcome->result, terms->threshold,
                                terms->pixel_threshold, FALSE);
  verdict->min_area = terms->min_area;
  defects = feclip_result_find_defects (
      outcome->result, outcome->width, outcome->height, terms->pixel_threshold);
  feclip_defects_drop_small (defects, outcome->width, outcome->height,
                             terms->min_area);
  gst_feclip_postprocess_decide (&self->judge, self->element, &outcome->times,
                                 TRUE, verdict, defects);
  gst_feclip_last_result_update (&self->stream, outcome);
  report_analysis (self, outcome, verdict, defects->len, terms);
}

/* Takes what was found in frames that have left already. Returns: FALSE when
 * the network failed */
static gboolean
take_late (GstFeclipDataflow *self, const GstFeclipFrameParams *terms)
{
  GstFeclipAnalysis *outcome = NULL;
  gboolean ok = TRUE;

  while (ok
         && (outcome = gst_feclip_frame_queue_take_late (self->lane)) != NULL) {
    if (outcome->error != NULL) {
      ok = take_failure (self, outcome->error);
    } else if (outcome->result != NULL) {
      judge_late (self, outcome, terms);
    }
    gst_feclip_analysis_free (outcome);
  }
  return ok;
}

/* Returns: (transfer full): @buffer (transfer full) with the latest result on
 * it */
static GstBuffer *
attach_latest (GstFeclipDataflow *self, GstBuffer *buffer,
               const GstFeclipFrameJob *ticket)
{
  GstFeclipLastResult *stream = &self->stream;
  const GstFeclipFrameParams *terms = &ticket->terms;
  gboolean analysed = ticket->outcome.result != NULL;
  const GArray *defects = gst_feclip_last_result_get_defects (
      stream, terms->pixel_threshold, terms->min_area);
  g_autoptr (FeclipVerdict) verdict = feclip_verdict_new (
      stream->latest, terms->threshold, terms->pixel_threshold, analysed);

  verdict->fresh = stream->fresh;
  verdict->min_area = terms->min_area;
  gst_feclip_postprocess_decide (&self->judge, self->element, &ticket->times,
                                 analysed, verdict, defects);
  if (!analysed)
    verdict->result_age =
        gst_feclip_last_result_get_age (stream, ticket->times.timestamp);
  buffer = gst_buffer_make_writable (buffer);
  feclip_verdict_attach (verdict, buffer, stream->width, stream->height,
                         defects);
  stream->fresh = FALSE;
  if (ticket->outcome.rois != NULL)
    gst_feclip_roi_list_write (buffer, ticket->outcome.rois, stream->width,
                               stream->height, terms->threshold);
  if (analysed)
    report_analysis (self, &ticket->outcome, verdict, defects->len, terms);
  return buffer;
}

static gboolean
carries_result (const GstFeclipLastResult *stream,
                const GstFeclipFrameJob *ticket)
{
  if (stream->latest == NULL)
    return FALSE;
  switch (ticket->kind) {
  case GST_FECLIP_FRAME_JOB_PASS:
  case GST_FECLIP_FRAME_JOB_INACTIVE:
    return FALSE;
  case GST_FECLIP_FRAME_JOB_OVERLOAD:
    /* Each result is on one frame at least. */
    return ticket->terms.on_overload == GST_FECLIP_OVERLOAD_REUSE_LAST
           || stream->fresh;
  default:
    return TRUE;
  }
}

static void
count_frame (GstFeclipDataflow *self, GstClockTime delay, GstClockTime hold,
             GstClockTime attaching)
{
  gboolean changed = FALSE;

  GST_OBJECT_LOCK (self->element);
  gst_feclip_stats_add_frame (&self->stats, delay, attaching);
  changed = gst_feclip_latency_update (&self->latency, &self->stats.delays,
                                       &self->stats.analyses, hold);
  GST_OBJECT_UNLOCK (self->element);
  if (changed)
    gst_element_post_message (
        GST_ELEMENT (self->element),
        gst_message_new_latency (GST_OBJECT (self->element)));
}

/* Returns: (transfer full) (nullable): what downstream gets for the frame, NULL
 * when the network failed */
static GstBuffer *
complete (GstFeclipDataflow *self, GstFeclipFrameJob *ticket)
{
  GstFeclipAnalysis *outcome = &ticket->outcome;
  g_autoptr (GstBuffer) buffer = g_steal_pointer (&ticket->buffer);
  GstClockTime begin = gst_util_get_timestamp (), took = 0;
  gboolean carries = FALSE;

  if (ticket->kind == GST_FECLIP_FRAME_JOB_INACTIVE) {
    gst_feclip_frame_queue_forget_late (self->lane);
    gst_feclip_last_result_forget (&self->stream);
    gst_feclip_postprocess_reset (&self->judge, self->element, "inactive");
  }
  if (!take_late (self, &ticket->terms))
    return NULL;
  if (outcome->error != NULL && !take_failure (self, outcome->error))
    return NULL;
  if (outcome->result != NULL) {
    gst_feclip_postprocess_smooth (&self->judge, GST_ELEMENT (self->element),
                                   &outcome->times, &outcome->result);
    gst_feclip_last_result_update (&self->stream, outcome);
  } else if (outcome->rois != NULL) { /* nothing there to look at */
    gst_feclip_last_result_forget (&self->stream);
  }
  carries = carries_result (&self->stream, ticket);
  if (carries)
    buffer = attach_latest (self, g_steal_pointer (&buffer), ticket);
  took = gst_util_get_timestamp () - begin;
  count_frame (self, ticket->ready - ticket->arrival + took,
               get_hold (self, ticket->terms.batch_timeout),
               carries ? took : GST_CLOCK_TIME_NONE);
  return g_steal_pointer (&buffer);
}

/* The source pad's task. */
static void
let_out (gpointer data)
{
  GstFeclipDataflow *self = data;
  GstPad *pad = GST_BASE_TRANSFORM_SRC_PAD (self->element);
  g_autoptr (GstFeclipFrameJob) ticket =
      gst_feclip_frame_queue_pop (self->lane);
  GstFlowReturn flow = GST_FLOW_ERROR;
  GstBuffer *buffer = NULL;

  if (ticket == NULL) {
    gst_pad_pause_task (pad);
    return;
  }
  buffer = complete (self, ticket);
  if (buffer != NULL)
    flow = gst_pad_push (pad, buffer);
  gst_feclip_frame_queue_done (self->lane, flow);
}

/* Events */

gboolean
gst_feclip_dataflow_before_event (GstFeclipDataflow *self, GstEvent *event)
{
  gboolean ok = TRUE;

  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_START)
    gst_feclip_frame_queue_set_flushing (self->lane, TRUE);
  if (!GST_EVENT_IS_SERIALIZED (event))
    return TRUE;

  ok = gst_feclip_dataflow_drain (self);
  switch (GST_EVENT_TYPE (event)) {
  case GST_EVENT_FLUSH_STOP:
    ok = TRUE;
    forget (self, "flush");
    break;
  case GST_EVENT_STREAM_START:
    forget (self, "stream-start");
    break;
  case GST_EVENT_SEGMENT:
    forget (self, "segment");
    break;
  case GST_EVENT_EOS:
    /* What is still found has no frame to go with, but is counted. */
    gst_feclip_frame_queue_wait_idle (self->lane);
    gst_feclip_frame_queue_set_idle (self->lane);
    take_late (self, &self->last_terms);
    gst_feclip_postprocess_stop (&self->judge, self->element, "eos");
    break;
  default:
    break;
  }
  gst_feclip_orientation_observe (&self->orientation, event);
  return ok;
}

void
gst_feclip_dataflow_after_flush (GstFeclipDataflow *self)
{
  gst_feclip_frame_queue_set_flushing (self->lane, FALSE);
}

gboolean
gst_feclip_dataflow_answer_latency (GstFeclipDataflow *self, GstQuery *query)
{
  if (!gst_pad_peer_query (GST_BASE_TRANSFORM_SINK_PAD (self->element), query))
    return FALSE;
  GST_OBJECT_LOCK (self->element);
  gst_feclip_latency_answer (&self->latency, query);
  GST_OBJECT_UNLOCK (self->element);
  return TRUE;
}

/* Arrival */

static gboolean
is_analysable (GstBuffer *buffer)
{
  return gst_buffer_get_size (buffer) > 0
         && !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP);
}

/* Has the frame learnt as normal if it is its turn, after those before it have
 * left. Returns: FALSE when the network failed */
static gboolean
learn (GstFeclipDataflow *self, GstBuffer *buffer,
       const GstFeclipFrameParams *terms)
{
  GstFeclipReferences *references =
      gst_feclip_get_references (GST_FECLIP (self->element));
  g_autoptr (GError) error = NULL;

  if (!terms->active || !is_analysable (buffer)
      || !gst_feclip_references_take_turn (references))
    return TRUE;
  self->learnt = gst_feclip_dataflow_drain (self);
  if (self->learnt
      && gst_feclip_frame_queue_learn (
          self->lane, references, buffer,
          gst_feclip_orientation_get (&self->orientation), &error))
    return TRUE;
  gst_feclip_references_return_turn (references);
  return error == NULL || take_failure (self, error);
}

static GstFeclipFrameJobKind
choose_kind (GstFeclipDataflow *self, GstBuffer *buffer,
             const GstFeclipFrameParams *terms)
{
  if (g_atomic_int_compare_and_exchange (&self->retry, TRUE, FALSE))
    self->analysed = FALSE;
  if (!terms->active) {
    self->analysed = FALSE;
    gst_feclip_frame_queue_set_idle (self->lane);
    return GST_FECLIP_FRAME_JOB_INACTIVE;
  }
  if (self->learnt)
    self->analysed = FALSE;
  if (self->learnt || !is_analysable (buffer)) {
    self->learnt = FALSE;
    return GST_FECLIP_FRAME_JOB_PASS;
  }
  if (self->age < G_MAXUINT)
    self->age++;
  return !self->analysed || self->age >= terms->interval
             ? GST_FECLIP_FRAME_JOB_ANALYSE
             : GST_FECLIP_FRAME_JOB_REUSE;
}

static GstFeclipFrameJob *
make_ticket (GstFeclipDataflow *self, GstBuffer *buffer,
             const GstFeclipFrameParams *terms)
{
  GstFeclipFrameJob *ticket = g_new (GstFeclipFrameJob, 1);

  *ticket = (GstFeclipFrameJob){
      .buffer = buffer,
      .kind = choose_kind (self, buffer, terms),
      .terms = *terms,
      .number = self->n_tickets++,
      .arrival = gst_util_get_timestamp (),
  };
  ticket->ready = ticket->arrival;
  gst_feclip_times_init (&ticket->times, buffer, &self->element->segment);
  return ticket;
}

/* Whether a frame leaves by the thread that brings it. */
static gboolean
is_immediate (GstFeclipDataflow *self, const GstFeclipFrameParams *terms)
{
  GstPad *pad = GST_BASE_TRANSFORM_SRC_PAD (self->element);

  return GST_PAD_MODE (pad) == GST_PAD_MODE_PULL
         || (gst_feclip_frame_queue_get_n_workers (self->lane) == 1
             && terms->on_overload == GST_FECLIP_OVERLOAD_BLOCK);
}

static void
note_analysis (GstFeclipDataflow *self, GstFeclipFrameJobKind kind)
{
  if (kind != GST_FECLIP_FRAME_JOB_ANALYSE)
    return;
  self->analysed = TRUE;
  self->age = 0;
}

static GstFlowReturn
pass_immediately (GstFeclipDataflow *self, GstFeclipFrameJob *ticket,
                  GstBuffer **out)
{
  gst_feclip_dataflow_drain (self);
  if (ticket->kind == GST_FECLIP_FRAME_JOB_ANALYSE)
    gst_feclip_frame_queue_analyse (
        self->lane, ticket, gst_feclip_orientation_get (&self->orientation));
  note_analysis (self, ticket->kind);
  *out = complete (self, ticket);
  return *out != NULL ? GST_FLOW_OK : GST_FLOW_ERROR;
}

static void
report_overload (GstFeclipDataflow *self, const GstFeclipTimes *times)
{
  GstMessage *message = NULL;
  guint64 analysed = 0, overloaded = 0;
  gboolean live = FALSE;

  GST_OBJECT_LOCK (self->element);
  overloaded = ++self->stats.overloaded;
  analysed = self->stats.analysed;
  live = self->latency.live;
  GST_OBJECT_UNLOCK (self->element);
  message = gst_message_new_qos (GST_OBJECT (self->element), live,
                                 times->running_time, times->stream_time,
                                 times->timestamp, times->duration);
  gst_message_set_qos_stats (message, GST_FORMAT_BUFFERS, analysed, overloaded);
  gst_element_post_message (GST_ELEMENT (self->element), message);
}

/* The base class marks what follows a frame that it dropped, but only on its
 * own way out. */
static GstBuffer *
mark_discont (GstFeclipDataflow *self, GstBuffer *buffer)
{
  if (self->discont) {
    buffer = gst_buffer_make_writable (buffer);
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  }
  return buffer;
}

GstFlowReturn
gst_feclip_dataflow_push (GstFeclipDataflow *self, GstBuffer *buffer,
                          const GstFeclipFrameParams *terms, GstBuffer **out)
{
  GstFeclipFrameJob *ticket = NULL;
  GstFeclipFrameJobKind kind = GST_FECLIP_FRAME_JOB_PASS;
  GstFlowReturn flow = GST_FLOW_OK;
  GstFeclipTimes times;

  self->last_terms = *terms;
  if (!learn (self, buffer, terms)) {
    gst_buffer_unref (buffer);
    return GST_FLOW_ERROR;
  }
  if (is_immediate (self, terms)) {
    g_autoptr (GstFeclipFrameJob) own = make_ticket (self, buffer, terms);

    self->discont = FALSE;
    flow = gst_feclip_frame_queue_take_flow (self->lane);
    return flow == GST_FLOW_OK ? pass_immediately (self, own, out) : flow;
  }
  buffer = mark_discont (self, buffer);
  self->discont = FALSE;
  ticket = make_ticket (self, buffer, terms);
  times = ticket->times;
  flow = gst_feclip_frame_queue_push (
      self->lane, ticket, gst_feclip_orientation_get (&self->orientation),
      &kind);
  if (flow != GST_FLOW_OK)
    return flow;
  note_analysis (self, kind);
  if (kind == GST_FECLIP_FRAME_JOB_OVERLOAD)
    report_overload (self, &times);
  gst_pad_start_task (GST_BASE_TRANSFORM_SRC_PAD (self->element), let_out, self,
                      NULL);
  return GST_FLOW_OK;
}

GstStructure *
gst_feclip_dataflow_get_stats (GstFeclipDataflow *self)
{
  GstFeclipLoad load = {0};

  if (self->lane != NULL)
    gst_feclip_frame_queue_get_load (self->lane, &load);
  return gst_feclip_stats_to_structure (&self->stats, &load);
}
