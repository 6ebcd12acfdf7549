/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/dataflow.h"

#include "feclip/roi.h"
#include "plugin.h"

#define GST_CAT_DEFAULT gst_feclip_debug

/* The latency covers this share of the delays. */
#define LATENCY_PERCENT 95

/* Frames between two updates, as sorting the delays takes a while. */
#define LATENCY_INTERVAL 16

/* Latencies that differ by less are equal. */
#define LATENCY_TOLERANCE (2 * GST_MSECOND)

/* The latest result */

/* The next frame is one without a result, until one is analysed. */
static void
last_result_clear (GstFeclipLastResult *self)
{
  g_clear_pointer (&self->result, feclip_result_unref);
  g_clear_pointer (&self->defects, g_array_unref);
  *self = (GstFeclipLastResult){0};
}

/* Keeps what it has if that is of a later frame. */
static void
last_result_update (GstFeclipLastResult *self,
                    const GstFeclipAnalysis *analysis)
{
  if (self->result != NULL && analysis->number < self->number)
    return;
  last_result_clear (self);
  self->result = feclip_result_ref (analysis->result);
  self->fresh = TRUE;
  self->number = analysis->number;
  self->timestamp = analysis->times.timestamp;
  self->width = analysis->width;
  self->height = analysis->height;
}

/* Returns: the time between its frame and one at @timestamp, or
 * GST_CLOCK_TIME_NONE if a timestamp is missing */
static GstClockTime
last_result_get_age (const GstFeclipLastResult *self, GstClockTime timestamp)
{
  GstClockTimeDiff age = 0;

  if (!GST_CLOCK_TIME_IS_VALID (timestamp)
      || !GST_CLOCK_TIME_IS_VALID (self->timestamp))
    return GST_CLOCK_TIME_NONE;
  /* Backwards in reverse playback. */
  age = GST_CLOCK_DIFF (self->timestamp, timestamp);
  return (GstClockTime)ABS (age);
}

/* Returns: (transfer none): its defects of at least @min_area, the one with the
 * largest confidence first; searched for only if a limit has changed */
static const GArray *
last_result_get_defects (GstFeclipLastResult *self, double pixel_threshold,
                         double min_area)
{
  if (self->defects != NULL && self->defects_threshold == pixel_threshold
      && self->defects_min_area == min_area)
    return self->defects;
  g_clear_pointer (&self->defects, g_array_unref);
  self->defects = feclip_result_find_defects (self->result, self->width,
                                              self->height, pixel_threshold);
  feclip_defects_drop_small (self->defects, self->width, self->height,
                             min_area);
  self->defects_threshold = pixel_threshold;
  self->defects_min_area = min_area;
  return self->defects;
}

/* Orientation */

static void
orientation_observe (GstFeclipOrientation *self, GstEvent *event)
{
  static const FeclipOrientation by_method[] = {
      [GST_VIDEO_ORIENTATION_IDENTITY] = FECLIP_ORIENTATION_UPRIGHT,
      [GST_VIDEO_ORIENTATION_90R] = FECLIP_ORIENTATION_ROTATE_90_CW,
      [GST_VIDEO_ORIENTATION_180] = FECLIP_ORIENTATION_ROTATED_180,
      [GST_VIDEO_ORIENTATION_90L] = FECLIP_ORIENTATION_ROTATE_90_CCW,
      [GST_VIDEO_ORIENTATION_HORIZ] = FECLIP_ORIENTATION_MIRRORED,
      [GST_VIDEO_ORIENTATION_VERT] = FECLIP_ORIENTATION_FLIPPED,
      [GST_VIDEO_ORIENTATION_UL_LR] = FECLIP_ORIENTATION_TRANSPOSED,
      [GST_VIDEO_ORIENTATION_UR_LL] = FECLIP_ORIENTATION_TRANSVERSED,
  };
  GstVideoOrientationMethod method;
  GstTagList *tags = NULL;

  if (GST_EVENT_TYPE (event) == GST_EVENT_STREAM_START)
    self->stream = FECLIP_ORIENTATION_UNKNOWN;
  if (GST_EVENT_TYPE (event) != GST_EVENT_TAG)
    return;
  gst_event_parse_tag (event, &tags);
  if (!gst_video_orientation_from_tag (tags, &method)
      || (guint)method >= G_N_ELEMENTS (by_method))
    return;
  if (gst_tag_list_get_scope (tags) == GST_TAG_SCOPE_GLOBAL)
    self->global = by_method[method];
  else
    self->stream = by_method[method];
}

