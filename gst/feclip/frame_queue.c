/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/frame_queue.h"

#include "feclip/frame_reader.h"
#include "feclip/retired.h"
#include "feclip/roi.h"
#include "plugin.h"

#define GST_CAT_DEFAULT gst_feclip_debug

/* Frames that may be queued behind those being analysed. One second of most
 * cameras; more would only take memory. */
#define MAX_WAITING 32

/* A frame and how to analyse it. */
typedef struct {
  GstBuffer *buffer;
  GstVideoInfo info;
  FeclipOrientation orientation;
  GstFeclipInferenceRegion region;
  GstClockTime batch_timeout; /* limit of the wait for a batch to fill */
} FrameInput;

/* Runs one analysis at a time, in its own thread or in one that borrows it. */
typedef struct {
  GstFeclipFrameQueue *queue;
  GThread *thread;  /* NULL until it is needed */
  FrameInput input; /* of the thread while busy; no buffer: nothing to do */

  /* Belong to whoever made the worker busy. */
  FeclipDetector *detector;
  GstFeclipBatchClient *batch_client; /* NULL: frames are not batched */
  GstFeclipFrameReader *reader;       /* NULL before the first frame */
  GstVideoInfo reader_info;           /* that it was created for */

  /* Under the queue's lock. */
  gboolean busy;
  GstFeclipFrameJob *job; /* NULL: its frame was popped or discarded */
  gboolean wanted;        /* without a job: the result goes to late */
  guint64 number;
  GstFeclipTimes times;

  /* Likewise: to be applied when the analysis is over; NULL: no change. */
  FeclipDetector *next_detector;
  GstFeclipBatchClient *next_batch_client;
  FeclipSettings *next_settings;
} Worker;

struct _GstFeclipFrameQueue {
  gboolean batched;
  GstVideoInfo info; /* of the pushing thread */
  Worker *workers;
  guint n_workers;

  GMutex lock;
  GCond changed; /* signals every change that a thread may wait for */
  /* Under the lock. */
  GQueue jobs;                        /* GstFeclipFrameJob, oldest first */
  GQueue late;                        /* GstFeclipAnalysis */
  GstFeclipBatchClient *batch_client; /* NULL: frames are not batched */
  gboolean playing;
  gboolean stopped;
  gboolean flushing;
  gboolean quit;      /* threads shall end */
  gboolean leaving;   /* a frame is between pop() and done() */
  GstClockTime ready; /* when the last popped frame was ready */
  GstFlowReturn flow;
  FeclipModel *model; /* that frames are analysed with from now on */
  guint64 activations_memory;
};

/* Jobs and analyses */

void
gst_feclip_analysis_clear (GstFeclipAnalysis *self)
{
  g_clear_pointer (&self->result, feclip_result_unref);
  g_clear_pointer (&self->rois, g_ptr_array_unref);
  g_clear_error (&self->error);
}

void
gst_feclip_analysis_free (GstFeclipAnalysis *self)
{
  if (self == NULL)
    return;
  gst_feclip_analysis_clear (self);
  g_free (self);
}

void
gst_feclip_frame_job_free (GstFeclipFrameJob *self)
{
  if (self == NULL)
    return;
  g_assert (self->worker == NULL);
  gst_feclip_analysis_clear (&self->analysis);
  gst_clear_buffer (&self->buffer);
  g_free (self);
}

/* Inference, by whoever made the worker busy */

static void
prepare_reader (Worker *self, const GstVideoInfo *info)
{
  if (self->reader != NULL
      && gst_video_info_is_equal (&self->reader_info, info))
    return;
  gst_feclip_frame_reader_free (self->reader);
  self->reader = gst_feclip_frame_reader_new (
      feclip_detector_get_model (self->detector), info);
  self->reader_info = *info;
}

static gboolean
open_frame (Worker *self, const FrameInput *input, FeclipFrame *frame,
            GError **error)
{
  prepare_reader (self, &input->info);
  if (!gst_feclip_frame_reader_open (self->reader, input->buffer, frame, error))
    return FALSE;
  frame->orientation = input->orientation;
  return TRUE;
}

