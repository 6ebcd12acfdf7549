/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/session.h"

#include "plugin.h"
#include "feclip/messages.h"
#include "feclip/settings_properties.h"

#define GST_CAT_DEFAULT gst_feclip_debug

static void encode_prompts (gpointer data);
static void load_adapters (gpointer data);

void
gst_feclip_session_init (GstFeclipSession *self, GstElement *element,
                         GstFeclipDataflow *passage,
                         GstFeclipReferences *references)
{
  self->element = element;
  self->passage = passage;
  self->references = references;
  self->settings = feclip_settings_new ();
  gst_feclip_background_task_init (&self->encoding, encode_prompts, self);
  gst_feclip_background_task_init (&self->loading, load_adapters, self);
}

void
gst_feclip_session_clear (GstFeclipSession *self)
{
  gst_feclip_background_task_clear (&self->encoding);
  gst_feclip_background_task_clear (&self->loading);
  g_object_unref (self->settings);
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
    gst_feclip_calibrator_note (&self->passage->judge.calibrator, name);
  GST_OBJECT_UNLOCK (self->element);
  if (kind == GST_FECLIP_SETTING_FIXED)
    gst_feclip_session_mark_changed (self, name);
}

void
gst_feclip_session_begin_change (GstFeclipSession *self)
{
  gboolean prompts = FALSE, adapter = FALSE;

  GST_OBJECT_LOCK (self->element);
  prompts = self->prompts_changed;
  adapter = self->adapter_changed;
  GST_OBJECT_UNLOCK (self->element);
  if (prompts)
    gst_feclip_background_task_schedule (&self->encoding);
  if (adapter)
    gst_feclip_background_task_schedule (&self->loading);
}

/* Posts why what was set does not count; @what stays. */
static void
post_refusal (GstFeclipSession *self, const GError *error, const char *what)
{
  g_autoptr (GError) full = g_error_new (
      error->domain, error->code, "%s; %s stay in force", error->message, what);

  gst_feclip_post_warning (self->element, full);
}

/* Takes over what is asked for of one kind, beside what is in force.
 * Returns: (transfer full) (nullable): these settings, NULL: nothing was */
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

/* Aside. */
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
    post_refusal (self, error, "the prompts before");
}

/* Aside. */
static void
load_adapters (gpointer data)
{
  GstFeclipSession *self = data;
  g_autoptr (FeclipModel) model = NULL;
  FeclipSettings *settings = begin_preparing (self, GST_FECLIP_SETTING_ADAPTER,
                                              &self->adapter_changed, &model);
  g_autoptr (GError) error = NULL;
  GstFeclipAdapterSwap *loaded = NULL;
  gboolean outdated = FALSE;

  if (settings == NULL)
    return;
  loaded = gst_feclip_adapter_swap_new (model, settings, self->passage->lane,
                                        self->references, &error);
  GST_OBJECT_LOCK (self->element);
  outdated = self->adapter_changed;
  if (error == NULL) {
    GstFeclipAdapterSwap *before = self->loaded;

    /* What was in force when this began may not be any more: look again. */
    if (loaded == NULL && (self->taking || self->model != model))
      self->adapter_changed = TRUE;
    self->loaded = loaded;
    loaded = before;
  }
  GST_OBJECT_UNLOCK (self->element);
  gst_feclip_adapter_swap_free (loaded);
  if (error != NULL && !outdated)
    post_refusal (self, error, "the adapters before");
}

/* With each frame */