static FeclipOrientation
orientation_get (const GstFeclipOrientation *self)
{
  return self->stream != FECLIP_ORIENTATION_UNKNOWN ? self->stream
                                                    : self->global;
}

/* Latency */

/* The limit of the wait for a batch to fill. Without a limit nothing can be
 * promised. */
static GstClockTime
get_hold (GstFeclipDataflow *self, GstClockTime timeout)
{
  return gst_feclip_frame_queue_is_batched (self->queue)
                 && GST_CLOCK_TIME_IS_VALID (timeout)
             ? timeout
             : 0;
}

/* Until frames have been measured: as many frames are queued as are analysed at
 * a time, each until the next one arrives. */
static void
estimate_latency (GstFeclipDataflow *self, const GstVideoInfo *info)
{
  guint n = gst_feclip_frame_queue_get_n_workers (self->queue);
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

/* Applies what was measured, with the object lock held. Frames may be held back
 * for @hold even if the last ones were not.
 * Returns: whether a latency message has to be posted */
static gboolean
update_latency (GstFeclipDataflow *self, GstClockTime hold)
{
  GstFeclipLatency *latency = &self->latency;
  const GstFeclipDurationWindow *delays = &self->stats.delays;
  GstClockTime now = 0;
  gboolean more = FALSE, less = FALSE, held = hold != latency->hold;

  latency->hold = hold;
  /* The first delay replaces the estimate if it is above it. The latency is
   * lowered only when all delays that are remembered are small. */
  if (delays->n != 1 && delays->n % LATENCY_INTERVAL != 0)
    return latency->queried && held;
  now = gst_feclip_duration_window_get_percentile (delays, LATENCY_PERCENT);
  if (hold > 0)
    now = MAX (now - MIN (now, hold),
               gst_feclip_duration_window_get_percentile (&self->stats.analyses,
                                                          LATENCY_PERCENT));
  more =
      now > latency->reported + MAX (latency->reported / 4, LATENCY_TOLERANCE);
  less = delays->n >= GST_FECLIP_N_DURATIONS
         && now + LATENCY_TOLERANCE < latency->reported / 2;
  if (more || less)
    latency->reported =
        gst_util_uint64_scale_ceil (now, 1, GST_MSECOND) * GST_MSECOND;
  return latency->queried && (more || less || held);
}

gboolean
gst_feclip_dataflow_answer_latency (GstFeclipDataflow *self, GstQuery *query)
{
  GstFeclipLatency *latency = &self->latency;
  GstClockTime min = 0, max = 0, own = 0;

  if (!gst_pad_peer_query (GST_BASE_TRANSFORM_SINK_PAD (self->element), query))
    return FALSE;
  GST_OBJECT_LOCK (self->element);
  own = latency->reported + latency->hold;
  latency->queried = TRUE;
  gst_query_parse_latency (query, &latency->live, &min, &max);
  min += own;
  if (GST_CLOCK_TIME_IS_VALID (max))
    max += own;
  gst_query_set_latency (query, latency->live, min, max);
  GST_OBJECT_UNLOCK (self->element);
  return TRUE;
}

/* States */

void
gst_feclip_dataflow_set_queue (GstFeclipDataflow *self,
                               GstFeclipFrameQueue *queue)
{
  GstFeclipFrameQueue *before = NULL;

  GST_OBJECT_LOCK (self->element);
  before = self->queue;
  self->queue = queue;
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
  gst_feclip_frame_queue_start (self->queue);
}

void
gst_feclip_dataflow_unblock (GstFeclipDataflow *self)
{
  gst_feclip_frame_queue_stop (self->queue);
}

/* The next frame has nothing to do with those before it, for @reason. */
static void
reset (GstFeclipDataflow *self, const char *reason)
{
  gst_feclip_postprocess_reset (&self->postprocess, self->element, reason);
  self->analysed = FALSE;
  gst_feclip_frame_queue_drop_late (self->queue);
  last_result_clear (&self->last);
}

void
gst_feclip_dataflow_stop (GstFeclipDataflow *self)
{
  gst_feclip_frame_queue_stop (self->queue);
  gst_pad_stop_task (GST_BASE_TRANSFORM_SRC_PAD (self->element));
  gst_feclip_frame_queue_wait_idle (self->queue);
  gst_feclip_postprocess_stop (&self->postprocess, self->element, "stopped");
  reset (self, "stopped");
  self->negotiated = FALSE;
  self->orientation = (GstFeclipOrientation){0};
}

gboolean
gst_feclip_dataflow_drain (GstFeclipDataflow *self)
{
  return gst_feclip_frame_queue_drain (self->queue);
}

void
gst_feclip_dataflow_set_info (GstFeclipDataflow *self, const GstVideoInfo *info)
{
  gst_feclip_dataflow_drain (self);
  reset (self, "caps");
  gst_feclip_frame_queue_set_info (self->queue, info);
  estimate_latency (self, info);
  self->negotiated = TRUE;
}

/* Pushing downstream */

/* Posts the element message "feclip" about an analysis. */
static void
post_verdict (GstFeclipDataflow *self, const GstFeclipAnalysis *analysis,
              const FeclipVerdict *verdict, guint n_defects)
{
  const GstFeclipTimes *times = &analysis->times;
  GstStructure *fields = gst_structure_new (
      "feclip", "timestamp", G_TYPE_UINT64, times->timestamp, "stream-time",
      G_TYPE_UINT64, times->stream_time, "running-time", G_TYPE_UINT64,
      times->running_time, "duration", G_TYPE_UINT64, times->duration, "score",
      G_TYPE_DOUBLE, verdict->result->score, "raw-score", G_TYPE_DOUBLE,
      verdict->raw_score, "event-id", G_TYPE_UINT64, verdict->event_id,
      "threshold", G_TYPE_DOUBLE, verdict->threshold, "anomalous",
      G_TYPE_BOOLEAN, verdict->anomalous, "pixel-threshold", G_TYPE_DOUBLE,
      verdict->pixel_threshold, "n-defects", G_TYPE_UINT, n_defects,
      "analysis-time", G_TYPE_UINT64, analysis->analysis_time, NULL);

  gst_element_post_message (
      GST_ELEMENT (self->element),
      gst_message_new_element (GST_OBJECT (self->element), fields));
}

static void
count_analysis (GstFeclipDataflow *self, const GstFeclipAnalysis *analysis,
                const FeclipVerdict *verdict)
{
  const GstFeclipAnalysisSample sample = {
      .batch_frames = analysis->batch.frames,
      .analysis_time = analysis->analysis_time,
      .upload_time = analysis->upload_time,
      .network_time = analysis->network_time,
      .result_time = analysis->result_time,
      .score = verdict->result->score,
      .anomalous = verdict->anomalous,
      .late = !verdict->analysed,
  };

  GST_OBJECT_LOCK (self->element);
  gst_feclip_stats_add_analysis (&self->stats, &sample);
  GST_OBJECT_UNLOCK (self->element);
}

/* Counts an analysis and posts a message about it. */
static void
report_analysis (GstFeclipDataflow *self, const GstFeclipAnalysis *analysis,
                 const FeclipVerdict *verdict, guint n_defects,
                 const GstFeclipFrameParams *params)
{
  count_analysis (self, analysis, verdict);
  GST_LOG_OBJECT (self->element, "score %g, %u defects, in %" GST_TIME_FORMAT,
                  verdict->result->score, n_defects,
                  GST_TIME_ARGS (analysis->analysis_time));
  if (params->post_messages)
    post_verdict (self, analysis, verdict, n_defects);
}

/* Returns: FALSE if the stream has to stop, which has been posted; a buffer
 * that does not hold a frame is no reason for that */
static gboolean
handle_failure (GstFeclipDataflow *self, const GError *error)
{
  g_atomic_int_set (&self->retry, TRUE);
  last_result_clear (&self->last);
  if (error->domain == GST_STREAM_ERROR) {
    GST_ELEMENT_WARNING (self->element, STREAM, FORMAT, ("%s", error->message),
                         (NULL));
    return TRUE;
  }
  gst_feclip_post_error (GST_ELEMENT (self->element), error);
  return FALSE;
}

/* Processes the analysis of a frame that has been pushed without it. */
static void
process_late (GstFeclipDataflow *self, GstFeclipAnalysis *analysis,
              const GstFeclipFrameParams *params)
{
  g_autoptr (FeclipVerdict) verdict = NULL;
  g_autoptr (GArray) defects = NULL;

  gst_feclip_postprocess_smooth (&self->postprocess,
                                 GST_ELEMENT (self->element), &analysis->times,
                                 &analysis->result);
  verdict = feclip_verdict_new (analysis->result, params->threshold,
                                params->pixel_threshold, FALSE);
  verdict->min_area = params->min_area;
  defects =
      feclip_result_find_defects (analysis->result, analysis->width,
                                  analysis->height, params->pixel_threshold);
  feclip_defects_drop_small (defects, analysis->width, analysis->height,
                             params->min_area);
  gst_feclip_postprocess_decide (&self->postprocess, self->element,
                                 &analysis->times, TRUE, verdict, defects);
  last_result_update (&self->last, analysis);
  report_analysis (self, analysis, verdict, defects->len, params);
}

/* Processes all late analyses. Returns: FALSE if the stream has to stop */
static gboolean
take_late (GstFeclipDataflow *self, const GstFeclipFrameParams *params)
{
  GstFeclipAnalysis *analysis = NULL;
  gboolean ok = TRUE;

  while (ok
         && (analysis = gst_feclip_frame_queue_take_late (self->queue))
                != NULL) {
    if (analysis->error != NULL) {
      ok = handle_failure (self, analysis->error);
    } else if (analysis->result != NULL) {
      process_late (self, analysis, params);
    }
    gst_feclip_analysis_free (analysis);
  }
  return ok;
}

/* Returns: (transfer full): @buffer (transfer full) with the latest result
 * attached */
static GstBuffer *
attach_last (GstFeclipDataflow *self, GstBuffer *buffer,
             const GstFeclipFrameJob *job)
{
  GstFeclipLastResult *last = &self->last;
  const GstFeclipFrameParams *params = &job->params;
  gboolean analysed = job->analysis.result != NULL;
  const GArray *defects =
      last_result_get_defects (last, params->pixel_threshold, params->min_area);
  g_autoptr (FeclipVerdict) verdict = feclip_verdict_new (
      last->result, params->threshold, params->pixel_threshold, analysed);

  verdict->fresh = last->fresh;
  verdict->min_area = params->min_area;
  gst_feclip_postprocess_decide (&self->postprocess, self->element, &job->times,
                                 analysed, verdict, defects);
  if (!analysed)
    verdict->result_age = last_result_get_age (last, job->times.timestamp);
  buffer = gst_buffer_make_writable (buffer);
  feclip_verdict_attach (verdict, buffer, last->width, last->height, defects);
  last->fresh = FALSE;
  if (job->analysis.rois != NULL)
    gst_feclip_roi_list_write (buffer, job->analysis.rois, last->width,
                               last->height, params->threshold);
  if (analysed)
    report_analysis (self, &job->analysis, verdict, defects->len, params);
  return buffer;
}

static gboolean
carries_result (const GstFeclipLastResult *last, const GstFeclipFrameJob *job)
{
  if (last->result == NULL)
    return FALSE;
  switch (job->kind) {
  case GST_FECLIP_FRAME_JOB_PASS:
  case GST_FECLIP_FRAME_JOB_INACTIVE:
    return FALSE;
  case GST_FECLIP_FRAME_JOB_OVERLOAD:
    /* Each result is attached to one frame at least. */
    return job->params.on_overload == GST_FECLIP_OVERLOAD_REUSE_LAST
           || last->fresh;
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
  changed = update_latency (self, hold);
  GST_OBJECT_UNLOCK (self->element);
  if (changed)
    gst_element_post_message (
        GST_ELEMENT (self->element),
        gst_message_new_latency (GST_OBJECT (self->element)));
}

/* Returns: (transfer full) (nullable): the buffer to push downstream, NULL if
 * the stream has to stop */
static GstBuffer *
complete (GstFeclipDataflow *self, GstFeclipFrameJob *job)
{
  GstFeclipAnalysis *analysis = &job->analysis;
  g_autoptr (GstBuffer) buffer = g_steal_pointer (&job->buffer);
  GstClockTime begin = gst_util_get_timestamp (), took = 0;
  gboolean carries = FALSE;

  if (job->kind == GST_FECLIP_FRAME_JOB_INACTIVE) {
    gst_feclip_frame_queue_drop_late (self->queue);
    last_result_clear (&self->last);
    gst_feclip_postprocess_reset (&self->postprocess, self->element,
                                  "inactive");
  }
  if (!take_late (self, &job->params))
    return NULL;
  if (analysis->error != NULL && !handle_failure (self, analysis->error))
    return NULL;
  if (analysis->result != NULL) {
    gst_feclip_postprocess_smooth (&self->postprocess,
                                   GST_ELEMENT (self->element),
                                   &analysis->times, &analysis->result);
    last_result_update (&self->last, analysis);
  } else if (analysis->rois != NULL) { /* there was no region */
    last_result_clear (&self->last);
  }
  carries = carries_result (&self->last, job);
  if (carries)
    buffer = attach_last (self, g_steal_pointer (&buffer), job);
  took = gst_util_get_timestamp () - begin;
  count_frame (self, job->ready - job->arrival + took,
               get_hold (self, job->params.batch_timeout),
               carries ? took : GST_CLOCK_TIME_NONE);
  return g_steal_pointer (&buffer);
}

/* The source pad's task. */
static void
push_downstream (gpointer data)
{
  GstFeclipDataflow *self = data;
  GstPad *pad = GST_BASE_TRANSFORM_SRC_PAD (self->element);
  g_autoptr (GstFeclipFrameJob) job = gst_feclip_frame_queue_pop (self->queue);
  GstFlowReturn flow = GST_FLOW_ERROR;
  GstBuffer *buffer = NULL;

  if (job == NULL) {
    gst_pad_pause_task (pad);
    return;
  }
  buffer = complete (self, job);
  if (buffer != NULL)
    flow = gst_pad_push (pad, buffer);
  gst_feclip_frame_queue_done (self->queue, flow);
}

/* Events */

gboolean
gst_feclip_dataflow_before_event (GstFeclipDataflow *self, GstEvent *event)
{
  gboolean ok = TRUE;

  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_START)
    gst_feclip_frame_queue_set_flushing (self->queue, TRUE);
  if (!GST_EVENT_IS_SERIALIZED (event))
    return TRUE;

  ok = gst_feclip_dataflow_drain (self);
  switch (GST_EVENT_TYPE (event)) {
  case GST_EVENT_FLUSH_STOP:
    ok = TRUE;
    reset (self, "flush");
    break;
  case GST_EVENT_STREAM_START:
    reset (self, "stream-start");
    break;
  case GST_EVENT_SEGMENT:
    reset (self, "segment");
    break;
  case GST_EVENT_EOS:
    /* Analyses that still run are counted, although no frame gets them. */
    gst_feclip_frame_queue_wait_idle (self->queue);
    gst_feclip_frame_queue_set_idle (self->queue);
    take_late (self, &self->last_params);
    gst_feclip_postprocess_stop (&self->postprocess, self->element, "eos");
    break;
  default:
    break;
  }
  orientation_observe (&self->orientation, event);
  return ok;
}

void
gst_feclip_dataflow_after_flush (GstFeclipDataflow *self)
{
  gst_feclip_frame_queue_set_flushing (self->queue, FALSE);
}

/* Frames that arrive */

static gboolean
is_analysable (GstBuffer *buffer)
{
  return gst_buffer_get_size (buffer) > 0
         && !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP);
}