static FeclipResult *
analyse_regions (Worker *self, const FrameInput *input,
                 const FeclipFrame *frame, GstFeclipAnalysis *analysis)
{
  gst_feclip_batch_client_set_idle (self->batch_client);
  analysis->rois = gst_feclip_roi_list_analyse (input->buffer, self->detector,
                                                frame, &analysis->error);
  if (analysis->rois == NULL || analysis->rois->len == 0)
    return NULL;
  return feclip_result_merge ((FeclipResult *const *)analysis->rois->pdata,
                              analysis->rois->len);
}

/* In a batch, if there is one that can take the frame. */
static FeclipResult *
analyse_full_frame (Worker *self, const FrameInput *input,
                    const FeclipFrame *frame, GstFeclipAnalysis *analysis)
{
  GstFeclipBatchClient *client = self->batch_client;

  if (client != NULL && gst_feclip_batch_client_takes (client, self->detector))
    return gst_feclip_batch_client_analyse (client, self->detector, frame,
                                            input->batch_timeout,
                                            &analysis->batch, &analysis->error);
  if (client != NULL)
    gst_feclip_batch_client_set_idle (client);
  return feclip_detector_analyse (self->detector, frame, &analysis->error);
}

static FeclipResult *
analyse_input (Worker *self, const FrameInput *input,
               GstFeclipAnalysis *analysis)
{
  FeclipFrame frame = {0};
  FeclipResult *result = NULL;

  if (!open_frame (self, input, &frame, &analysis->error))
    return NULL;
  analysis->width = frame.width;
  analysis->height = frame.height;
  if (input->region == GST_FECLIP_INFERENCE_REGION_ROI_LIST)
    result = analyse_regions (self, input, &frame, analysis);
  else
    result = analyse_full_frame (self, input, &frame, analysis);
  gst_feclip_frame_reader_close (self->reader);
  return result;
}

static GstClockTime
difference (double later, double earlier)
{
  return (GstClockTime)((later - earlier) * GST_SECOND);
}

/* Fills all of @analysis but its number and times. */
static void
run_inference (Worker *self, const FrameInput *input,
               GstFeclipAnalysis *analysis)
{
  GstClockTime begin = gst_util_get_timestamp (), time = 0, rest = 0;
  FeclipStageTimes before, after;

  analysis->batch = (GstFeclipBatchStats){.frames = 1};
  feclip_detector_get_stage_times (self->detector, &before);
  analysis->result = analyse_input (self, input, analysis);
  time = gst_util_get_timestamp () - begin;
  analysis->analysis_time = time - MIN (time, analysis->batch.waited);

  feclip_detector_get_stage_times (self->detector, &after);
  rest = analysis->analysis_time;
  analysis->network_time =
      MIN (difference (after.network, before.network) + analysis->batch.queued,
           rest);
  rest -= analysis->network_time;
  analysis->result_time = MIN (difference (after.result, before.result), rest);
  /* Includes mapping and conversion, which the detector does not measure. */
  analysis->upload_time = rest - analysis->result_time;
}

/* Workers */

/* Replaces the detector and what belongs to it. The reader may hold memory that
 * is shared with the old detector's model. */
static void
replace_detector (Worker *self, FeclipDetector *detector,
                  GstFeclipBatchClient *batch_client, GPtrArray *retired)
{
  gst_feclip_retired_add (retired, g_steal_pointer (&self->reader),
                          (GDestroyNotify)gst_feclip_frame_reader_free);
  gst_feclip_retired_add (retired, self->detector, g_object_unref);
  gst_feclip_retired_add (retired, self->batch_client,
                          (GDestroyNotify)gst_feclip_batch_client_unref);
  self->detector = detector;
  self->batch_client = batch_client;
}

/* Applies what the worker has to go on with. With the lock held, which is
 * released meanwhile; the worker is busy but analyses nothing. */
