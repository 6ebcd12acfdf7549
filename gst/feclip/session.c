/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/session.h"

#include <string.h>

#include "feclip/batcher.h"
#include "feclip/events/calibrator.h"
#include "feclip/frame_queue.h"
#include "feclip/retired.h"
#include "feclip/settings_properties.h"
#include "plugin.h"

#define GST_CAT_DEFAULT gst_feclip_debug

/* What stays in force when a change is refused. */
#define OLD_PROMPTS "the prompts before"
#define OLD_ADAPTERS "the adapters before"

/* A model with other adapters and all that depends on it, prepared while frames
 * go on with the old one. */
struct _GstFeclipAdapterSwap {
  FeclipModel *model;
  FeclipSettings *settings;           /* that the detectors were created with */
  GPtrArray *detectors;               /* FeclipDetector, one for each worker */
  GstFeclipBatchClient *batch_client; /* that created them; NULL: no batches */
  FeclipReferences *memory;           /* that they compare with */
};

/* Background tasks */

/* It starts out stopped. */
static void
task_init (GstFeclipBackgroundTask *self, void (*work) (gpointer data),
           gpointer data)
{
  *self =
      (GstFeclipBackgroundTask){.work = work, .data = data, .stopped = TRUE};
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
}

/* When stopped. */
static void
task_clear (GstFeclipBackgroundTask *self)
{
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
}

static gpointer
task_run (gpointer data)
{
  GstFeclipBackgroundTask *self = data;

  g_mutex_lock (&self->lock);
  while (self->due) {
    self->due = FALSE;
    g_mutex_unlock (&self->lock);
    self->work (self->data);
    g_mutex_lock (&self->lock);
  }
  self->running = FALSE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  return NULL;
}

static void
task_start (GstFeclipBackgroundTask *self)
{
  g_mutex_lock (&self->lock);
  self->stopped = FALSE;
  self->interrupted = FALSE;
  g_mutex_unlock (&self->lock);
}

/* Ends every wait, waits for a run that has begun and cancels the others. */
static void
task_stop (GstFeclipBackgroundTask *self)
{
  GThread *thread = NULL;

  g_mutex_lock (&self->lock);
  self->stopped = TRUE;
  self->due = FALSE;
  thread = g_steal_pointer (&self->thread);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&thread, g_thread_join);
}

static void
task_set_interrupted (GstFeclipBackgroundTask *self, gboolean interrupted)
{
  g_mutex_lock (&self->lock);
  self->interrupted = interrupted;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

/* Requests a run that begins after this call.
 * Returns: FALSE if there will be none: without an error when stopped, with
 * G_THREAD_ERROR if no thread could be started */
static gboolean
task_schedule (GstFeclipBackgroundTask *self, GError **error)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->lock);

  if (self->stopped)
    return FALSE;
  self->due = TRUE;
  if (self->running)
    return TRUE;
  /* A thread that has ended does not take the lock any more. */
  g_clear_pointer (&self->thread, g_thread_join);
  self->thread = g_thread_try_new ("feclip-task", task_run, self, error);
  self->running = self->due = self->thread != NULL;
  return self->running;
}

/* Waits until all requested runs are over, or until @deadline, as of
 * g_get_monotonic_time(); G_MAXINT64: no limit.
 * Returns: FALSE if it was stopped or interrupted */
static gboolean
task_wait (GstFeclipBackgroundTask *self, gint64 deadline)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->lock);
  gboolean in_time = TRUE;

  while (self->running && !self->stopped && !self->interrupted && in_time) {
    if (deadline == G_MAXINT64)
      g_cond_wait (&self->changed, &self->lock);
    else
      in_time = g_cond_wait_until (&self->changed, &self->lock, deadline);
  }
  return !self->stopped && !self->interrupted;
}

/* Messages */

static void
post_builtin_model (GstElement *element)
{
  GST_ELEMENT_INFO (element, RESOURCE, SETTINGS,
                    ("%s runs the small built-in model, which demonstrates "
                     "and tests: \"model-file\" names another one.",
                     GST_ELEMENT_NAME (element)),
                    (NULL));
}

static void
post_no_adapters (GstElement *element, const char *path)
{
  GST_ELEMENT_WARNING (element, RESOURCE, SETTINGS,
                       ("%s holds no adapters and the property "
                        "\"adapter-file\" is not set: frames get CLIP's own "
                        "score and no map.",
                        path),
                       (NULL));
}