/* Regions that cannot be read leave those before them in force. */
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
  if (!gst_feclip_frame_queue_update_regions (self->passage->lane, settings,
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

static gint64
get_deadline (const GstFeclipFrameParams *terms)
{
  gint64 now = g_get_monotonic_time ();

  if (!terms->active)
    return now;
  if (terms->on_overload == GST_FECLIP_OVERLOAD_BLOCK
      || terms->max_delay / 1000 >= (guint64)(G_MAXINT64 - now))
    return G_MAXINT64;
  return now + (gint64)(terms->max_delay / 1000);
}

static void
take_prompts (GstFeclipSession *self)
{
  g_autoptr (FeclipSettings) settings = NULL;

  GST_OBJECT_LOCK (self->element);
  settings = g_steal_pointer (&self->encoded);
  if (settings != NULL)
    gst_feclip_settings_assign (self->in_force, settings,
                                GST_FECLIP_SETTING_PROMPT);
  GST_OBJECT_UNLOCK (self->element);
  if (settings != NULL)
    gst_feclip_frame_queue_change (self->passage->lane, NULL, NULL, settings);
}

static void
take_adapters (GstFeclipSession *self)
{
  g_autoptr (GstFeclipAdapterSwap) loaded = NULL;
  g_autoptr (FeclipSettings) now = NULL;
  g_autoptr (GError) error = NULL;
  guint forgotten = 0;

  GST_OBJECT_LOCK (self->element);
  loaded = g_steal_pointer (&self->loaded);
  if (loaded != NULL)
    now = gst_feclip_settings_copy (self->in_force);
  self->taking = loaded != NULL;
  GST_OBJECT_UNLOCK (self->element);
  if (loaded == NULL)
    return;
  if (!gst_feclip_adapter_swap_update (loaded, now, &error)) {
    GST_OBJECT_LOCK (self->element);
    self->taking = FALSE;
    GST_OBJECT_UNLOCK (self->element);
    post_refusal (self, error, "the adapters before");
    return;
  }
  gst_feclip_frame_queue_change (self->passage->lane, loaded->detectors,
                                 loaded->member, NULL);
  forgotten = gst_feclip_references_replace (self->references, loaded->memory);
  GST_OBJECT_LOCK (self->element);
  g_set_object (&self->in_force, loaded->settings);
  /* The old one goes with the last request that uses it. */
  g_set_object (&self->model, loaded->model);
  self->taking = FALSE;
  GST_OBJECT_UNLOCK (self->element);
  gst_feclip_post_adapters (self->element, loaded->settings, loaded->model,
                            loaded->memory, forgotten);
}

void
gst_feclip_session_apply (GstFeclipSession *self,
                          const GstFeclipFrameParams *terms)
{
  update_regions (self);
  gst_feclip_session_begin_change (self);
  gst_feclip_background_task_wait (&self->encoding, get_deadline (terms));
  take_prompts (self);
  take_adapters (self);
}

/* Model and requests */

void
gst_feclip_session_start (GstFeclipSession *self)
{
  gst_feclip_background_task_start (&self->encoding);
  gst_feclip_background_task_start (&self->loading);
  GST_OBJECT_LOCK (self->element);
  self->playing = TRUE;
  GST_OBJECT_UNLOCK (self->element);
}

void
gst_feclip_session_stop (GstFeclipSession *self)
{
  g_autoptr (FeclipSettings) encoded = NULL;
  g_autoptr (GstFeclipAdapterSwap) loaded = NULL;

  GST_OBJECT_LOCK (self->element);
  self->playing = FALSE;
  GST_OBJECT_UNLOCK (self->element);
  gst_feclip_background_task_stop (&self->encoding);
  gst_feclip_background_task_stop (&self->loading);
  GST_OBJECT_LOCK (self->element);
  encoded = g_steal_pointer (&self->encoded);
  loaded = g_steal_pointer (&self->loaded);
  self->reopen |= self->prompts_changed || self->adapter_changed
                  || encoded != NULL || loaded != NULL;
  self->prompts_changed = self->adapter_changed = FALSE;
  GST_OBJECT_UNLOCK (self->element);
}

/* Takes @model and @settings (transfer none), NULL: none. */
static void
set_model (GstFeclipSession *self, FeclipModel *model, FeclipSettings *settings)
{
  g_autoptr (FeclipModel) before = NULL;

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
  gst_feclip_dataflow_set_queue (self->passage, NULL);
  set_model (self, NULL, NULL);
}

static GstFeclipFrameQueue *
make_lane (FeclipModel *model, FeclipSettings *settings, guint n_requests,
           guint batch_size, GError **error)
{
  GstFeclipBatchClient *member = NULL;

  if (batch_size > 1) {
    member = gst_feclip_batch_client_new (model, settings, batch_size,
                                          n_requests, error);
    if (member == NULL)
      return NULL;
  }
  return gst_feclip_frame_queue_new (model, settings, n_requests, member,
                                     error);
}

gboolean
gst_feclip_session_open (GstFeclipSession *self)
{
  g_autoptr (FeclipSettings) settings = NULL;
  g_autoptr (FeclipModel) model = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GstFeclipFrameQueue) lane = NULL;
  guint n_requests = 0, batch_size = 0;

  /* Loading takes seconds: it works on a copy, not under the lock. */
  GST_OBJECT_LOCK (self->element);
  settings = gst_feclip_settings_copy (self->settings);
  n_requests = self->n_requests;
  batch_size = self->batch_size;
  self->reopen = self->regions_changed = FALSE;
  GST_OBJECT_UNLOCK (self->element);

  g_object_get (settings, "model-file", &path, NULL);
  if (path == NULL || *path == '\0') {
    g_free (path);
    path = feclip_model_find_builtin ();
    gst_feclip_post_builtin_model (self->element);
  }
  /* The old model goes last, so that a new one from the same files shares its
   * memory. */
  model = feclip_model_new (settings, &error);
  gst_feclip_dataflow_set_queue (self->passage, NULL);
  if (model != NULL)
    lane = make_lane (model, settings, n_requests, batch_size, &error);
  if (lane == NULL
      || !gst_feclip_frame_queue_open_references (lane, self->references,
                                                  settings, &error)) {
    gst_feclip_session_close (self);
    gst_feclip_post_error (self->element, error);
    return FALSE;
  }
  gst_feclip_dataflow_set_queue (self->passage, g_steal_pointer (&lane));
  set_model (self, model, settings);
  if (!feclip_model_has_adapters (model)
      && !gst_feclip_references_are_expected (self->references))
    gst_feclip_post_no_adapters (self->element, path);
  GST_INFO_OBJECT (self->element, "%s on %s", path,
                   feclip_model_get_device_name (model));
  return TRUE;
}

gboolean
gst_feclip_session_needs_open (GstFeclipSession *self)
{
  gboolean due = FALSE;

  GST_OBJECT_LOCK (self->element);
  due = self->reopen || self->passage->lane == NULL;
  GST_OBJECT_UNLOCK (self->element);
  return due;
}