static void
apply_changes (Worker *self, GPtrArray *retired)
{
  while (self->next_detector != NULL || self->next_settings != NULL) {
    FeclipDetector *detector = g_steal_pointer (&self->next_detector);
    GstFeclipBatchClient *client = g_steal_pointer (&self->next_batch_client);
    g_autoptr (FeclipSettings) settings =
        g_steal_pointer (&self->next_settings);
    g_autoptr (GError) error = NULL;

    g_mutex_unlock (&self->queue->lock);
    if (detector != NULL)
      replace_detector (self, detector, client, retired);
    /* The prompts were prepared: only the device can fail here, and then the
     * next analysis fails as well. */
    if (settings != NULL
        && !feclip_detector_update_prompts (self->detector, settings, &error))
      GST_WARNING ("%s", error->message);
    g_mutex_lock (&self->queue->lock);
  }
}

/* With the lock held; the analysis is over. */
static void
deliver (Worker *self, GstFeclipAnalysis *analysis)
{
  self->busy = FALSE;
  if (self->job != NULL) {
    self->job->analysis = *analysis;
    self->job->ready = gst_util_get_timestamp ();
    self->job->worker = NULL;
    self->job = NULL;
  } else if (self->wanted) {
    g_queue_push_tail (&self->queue->late,
                       g_memdup2 (analysis, sizeof *analysis));
  } else {
    gst_feclip_analysis_clear (analysis);
  }
  g_cond_broadcast (&self->queue->changed);
}

static gpointer
work (gpointer data)
{
  Worker *self = data;
  GstFeclipFrameQueue *queue = self->queue;
  g_autoptr (GPtrArray) retired = gst_feclip_retired_new ();

  g_mutex_lock (&queue->lock);
  while (!queue->quit) {
    GstFeclipAnalysis analysis = {.number = self->number, .times = self->times};

    if (self->input.buffer == NULL) {
      g_cond_wait (&queue->changed, &queue->lock);
      continue;
    }
    g_mutex_unlock (&queue->lock);
    run_inference (self, &self->input, &analysis);
    /* Before the frame is pushed, so that it then has one owner as it had when
     * it arrived. */
    gst_clear_buffer (&self->input.buffer);
    g_mutex_lock (&queue->lock);
    apply_changes (self, retired);
    deliver (self, &analysis);
    if (retired->len > 0) {
      g_mutex_unlock (&queue->lock);
      g_ptr_array_set_size (retired, 0);
      g_mutex_lock (&queue->lock);
    }
  }
  g_mutex_unlock (&queue->lock);
  return NULL;
}

static void
worker_clear (Worker *self)
{
  g_clear_pointer (&self->thread, g_thread_join);
  g_clear_pointer (&self->reader, gst_feclip_frame_reader_free);
  g_clear_object (&self->detector);
  g_clear_pointer (&self->batch_client, gst_feclip_batch_client_unref);
  g_clear_object (&self->next_detector);
  g_clear_pointer (&self->next_batch_client, gst_feclip_batch_client_unref);
  g_clear_object (&self->next_settings);
}

/* With the lock held. */
static Worker *
find_idle_worker (GstFeclipFrameQueue *self)
{
  for (guint i = 0; i < self->n_workers; i++)
    if (!self->workers[i].busy)
      return &self->workers[i];
  return NULL;
}

/* With the lock held. */
static guint
count_busy (const GstFeclipFrameQueue *self)
{
  guint n = 0;

  for (guint i = 0; i < self->n_workers; i++)
    n += self->workers[i].busy ? 1 : 0;
  return n;
}

/* Makes an idle worker busy with a frame and reads from it what cannot wait for
 * the analysis: the frame may be pushed downstream before that, and be
 * overwritten there. With the lock held, which is released meanwhile.
 * worker_assign() or worker_release() must follow. */
static void
worker_take (Worker *self, const FrameInput *input)
{
  self->busy = TRUE;
  g_mutex_unlock (&self->queue->lock);
  prepare_reader (self, &input->info);
  gst_feclip_frame_reader_take (self->reader, input->buffer);
  g_mutex_lock (&self->queue->lock);
}

/* Starts the analysis of the job's frame, which worker_take() was called for.
 * With the lock held. Fails with G_THREAD_ERROR; the worker then is busy
 * still. */