/* Posts the element message "feclip-adapters": from the next frame on @swap is
 * in use. @n_forgotten reference images, learnt from frames, were lost. */
static void
post_adapters (GstElement *element, const GstFeclipAdapterSwap *swap,
               guint n_forgotten)
{
  guint known = feclip_references_get_count (swap->memory);
  g_autofree char *path = NULL;

  g_object_get (swap->settings, "adapter-file", &path, NULL);
  gst_element_post_message (
      element,
      gst_message_new_element (
          GST_OBJECT (element),
          gst_structure_new ("feclip-adapters", "adapter-file", G_TYPE_STRING,
                             path, "references", G_TYPE_UINT, known, NULL)));
  if (n_forgotten > 0)
    GST_ELEMENT_WARNING (
        element, LIBRARY, SETTINGS,
        ("%s: the normal images learnt from frames, %u of them, are "
         "forgotten, since other adapters were at work then.",
         path != NULL ? path : "adapter-file", n_forgotten),
        (NULL));
  if (!feclip_model_has_adapters (swap->model) && known == 0)
    post_no_adapters (element, "The model file");
}

/* Posts why a change was refused: @what stay in force. */
static void
post_refusal (GstFeclipSession *self, const GError *error, const char *what)
{
  g_autoptr (GError) full = g_error_new (
      error->domain, error->code, "%s; %s stay in force", error->message, what);

  gst_feclip_post_warning (self->element, full);
}

/* Releasing */

/* In the background. */
static void
release_retired (gpointer data)
{
  GstFeclipSession *self = data;
  g_autoptr (GPtrArray) retired = NULL;

  GST_OBJECT_LOCK (self->element);
  retired = g_steal_pointer (&self->retired);
  GST_OBJECT_UNLOCK (self->element);
}

/* Has @retired (transfer full) released in the background, or here when that is
 * stopped. */
static void
release_later (GstFeclipSession *self, GPtrArray *retired)
{
  g_autoptr (GError) error = NULL;

  GST_OBJECT_LOCK (self->element);
  if (self->retired == NULL)
    self->retired = retired;
  else
    g_ptr_array_extend_and_steal (self->retired, retired);
  GST_OBJECT_UNLOCK (self->element);
  if (task_schedule (&self->releasing, &error))
    return;
  if (error != NULL)
    GST_WARNING_OBJECT (self->element, "%s", error->message);
  release_retired (self);
}

/* Preparing other adapters */

static void
adapter_swap_free (GstFeclipAdapterSwap *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->detectors, g_ptr_array_unref);
  gst_feclip_batch_client_unref (self->batch_client);
  g_clear_object (&self->memory);
  g_clear_object (&self->settings);
  g_clear_object (&self->model);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstFeclipAdapterSwap, adapter_swap_free)

static gboolean
make_detectors (GstFeclipAdapterSwap *self, GstFeclipFrameQueue *queue,
                GError **error)
{
  guint n = gst_feclip_frame_queue_get_n_workers (queue);

  self->detectors = g_ptr_array_new_with_free_func (g_object_unref);
  if (gst_feclip_frame_queue_is_batched (queue)) {
    self->batch_client = gst_feclip_frame_queue_new_batch_client (
        queue, self->model, self->settings, error);
    if (self->batch_client == NULL)
      return FALSE;
  }
  for (guint i = 0; i < n; i++) {
    FeclipDetector *detector = gst_feclip_batch_client_new_detector (
        self->batch_client, self->model, self->settings, error);

    if (detector == NULL)
      return FALSE;
    g_ptr_array_add (self->detectors, detector);
  }
  return TRUE;
}

static gboolean
attach_references (GstFeclipAdapterSwap *self, GstFeclipReferences *references,
                   GError **error)
{
  self->memory = gst_feclip_references_remake (
      references, g_ptr_array_index (self->detectors, 0), self->settings,
      error);
  if (self->memory == NULL)
    return FALSE;
  for (guint i = 0; i < self->detectors->len; i++)
    if (!feclip_detector_set_references (g_ptr_array_index (self->detectors, i),
                                         self->memory, error))
      return FALSE;
  return TRUE;
}

/* An error about a setting beside the file, such as the blocks it taps, is
 * about the file as well. */
static void
name_file (GError *error, const char *path)
{
  char *message = NULL;

  if (path == NULL || strstr (error->message, path) != NULL)
    return;
  message = g_strdup_printf ("%s: %s", path, error->message);
  g_free (error->message);
  error->message = message;
}

