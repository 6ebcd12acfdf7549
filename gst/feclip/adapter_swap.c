/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/adapter_swap.h"

#include <string.h>

#include "feclip/settings_properties.h"

void
gst_feclip_adapter_swap_free (GstFeclipAdapterSwap *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->detectors, g_ptr_array_unref);
  gst_feclip_batch_client_unref (self->member);
  g_clear_object (&self->memory);
  g_clear_object (&self->settings);
  g_clear_object (&self->model);
  g_free (self);
}

static gboolean
make_detectors (GstFeclipAdapterSwap *self, GstFeclipFrameQueue *lane,
                GError **error)
{
  guint n = gst_feclip_frame_queue_get_n_workers (lane);

  self->detectors = g_ptr_array_new_with_free_func (g_object_unref);
  if (gst_feclip_frame_queue_is_batched (lane)) {
    self->member = gst_feclip_frame_queue_new_batch_client (
        lane, self->model, self->settings, error);
    if (self->member == NULL)
      return FALSE;
  }
  for (guint i = 0; i < n; i++) {
    FeclipDetector *detector = gst_feclip_batch_client_new_detector (
        self->member, self->model, self->settings, error);

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

/* What is wrong with a setting beside a file is wrong with that file. */
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

GstFeclipAdapterSwap *
gst_feclip_adapter_swap_new (FeclipModel *model, FeclipSettings *settings,
                             GstFeclipFrameQueue *lane,
                             GstFeclipReferences *references, GError **error)
{
  g_autoptr (GstFeclipAdapterSwap) self = g_new0 (GstFeclipAdapterSwap, 1);
  g_autoptr (GError) failure = NULL;
  g_autofree char *path = NULL;

  self->settings = settings;
  g_object_get (settings, "adapter-file", &path, NULL);
  self->model = feclip_model_new_with_adapters (model, path, &failure);
  if (self->model == model)
    return NULL;
  if (self->model != NULL && make_detectors (self, lane, &failure)
      && attach_references (self, references, &failure))
    return g_steal_pointer (&self);
  name_file (failure, path);
  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

gboolean
gst_feclip_adapter_swap_update (GstFeclipAdapterSwap *self, FeclipSettings *now,
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