static gboolean
worker_assign (Worker *self, GstFeclipFrameJob *job, const FrameInput *input,
               GError **error)
{
  if (self->thread == NULL)
    self->thread = g_thread_try_new ("feclip-worker", work, self, error);
  if (self->thread == NULL)
    return FALSE;
  self->job = job;
  self->wanted = FALSE;
  self->number = job->number;
  self->times = job->times;
  self->input = *input;
  gst_buffer_ref (self->input.buffer);
  job->worker = self;
  return TRUE;
}

/* Makes a busy worker idle that was made busy by the pushing thread. As changes
 * come from that thread, none is left to be applied. With the lock held. */
static void
worker_release (Worker *self)
{
  self->busy = FALSE;
  g_cond_broadcast (&self->queue->changed);
}

/* Detaches a frame from its running analysis, if there is one: it is pushed
 * without a result. @wanted: whether the result goes to late. With the lock
 * held. */
static void
detach_job (GstFeclipFrameJob *job, gboolean wanted)
{
  Worker *worker = job->worker;

  if (worker == NULL)
    return;
  worker->job = NULL;
  worker->wanted = wanted;
  job->worker = NULL;
}

/* The queue */

/* With the lock held: notes that worker @i uses @detector from now on. All are
 * of one model. */
static void
note_detector (GstFeclipFrameQueue *self, guint i, FeclipDetector *detector,
               GPtrArray *retired)
{
  FeclipModel *model = feclip_detector_get_model (detector);

  if (i == 0) {
    if (model != self->model) {
      gst_feclip_retired_add (retired, self->model, g_object_unref);
      self->model = g_object_ref (model);
    }
    self->activations_memory =
        gst_feclip_batch_client_get_activations_size (self->batch_client);
  }
  self->activations_memory += feclip_detector_get_activations_size (detector);
}

/* While no analysis runs. */
static void
note_detectors (GstFeclipFrameQueue *self)
{
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->n_workers; i++)
    note_detector (self, i, self->workers[i].detector, NULL);
  g_mutex_unlock (&self->lock);
}

static gboolean
make_workers (GstFeclipFrameQueue *self, FeclipModel *model,
              FeclipSettings *settings, guint n_workers, GError **error)
{
  self->workers = g_new0 (Worker, n_workers);
  self->n_workers = n_workers;
  for (guint i = 0; i < n_workers; i++) {
    Worker *worker = &self->workers[i];

    worker->queue = self;
    worker->batch_client = gst_feclip_batch_client_ref (self->batch_client);
    worker->detector = gst_feclip_batch_client_new_detector (
        self->batch_client, model, settings, error);
    if (worker->detector == NULL)
      return FALSE;
  }
  return TRUE;
}

GstFeclipFrameQueue *
gst_feclip_frame_queue_new (FeclipModel *model, FeclipSettings *settings,
                            guint n_workers, GstFeclipBatchClient *batch_client,
                            GError **error)
{
  g_autoptr (GstFeclipFrameQueue) self = g_new0 (GstFeclipFrameQueue, 1);

  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  g_queue_init (&self->jobs);
  g_queue_init (&self->late);
  self->stopped = TRUE;
  self->batched = batch_client != NULL;
  self->batch_client = batch_client;
  if (!make_workers (self, model, settings, n_workers, error))
    return NULL;
  note_detectors (self);
  return g_steal_pointer (&self);
}

gboolean
gst_feclip_frame_queue_open_references (GstFeclipFrameQueue *self,
                                        GstFeclipReferences *references,
                                        FeclipSettings *settings,
                                        GError **error)
{
  if (!gst_feclip_references_open (references, self->workers[0].detector,
                                   settings, error))
    return FALSE;
  for (guint i = 0; i < self->n_workers; i++)
    if (!gst_feclip_references_attach (references, self->workers[i].detector,
                                       error))
      return FALSE;
  note_detectors (self);
  return TRUE;
}

void
gst_feclip_frame_queue_free (GstFeclipFrameQueue *self)
{
  if (self == NULL)
    return;
  gst_feclip_frame_queue_stop (self);
  g_mutex_lock (&self->lock);
  self->quit = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  for (guint i = 0; i < self->n_workers; i++)
    worker_clear (&self->workers[i]);
  g_free (self->workers);
  gst_feclip_batch_client_unref (self->batch_client);
  g_clear_object (&self->model);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
  g_free (self);
}