/* Creates what one worker each of @queue needs with the CLIP of @model and the
 * adapters that @settings (transfer full) name. Takes seconds. Fails with
 * FECLIP_ERROR.
 * Returns: (transfer full) (nullable): NULL without an error if @model has
 * these adapters already */
static GstFeclipAdapterSwap *
adapter_swap_new (FeclipModel *model, FeclipSettings *settings,
                  GstFeclipFrameQueue *queue, GstFeclipReferences *references,
                  GError **error)
{
  g_autoptr (GstFeclipAdapterSwap) self = g_new0 (GstFeclipAdapterSwap, 1);
  g_autoptr (GError) failure = NULL;
  g_autofree char *path = NULL;

  self->settings = settings;
  g_object_get (settings, "adapter-file", &path, NULL);
  self->model = feclip_model_new_with_adapters (model, path, &failure);
  if (self->model == model)
    return NULL;
  if (self->model != NULL && make_detectors (self, queue, &failure)
      && attach_references (self, references, &failure))
    return g_steal_pointer (&self);
  name_file (failure, path);
  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

/* Applies the regions and prompts of @now, if they differ from those that the
 * detectors were created with. Fails with FECLIP_ERROR. */
static gboolean
adapter_swap_update (GstFeclipAdapterSwap *self, FeclipSettings *now,
                     GError **error)
{
  gboolean regions = !gst_feclip_settings_are_equal (now, self->settings,
                                                     GST_FECLIP_SETTING_REGION);
  gboolean prompts = !gst_feclip_settings_are_equal (now, self->settings,
                                                     GST_FECLIP_SETTING_PROMPT);

  for (guint i = 0; i < self->detectors->len; i++) {
    FeclipDetector *detector = g_ptr_array_index (self->detectors, i);

    if ((regions && !feclip_detector_update_regions (detector, now, error))
        || (prompts && !feclip_detector_update_prompts (detector, now, error)))
      return FALSE;
  }
  gst_feclip_settings_assign (self->settings, now, GST_FECLIP_SETTING_REGION);
  gst_feclip_settings_assign (self->settings, now, GST_FECLIP_SETTING_PROMPT);
  return TRUE;
}

/* Settings */

void
gst_feclip_session_mark_changed (GstFeclipSession *self, const char *name)
{
  gboolean late = FALSE;

  GST_OBJECT_LOCK (self->element);
  self->reopen = TRUE;
  late = GST_STATE (self->element) > GST_STATE_READY;
  GST_OBJECT_UNLOCK (self->element);
  if (late)
    GST_WARNING_OBJECT (self->element,
                        "%s takes effect when the element starts again", name);
}

/* With the object lock held. */
static void
note_change (GstFeclipSession *self, GstFeclipSettingKind kind)
{
  switch (kind) {
  case GST_FECLIP_SETTING_REGION:
    self->regions_changed = TRUE;
    break;
  case GST_FECLIP_SETTING_PROMPT:
    self->prompts_changed = self->playing;
    self->reopen |= !self->playing;
    break;
  case GST_FECLIP_SETTING_ADAPTER:
    self->adapter_changed = self->playing;
    self->reopen |= !self->playing;
    break;
  default:
    break;
  }
}

void
gst_feclip_session_set (GstFeclipSession *self, const char *name,
                        const GValue *value)
{
  GstFeclipSettingKind kind = gst_feclip_settings_get_kind (
      g_object_class_find_property (G_OBJECT_GET_CLASS (self->settings), name));

  GST_OBJECT_LOCK (self->element);
  g_object_set_property (G_OBJECT (self->settings), name, value);
  note_change (self, kind);
  if (kind == GST_FECLIP_SETTING_PER_FRAME)
    gst_feclip_calibrator_note (&self->dataflow->postprocess.calibrator, name);
  GST_OBJECT_UNLOCK (self->element);
  if (kind == GST_FECLIP_SETTING_FIXED)
    gst_feclip_session_mark_changed (self, name);
}

/* Starts @task for settings that @changed tells of. */
static void
begin_task (GstFeclipSession *self, GstFeclipBackgroundTask *task,
            gboolean *changed, const char *what)
{
  g_autoptr (GError) error = NULL;
  gboolean due = FALSE;

  GST_OBJECT_LOCK (self->element);
  due = *changed;
  GST_OBJECT_UNLOCK (self->element);
  if (!due || task_schedule (task, &error) || error == NULL)
    return;
  GST_OBJECT_LOCK (self->element);
  *changed = FALSE;
  GST_OBJECT_UNLOCK (self->element);
  post_refusal (self, error, what);
}

void
gst_feclip_session_begin_change (GstFeclipSession *self)
{
  begin_task (self, &self->encoding, &self->prompts_changed, OLD_PROMPTS);
  begin_task (self, &self->loading, &self->adapter_changed, OLD_ADAPTERS);
}

/* In the background */

/* Returns: (transfer full) (nullable): the settings in use with the ones of
 * @kind that were set last, NULL if none has changed */
static FeclipSettings *
begin_preparing (GstFeclipSession *self, GstFeclipSettingKind kind,
                 gboolean *changed, FeclipModel **model)
{
  FeclipSettings *settings = NULL;

  GST_OBJECT_LOCK (self->element);
  if (*changed) {
    settings = gst_feclip_settings_copy (self->in_force);
    gst_feclip_settings_assign (settings, self->settings, kind);
    *model = g_object_ref (self->model);
  }
  *changed = FALSE;
  GST_OBJECT_UNLOCK (self->element);
  return settings;
}

static void
encode_prompts (gpointer data)
{
  GstFeclipSession *self = data;
  g_autoptr (FeclipModel) model = NULL;
  g_autoptr (FeclipSettings) settings = begin_preparing (
      self, GST_FECLIP_SETTING_PROMPT, &self->prompts_changed, &model);
  g_autoptr (GError) error = NULL;
  gboolean outdated = FALSE;

  if (settings == NULL)
    return;
  feclip_model_prepare_prompts (model, settings, &error);
  GST_OBJECT_LOCK (self->element);
  outdated = self->prompts_changed;
  if (error == NULL)
    g_set_object (&self->encoded, settings);
  GST_OBJECT_UNLOCK (self->element);
  if (error != NULL && !outdated)
    post_refusal (self, error, OLD_PROMPTS);
}

static void
load_adapters (gpointer data)
{
  GstFeclipSession *self = data;
  g_autoptr (FeclipModel) model = NULL;
  FeclipSettings *settings = begin_preparing (self, GST_FECLIP_SETTING_ADAPTER,
                                              &self->adapter_changed, &model);
  g_autoptr (GError) error = NULL;
  GstFeclipAdapterSwap *swap = NULL;
  gboolean outdated = FALSE;

  if (settings == NULL)
    return;
  swap = adapter_swap_new (model, settings, self->dataflow->queue,
                           self->references, &error);
  GST_OBJECT_LOCK (self->element);
  outdated = self->adapter_changed;
  if (error == NULL) {
    GstFeclipAdapterSwap *before = self->pending;

    /* The model compared with may have been replaced meanwhile: look again. */
    if (swap == NULL && (self->swapping || self->model != model))
      self->adapter_changed = TRUE;
    self->pending = swap;
    swap = before;
  }
  GST_OBJECT_UNLOCK (self->element);
  adapter_swap_free (swap);
  if (error != NULL && !outdated)
    post_refusal (self, error, OLD_ADAPTERS);
}

/* Before each frame */

/* Regions that cannot be read leave the old ones in force. */
static void
update_regions (GstFeclipSession *self)
{
  g_autoptr (FeclipSettings) settings = NULL;
  g_autoptr (GError) error = NULL;

  GST_OBJECT_LOCK (self->element);
  if (self->regions_changed)
    settings = gst_feclip_settings_copy (self->settings);
  self->regions_changed = FALSE;
  GST_OBJECT_UNLOCK (self->element);
  if (settings == NULL)
    return;
  if (!gst_feclip_frame_queue_update_regions (self->dataflow->queue, settings,
                                              &error)) {
    GST_ELEMENT_WARNING (self->element, LIBRARY, SETTINGS,
                         ("%s", error->message),
                         ("The regions before them stay in force."));
    return;
  }
  GST_OBJECT_LOCK (self->element);
  gst_feclip_settings_assign (self->in_force, settings,
                              GST_FECLIP_SETTING_REGION);
  GST_OBJECT_UNLOCK (self->element);
}

/* Returns: until when a frame waits for prompts, in the unit of
 * g_get_monotonic_time(); G_MAXINT64: no limit */
static gint64
get_deadline (const GstFeclipFrameParams *params)
{
  gint64 now = g_get_monotonic_time ();

  if (!params->active)
    return now;
  if (params->on_overload == GST_FECLIP_OVERLOAD_BLOCK
      || params->max_delay / 1000 >= (guint64)(G_MAXINT64 - now))
    return G_MAXINT64;
  return now + (gint64)(params->max_delay / 1000);
}

static void
apply_prompts (GstFeclipSession *self)
{
  g_autoptr (FeclipSettings) settings = NULL;

  GST_OBJECT_LOCK (self->element);
  settings = g_steal_pointer (&self->encoded);
  if (settings != NULL)
    gst_feclip_settings_assign (self->in_force, settings,
                                GST_FECLIP_SETTING_PROMPT);
  GST_OBJECT_UNLOCK (self->element);
  if (settings != NULL)
    gst_feclip_frame_queue_change (
        self->dataflow->queue,
        &(GstFeclipFrameQueueChange){.settings = settings}, NULL);
}

/* Everything uses @swap from the next frame on; running analyses keep what they
 * use until they are over. */
static void
use_adapters (GstFeclipSession *self, const GstFeclipAdapterSwap *swap,
              GPtrArray *retired)
{
  const GstFeclipFrameQueueChange change = {
      .detectors = swap->detectors,
      .batch_client = swap->batch_client,
  };
  guint n_forgotten = 0;

  gst_feclip_frame_queue_change (self->dataflow->queue, &change, retired);
  n_forgotten =
      gst_feclip_references_replace (self->references, swap->memory, retired);
  gst_feclip_vulkan_set_model (self->vulkan, swap->model);
  GST_OBJECT_LOCK (self->element);
  g_set_object (&self->in_force, swap->settings);
  gst_feclip_retired_add (retired, self->model, g_object_unref);
  self->model = g_object_ref (swap->model);
  GST_OBJECT_UNLOCK (self->element);
  post_adapters (self->element, swap, n_forgotten);
}

static void
apply_adapters (GstFeclipSession *self)
{
  GstFeclipAdapterSwap *swap = NULL;
  g_autoptr (FeclipSettings) now = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *retired = NULL;

  GST_OBJECT_LOCK (self->element);
  swap = g_steal_pointer (&self->pending);
  if (swap != NULL)
    now = gst_feclip_settings_copy (self->in_force);
  self->swapping = swap != NULL;
  GST_OBJECT_UNLOCK (self->element);
  if (swap == NULL)
    return;
  retired = gst_feclip_retired_new ();
  if (adapter_swap_update (swap, now, &error))
    use_adapters (self, swap, retired);
  else
    post_refusal (self, error, OLD_ADAPTERS);
  GST_OBJECT_LOCK (self->element);
  self->swapping = FALSE;
  GST_OBJECT_UNLOCK (self->element);
  gst_feclip_retired_add (retired, swap, (GDestroyNotify)adapter_swap_free);
  release_later (self, retired);
}

void
gst_feclip_session_apply (GstFeclipSession *self,
                          const GstFeclipFrameParams *params)
{
  update_regions (self);
  gst_feclip_session_begin_change (self);
  if (!task_wait (&self->encoding, get_deadline (params)))
    return;
  apply_prompts (self);
  apply_adapters (self);
}

void
gst_feclip_session_set_flushing (GstFeclipSession *self, gboolean flushing)
{
  task_set_interrupted (&self->encoding, flushing);
}

/* Opening and closing */

void
gst_feclip_session_init (GstFeclipSession *self, GstElement *element,
                         GstFeclipDataflow *dataflow,
                         GstFeclipReferences *references,
                         GstFeclipVulkan *vulkan)
{
  self->element = element;
  self->dataflow = dataflow;
  self->references = references;
  self->vulkan = vulkan;
  self->settings = feclip_settings_new ();
  task_init (&self->encoding, encode_prompts, self);
  task_init (&self->loading, load_adapters, self);
  task_init (&self->releasing, release_retired, self);
}

void
gst_feclip_session_clear (GstFeclipSession *self)
{
  task_clear (&self->encoding);
  task_clear (&self->loading);
  task_clear (&self->releasing);
  g_object_unref (self->settings);
}

void
gst_feclip_session_start (GstFeclipSession *self)
{
  task_start (&self->encoding);
  task_start (&self->loading);
  task_start (&self->releasing);
  GST_OBJECT_LOCK (self->element);
  self->playing = TRUE;
  /* What was set while the session was opening is prepared with the first
   * frame. */
  if (self->reopen) {
    self->prompts_changed = !gst_feclip_settings_are_equal (
        self->settings, self->in_force, GST_FECLIP_SETTING_PROMPT);
    self->adapter_changed = !gst_feclip_settings_are_equal (
        self->settings, self->in_force, GST_FECLIP_SETTING_ADAPTER);
  }
  GST_OBJECT_UNLOCK (self->element);
}

void
gst_feclip_session_stop (GstFeclipSession *self)
{
  g_autoptr (FeclipSettings) encoded = NULL;
  GstFeclipAdapterSwap *pending = NULL;

  GST_OBJECT_LOCK (self->element);
  self->playing = FALSE;
  GST_OBJECT_UNLOCK (self->element);
  task_stop (&self->encoding);
  task_stop (&self->loading);
  task_stop (&self->releasing);
  GST_OBJECT_LOCK (self->element);
  encoded = g_steal_pointer (&self->encoded);
  pending = g_steal_pointer (&self->pending);
  self->reopen |= self->prompts_changed || self->adapter_changed
                  || encoded != NULL || pending != NULL;
  self->prompts_changed = self->adapter_changed = FALSE;
  GST_OBJECT_UNLOCK (self->element);
  adapter_swap_free (pending);
  release_retired (self);
}

/* Takes references to @model and @settings, NULL: none. */
static void
set_model (GstFeclipSession *self, FeclipModel *model, FeclipSettings *settings)
{
  g_autoptr (FeclipModel) before = NULL;

  gst_feclip_vulkan_set_model (self->vulkan, model);
  GST_OBJECT_LOCK (self->element);
  before = g_steal_pointer (&self->model);
  g_set_object (&self->model, model);
  g_set_object (&self->in_force, settings);
  GST_OBJECT_UNLOCK (self->element);
}

void
gst_feclip_session_close (GstFeclipSession *self)
{
  gst_feclip_session_stop (self);
  gst_feclip_references_close (self->references);
  gst_feclip_dataflow_set_queue (self->dataflow, NULL);
  set_model (self, NULL, NULL);
}

static GstFeclipFrameQueue *
make_queue (FeclipModel *model, FeclipSettings *settings, guint n_workers,
            guint batch_size, GError **error)
{
  GstFeclipBatchClient *client = NULL;

  if (batch_size > 1) {
    client = gst_feclip_batch_client_new (model, settings, batch_size,
                                          n_workers, error);
    if (client == NULL)
      return NULL;
  }
  return gst_feclip_frame_queue_new (model, settings, n_workers, client, error);
}

gboolean
gst_feclip_session_open (GstFeclipSession *self)
{
  g_autoptr (FeclipSettings) settings = NULL;
  g_autoptr (FeclipModel) model = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GstFeclipFrameQueue) queue = NULL;
  guint n_workers = 0, batch_size = 0;

  /* Loading takes seconds: it uses a copy, so that the lock is not held. */
  GST_OBJECT_LOCK (self->element);
  settings = gst_feclip_settings_copy (self->settings);
  n_workers = self->n_workers;
  batch_size = self->batch_size;
  self->reopen = self->regions_changed = FALSE;
  GST_OBJECT_UNLOCK (self->element);

  g_object_get (settings, "model-file", &path, NULL);
  if (path == NULL || *path == '\0') {
    g_free (path);
    path = feclip_model_find_builtin ();
    post_builtin_model (self->element);
  }
  /* The old model is released last, so that a new one from the same files
   * shares its memory. */
  model = feclip_model_new (settings, &error);
  gst_feclip_dataflow_set_queue (self->dataflow, NULL);
  if (model != NULL)
    queue = make_queue (model, settings, n_workers, batch_size, &error);
  if (queue == NULL
      || !gst_feclip_frame_queue_open_references (queue, self->references,
                                                  settings, &error)) {
    gst_feclip_session_close (self);
    gst_feclip_post_error (self->element, error);
    return FALSE;
  }
  gst_feclip_dataflow_set_queue (self->dataflow, g_steal_pointer (&queue));
  set_model (self, model, settings);
  if (!feclip_model_has_adapters (model)
      && !gst_feclip_references_are_expected (self->references))
    post_no_adapters (self->element, path);
  GST_INFO_OBJECT (self->element, "%s on %s", path,
                   feclip_model_get_device_name (model));
  return TRUE;
}

gboolean
gst_feclip_session_needs_open (GstFeclipSession *self)
{
  gboolean due = FALSE;

  GST_OBJECT_LOCK (self->element);
  due = self->reopen || self->dataflow->queue == NULL;
  GST_OBJECT_UNLOCK (self->element);
  return due;
}