/* Adds the frame to the references if that is requested, after the frames
 * before it were pushed downstream. Returns: FALSE if the stream has to stop */
static gboolean
learn (GstFeclipDataflow *self, GstBuffer *buffer,
       const GstFeclipFrameParams *params)
{
  GstFeclipReferences *references = self->references;
  g_autoptr (GError) error = NULL;

  if (!gst_feclip_references_may_learn (references) || !params->active
      || !is_analysable (buffer)
      || !gst_feclip_references_take_turn (references))
    return TRUE;
  self->learnt = gst_feclip_dataflow_drain (self);
  if (self->learnt
      && gst_feclip_frame_queue_learn (self->queue, references, buffer,
                                       orientation_get (&self->orientation),
                                       &error))
    return TRUE;
  gst_feclip_references_return_turn (references);
  return error == NULL || handle_failure (self, error);
}

static GstFeclipFrameJobKind
choose_kind (GstFeclipDataflow *self, GstBuffer *buffer,
             const GstFeclipFrameParams *params)
{
  if (g_atomic_int_compare_and_exchange (&self->retry, TRUE, FALSE))
    self->analysed = FALSE;
  if (!params->active) {
    self->analysed = FALSE;
    gst_feclip_frame_queue_set_idle (self->queue);
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
  return !self->analysed || self->age >= params->interval
             ? GST_FECLIP_FRAME_JOB_ANALYSE
             : GST_FECLIP_FRAME_JOB_REUSE;
}

static GstFeclipTimes
get_times (GstBuffer *buffer, const GstSegment *segment)
{
  GstFeclipTimes times = {
      .timestamp = GST_BUFFER_PTS (buffer),
      .duration = GST_BUFFER_DURATION (buffer),
      .stream_time = GST_CLOCK_TIME_NONE,
      .running_time = GST_CLOCK_TIME_NONE,
  };

  if (segment->format != GST_FORMAT_TIME)
    return times;
  times.stream_time =
      gst_segment_to_stream_time (segment, GST_FORMAT_TIME, times.timestamp);
  times.running_time =
      gst_segment_to_running_time (segment, GST_FORMAT_TIME, times.timestamp);
  return times;
}

/* @buffer: (transfer full) */
static GstFeclipFrameJob *
make_job (GstFeclipDataflow *self, GstBuffer *buffer,
          const GstFeclipFrameParams *params)
{
  GstFeclipFrameJob *job = g_new (GstFeclipFrameJob, 1);

  *job = (GstFeclipFrameJob){
      .buffer = buffer,
      .kind = choose_kind (self, buffer, params),
      .params = *params,
      .orientation = orientation_get (&self->orientation),
      .times = get_times (buffer, &self->element->segment),
      .number = self->n_jobs++,
      .arrival = gst_util_get_timestamp (),
  };
  job->ready = job->arrival;
  return job;
}

/* Returns: whether frames are pushed downstream by the thread that pushes to
 * the sink pad */
static gboolean
is_immediate (GstFeclipDataflow *self, const GstFeclipFrameParams *params)
{
  GstPad *pad = GST_BASE_TRANSFORM_SRC_PAD (self->element);

  return GST_PAD_MODE (pad) == GST_PAD_MODE_PULL
         || (gst_feclip_frame_queue_get_n_workers (self->queue) == 1
             && params->on_overload == GST_FECLIP_OVERLOAD_BLOCK);
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
process_immediately (GstFeclipDataflow *self, GstFeclipFrameJob *job,
                     GstBuffer **out)
{
  gst_feclip_dataflow_drain (self);
  if (job->kind == GST_FECLIP_FRAME_JOB_ANALYSE)
    gst_feclip_frame_queue_analyse (self->queue, job);
  note_analysis (self, job->kind);
  *out = complete (self, job);
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

/* After a frame that it dropped the base class marks the next one, but only if
 * it pushes that itself. */
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
                          const GstFeclipFrameParams *params, GstBuffer **out)
{
  GstFeclipFrameJob *job = NULL;
  GstFeclipFrameJobKind kind = GST_FECLIP_FRAME_JOB_PASS;
  GstFlowReturn flow = GST_FLOW_OK;
  GstFeclipTimes times;

  self->last_params = *params;
  if (!learn (self, buffer, params)) {
    gst_buffer_unref (buffer);
    return GST_FLOW_ERROR;
  }
  if (is_immediate (self, params)) {
    g_autoptr (GstFeclipFrameJob) own = make_job (self, buffer, params);

    self->discont = FALSE;
    flow = gst_feclip_frame_queue_take_flow (self->queue);
    return flow == GST_FLOW_OK ? process_immediately (self, own, out) : flow;
  }
  buffer = mark_discont (self, buffer);
  self->discont = FALSE;
  job = make_job (self, buffer, params);
  times = job->times;
  flow = gst_feclip_frame_queue_push (self->queue, job, &kind);
  if (flow != GST_FLOW_OK)
    return flow;
  note_analysis (self, kind);
  if (kind == GST_FECLIP_FRAME_JOB_OVERLOAD)
    report_overload (self, &times);
  gst_pad_start_task (GST_BASE_TRANSFORM_SRC_PAD (self->element),
                      push_downstream, self, NULL);
  return GST_FLOW_OK;
}

/* Fills @load; the device is queried without a lock.
 * Returns: (transfer full): a copy of the counters, of the same moment */
static GstFeclipStats *
snapshot_stats (GstFeclipDataflow *self, GstFeclipLoad *load)
{
  g_autoptr (FeclipModel) model = NULL;
  GstFeclipStats *stats = NULL;

  GST_OBJECT_LOCK (self->element);
  if (self->queue != NULL)
    model = gst_feclip_frame_queue_get_load (self->queue, load);
  stats = g_memdup2 (&self->stats, sizeof self->stats);
  GST_OBJECT_UNLOCK (self->element);
  if (model == NULL)
    return stats;
  load->weights_memory = feclip_model_get_weights_size (model);
  load->device_memory = feclip_model_get_device_memory (model, NULL);
  return stats;
}

GstStructure *
gst_feclip_dataflow_get_stats (GstFeclipDataflow *self)
{
  GstFeclipLoad load = {0};
  g_autofree GstFeclipStats *stats = snapshot_stats (self, &load);

  return gst_feclip_stats_to_structure (stats, &load);
}