guint
gst_feclip_frame_queue_get_n_workers (GstFeclipFrameQueue *self)
{
  return self->n_workers;
}

FeclipModel *
gst_feclip_frame_queue_get_load (GstFeclipFrameQueue *self, GstFeclipLoad *load)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->lock);

  *load = (GstFeclipLoad){.activations_memory = self->activations_memory};
  load->in_flight = count_busy (self);
  return g_object_ref (self->model);
}

/* Batches */

gboolean
gst_feclip_frame_queue_is_batched (const GstFeclipFrameQueue *self)
{
  return self->batched;
}

GstFeclipBatchClient *
gst_feclip_frame_queue_new_batch_client (GstFeclipFrameQueue *self,
                                         FeclipModel *model,
                                         FeclipSettings *settings,
                                         GError **error)
{
  GstFeclipBatchClient *current = NULL, *client = NULL;

  g_mutex_lock (&self->lock);
  current = gst_feclip_batch_client_ref (self->batch_client);
  g_mutex_unlock (&self->lock);
  if (current != NULL)
    client = gst_feclip_batch_client_new_like (current, model, settings, error);
  gst_feclip_batch_client_unref (current);
  return client;
}

/* With the lock held: waits for a change that a batched frame may have to bring
 * about, which is therefore not held back for the batch to fill. */
static void
wait_for_analyses (GstFeclipFrameQueue *self)
{
  GstFeclipBatchClient *client =
      gst_feclip_batch_client_ref (self->batch_client);

  gst_feclip_batch_client_begin_flush (client);
  g_cond_wait (&self->changed, &self->lock);
  gst_feclip_batch_client_end_flush (client);
  gst_feclip_batch_client_unref (client);
}

void
gst_feclip_frame_queue_set_playing (GstFeclipFrameQueue *self, gboolean playing)
{
  g_mutex_lock (&self->lock);
  self->playing = playing;
  gst_feclip_batch_client_set_playing (self->batch_client, playing);
  g_mutex_unlock (&self->lock);
}

void
gst_feclip_frame_queue_set_idle (GstFeclipFrameQueue *self)
{
  g_mutex_lock (&self->lock);
  gst_feclip_batch_client_set_idle (self->batch_client);
  g_mutex_unlock (&self->lock);
}

/* With the lock held. The old client is never held back again: the frames that
 * it still has are its last ones. */
static void
replace_batch_client (GstFeclipFrameQueue *self, GstFeclipBatchClient *client,
                      GPtrArray *retired)
{
  gst_feclip_batch_client_begin_flush (self->batch_client);
  gst_feclip_retired_add (retired, self->batch_client,
                          (GDestroyNotify)gst_feclip_batch_client_unref);
  self->batch_client = gst_feclip_batch_client_ref (client);
  gst_feclip_batch_client_set_playing (client, self->playing);
  gst_feclip_batch_client_set_stopped (client, self->stopped || self->flushing);
}

/* Flushing and stopping */

/* With the lock held. */
static void
drop_late (GstFeclipFrameQueue *self)
{
  g_queue_clear_full (&self->late, (GDestroyNotify)gst_feclip_analysis_free);
  for (guint i = 0; i < self->n_workers; i++)
    self->workers[i].wanted = FALSE;
}

void
gst_feclip_frame_queue_drop_late (GstFeclipFrameQueue *self)
{
  g_mutex_lock (&self->lock);
  drop_late (self);
  g_mutex_unlock (&self->lock);
}

/* With the lock held. */
static void
discard_frames (GstFeclipFrameQueue *self)
{
  GstFeclipFrameJob *job = NULL;

  while ((job = g_queue_pop_head (&self->jobs)) != NULL) {
    detach_job (job, FALSE);
    gst_feclip_frame_job_free (job);
  }
  drop_late (self);
  g_cond_broadcast (&self->changed);
}

void
gst_feclip_frame_queue_start (GstFeclipFrameQueue *self)
{
  g_mutex_lock (&self->lock);
  self->stopped = FALSE;
  self->flushing = FALSE;
  self->flow = GST_FLOW_OK;
  gst_feclip_batch_client_set_stopped (self->batch_client, FALSE);
  g_mutex_unlock (&self->lock);
}

void
gst_feclip_frame_queue_stop (GstFeclipFrameQueue *self)
{
  g_mutex_lock (&self->lock);
  self->stopped = TRUE;
  gst_feclip_batch_client_set_stopped (self->batch_client, TRUE);
  discard_frames (self);
  g_mutex_unlock (&self->lock);
}

void
gst_feclip_frame_queue_wait_idle (GstFeclipFrameQueue *self)
{
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->n_workers; i++)
    while (self->workers[i].busy)
      wait_for_analyses (self);
  g_mutex_unlock (&self->lock);
}

void
gst_feclip_frame_queue_set_flushing (GstFeclipFrameQueue *self,
                                     gboolean flushing)
{
  g_mutex_lock (&self->lock);
  self->flushing = flushing;
  self->flow = GST_FLOW_OK;
  gst_feclip_batch_client_set_stopped (self->batch_client,
                                       self->stopped || flushing);
  if (flushing)
    discard_frames (self);
  g_mutex_unlock (&self->lock);
}

/* The pushing thread */

void
gst_feclip_frame_queue_set_info (GstFeclipFrameQueue *self,
                                 const GstVideoInfo *info)
{
  self->info = *info;
}

/* With the lock held. A frame that blocks when all workers are busy needs no
 * more frames queued than keep them busy. */
static gboolean
is_full (const GstFeclipFrameQueue *self, const GstFeclipFrameParams *params)
{
  guint64 most = self->n_workers + MAX_WAITING;

  if (params->on_overload == GST_FECLIP_OVERLOAD_BLOCK)
    most = MIN (most, (guint64)self->n_workers * params->interval);
  return self->jobs.length >= most;
}

/* With the lock held. */
static gboolean
can_push (GstFeclipFrameQueue *self, const GstFeclipFrameJob *job)
{
  return !is_full (self, &job->params)
         && (job->kind != GST_FECLIP_FRAME_JOB_ANALYSE
             || job->params.on_overload != GST_FECLIP_OVERLOAD_BLOCK
             || find_idle_worker (self) != NULL);
}

/* With the lock held. Returns: whether frames wait for downstream alone, whose
 * time is not part of the delay: a sink that waits for a frame's time would
 * otherwise make the reported latency grow without end */
static gboolean
waits_for_downstream (const GstFeclipFrameQueue *self)
{
  const GstFeclipFrameJob *first = g_queue_peek_head ((GQueue *)&self->jobs);

  return self->leaving && first != NULL && first->worker == NULL;
}

/* With the lock held: waits for a change while no frame can be pushed. If that
 * is because of an analysis, the batch must not wait for frames of this queue
 * beyond those that are being analysed. */
static void
wait_for_room (GstFeclipFrameQueue *self)
{
  const GstFeclipFrameJob *first = g_queue_peek_head (&self->jobs);
  gboolean limited = first != NULL && first->worker != NULL;

  /* No other thread replaces the batch client. */
  if (limited)
    gst_feclip_batch_client_set_limit (self->batch_client, count_busy (self));
  g_cond_wait (&self->changed, &self->lock);
  if (limited)
    gst_feclip_batch_client_set_limit (self->batch_client, self->n_workers);
}

/* With the lock held. */
static GstFlowReturn
take_flow (GstFeclipFrameQueue *self)
{
  GstFlowReturn flow = self->flow;

  if (self->flushing || self->stopped)
    return GST_FLOW_FLUSHING;
  self->flow = GST_FLOW_OK;
  return flow;
}

GstFlowReturn
gst_feclip_frame_queue_take_flow (GstFeclipFrameQueue *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->lock);

  return take_flow (self);
}

static FrameInput
make_input (const GstFeclipFrameQueue *self, const GstFeclipFrameJob *job)
{
  return (FrameInput){job->buffer, self->info, job->orientation,
                      job->params.region, job->params.batch_timeout};
}

/* With the lock held, which is released meanwhile: a flush or a stop may come
 * between. If all workers are busy, the job becomes an overload; if the thread
 * cannot be started, the job gets the error. */
static GstFlowReturn
start_analysis (GstFeclipFrameQueue *self, GstFeclipFrameJob *job)
{
  const FrameInput input = make_input (self, job);
  Worker *worker = find_idle_worker (self);
  GstFlowReturn flow = GST_FLOW_OK;

  if (worker == NULL) {
    job->kind = GST_FECLIP_FRAME_JOB_OVERLOAD;
    return GST_FLOW_OK;
  }
  worker_take (worker, &input);
  flow = take_flow (self);
  if (flow != GST_FLOW_OK
      || !worker_assign (worker, job, &input, &job->analysis.error))
    worker_release (worker);
  return flow;
}

GstFlowReturn
gst_feclip_frame_queue_push (GstFeclipFrameQueue *self, GstFeclipFrameJob *job,
                             GstFeclipFrameJobKind *kind)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->lock);
  GstFlowReturn flow = GST_FLOW_OK;

  while ((flow = take_flow (self)) == GST_FLOW_OK && !can_push (self, job)) {
    gboolean downstream = waits_for_downstream (self);

    wait_for_room (self);
    if (downstream)
      job->arrival = gst_util_get_timestamp ();
  }
  if (flow == GST_FLOW_OK && job->kind == GST_FECLIP_FRAME_JOB_ANALYSE)
    flow = start_analysis (self, job);
  if (flow != GST_FLOW_OK) {
    gst_feclip_frame_job_free (job);
    return flow;
  }
  *kind = job->kind;
  job->ready = job->arrival;
  g_queue_push_tail (&self->jobs, job);
  g_cond_broadcast (&self->changed);
  return GST_FLOW_OK;
}

/* Makes a worker busy for the calling thread. */
static Worker *
borrow_worker (GstFeclipFrameQueue *self)
{
  Worker *worker = NULL;

  g_mutex_lock (&self->lock);
  /* A frame that was pushed downstream may still be analysed. */
  while ((worker = find_idle_worker (self)) == NULL)
    wait_for_analyses (self);
  worker->busy = TRUE;
  g_mutex_unlock (&self->lock);
  return worker;
}

static void
return_worker (Worker *self)
{
  g_mutex_lock (&self->queue->lock);
  worker_release (self);
  g_mutex_unlock (&self->queue->lock);
}

void
gst_feclip_frame_queue_analyse (GstFeclipFrameQueue *self,
                                GstFeclipFrameJob *job)
{
  const FrameInput input = make_input (self, job);
  Worker *worker = borrow_worker (self);

  job->analysis.number = job->number;
  job->analysis.times = job->times;
  run_inference (worker, &input, &job->analysis);
  return_worker (worker);
  job->ready = gst_util_get_timestamp ();
}

gboolean
gst_feclip_frame_queue_learn (GstFeclipFrameQueue *self,
                              GstFeclipReferences *references,
                              GstBuffer *buffer, FeclipOrientation orientation,
                              GError **error)
{
  const FrameInput input = {buffer, self->info, orientation,
                            GST_FECLIP_INFERENCE_REGION_FULL_FRAME, 0};
  Worker *worker = borrow_worker (self);
  FeclipFrame frame = {0};
  gboolean learnt = FALSE;

  if (open_frame (worker, &input, &frame, error)) {
    learnt = gst_feclip_references_learn (references, worker->detector, &frame,
                                          error);
    gst_feclip_frame_reader_close (worker->reader);
  }
  return_worker (worker);
  return learnt;
}

gboolean
gst_feclip_frame_queue_update_regions (GstFeclipFrameQueue *self,
                                       FeclipSettings *settings, GError **error)
{
  gst_feclip_frame_queue_wait_idle (self);
  for (guint i = 0; i < self->n_workers; i++) {
    if (!feclip_detector_update_regions (self->workers[i].detector, settings,
                                         error))
      return FALSE;
  }
  return TRUE;
}

/* With the lock held. */
static void
set_next (Worker *self, FeclipDetector *detector,
          const GstFeclipFrameQueueChange *change, GPtrArray *retired)
{
  if (detector != NULL) {
    gst_feclip_retired_add (retired, self->next_detector, g_object_unref);
    gst_feclip_retired_add (retired, self->next_batch_client,
                            (GDestroyNotify)gst_feclip_batch_client_unref);
    self->next_detector = g_object_ref (detector);
    self->next_batch_client =
        gst_feclip_batch_client_ref (change->batch_client);
    /* Those were meant for the detector before. */
    g_clear_object (&self->next_settings);
  }
  if (change->settings != NULL)
    g_set_object (&self->next_settings, change->settings);
}

void
gst_feclip_frame_queue_change (GstFeclipFrameQueue *self,
                               const GstFeclipFrameQueueChange *change,
                               GPtrArray *retired)
{
  g_mutex_lock (&self->lock);
  if (change->batch_client != NULL)
    replace_batch_client (self, change->batch_client, retired);
  for (guint i = 0; i < self->n_workers; i++) {
    Worker *worker = &self->workers[i];
    FeclipDetector *detector = NULL;

    if (change->detectors != NULL) {
      detector = g_ptr_array_index (change->detectors, i);
      note_detector (self, i, detector, retired);
    }
    set_next (worker, detector, change, retired);
    if (worker->busy)
      continue;
    worker->busy = TRUE;
    apply_changes (worker, retired);
    worker->busy = FALSE;
  }
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

gboolean
gst_feclip_frame_queue_drain (GstFeclipFrameQueue *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->lock);

  while (self->jobs.length > 0 || self->leaving)
    wait_for_analyses (self);
  return !self->flushing && !self->stopped;
}

/* The popping thread */

/* Returns: when a frame that is being analysed is pushed downstream at the
 * latest, in the unit of g_get_monotonic_time(); G_MAXINT64: no limit */
static gint64
get_deadline (const GstFeclipFrameJob *job)
{
  const GstFeclipFrameParams *params = &job->params;

  if (params->on_overload == GST_FECLIP_OVERLOAD_BLOCK
      || params->max_delay >= G_MAXINT64 - job->arrival)
    return G_MAXINT64;
  return (gint64)((job->arrival + params->max_delay) / 1000);
}

/* With the lock held. Returns: whether the first frame can be popped now; else
 * waits for a change or for its deadline. */
static gboolean
wait_for_first (GstFeclipFrameQueue *self)
{
  const GstFeclipFrameJob *first = g_queue_peek_head (&self->jobs);
  gint64 deadline = G_MAXINT64;

  if (first != NULL && first->worker == NULL)
    return TRUE;
  if (first != NULL)
    deadline = get_deadline (first);
  if (deadline <= g_get_monotonic_time ())
    return TRUE;
  if (deadline == G_MAXINT64)
    g_cond_wait (&self->changed, &self->lock);
  else
    g_cond_wait_until (&self->changed, &self->lock, deadline);
  return FALSE;
}

GstFeclipFrameJob *
gst_feclip_frame_queue_pop (GstFeclipFrameQueue *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->lock);
  GstFeclipFrameJob *first = NULL;

  while (!self->stopped && !wait_for_first (self))
    continue;
  if (self->stopped)
    return NULL;
  first = g_queue_pop_head (&self->jobs);
  if (first->worker != NULL) {
    detach_job (first, TRUE);
    first->kind = GST_FECLIP_FRAME_JOB_OVERLOAD;
    first->ready = gst_util_get_timestamp ();
  }
  self->ready = first->ready = MAX (first->ready, self->ready);
  self->leaving = TRUE;
  g_cond_broadcast (&self->changed);
  return first;
}

void
gst_feclip_frame_queue_done (GstFeclipFrameQueue *self, GstFlowReturn flow)
{
  g_mutex_lock (&self->lock);
  self->leaving = FALSE;
  if (flow != GST_FLOW_OK && !self->flushing && !self->stopped) {
    self->flow = flow;
    discard_frames (self);
  }
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

GstFeclipAnalysis *
gst_feclip_frame_queue_take_late (GstFeclipFrameQueue *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->lock);

  return g_queue_pop_head (&self->late);
}
