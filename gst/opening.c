/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "opening.h"

#include "plugin.h"
#include "report.h"
#include "settings_properties.h"

#define GST_CAT_DEFAULT gst_feclip_debug

void
gst_feclip_opening_init (GstFeclipOpening *self, GstElement *element,
                         GstFeclipPassage *passage,
                         GstFeclipReferences *references)
{
  self->element = element;
  self->passage = passage;
  self->references = references;
  self->settings = feclip_settings_new ();
}

void
gst_feclip_opening_clear (GstFeclipOpening *self)
{
  g_object_unref (self->settings);
}

/* Settings */

void
gst_feclip_opening_request (GstFeclipOpening *self, const char *name)
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

void
gst_feclip_opening_set (GstFeclipOpening *self, const char *name,
                        const GValue *value)
{
  const GParamSpec *pspec =
      g_object_class_find_property (G_OBJECT_GET_CLASS (self->settings), name);
  gboolean fixed = gst_feclip_settings_is_fixed (pspec);

  GST_OBJECT_LOCK (self->element);
  g_object_set_property (G_OBJECT (self->settings), name, value);
  self->regions_changed |= gst_feclip_settings_is_region (pspec);
  if (!fixed)
    gst_feclip_calibrator_note (&self->passage->judge.calibrator, name);
  GST_OBJECT_UNLOCK (self->element);
  if (fixed)
    gst_feclip_opening_request (self, name);
}

/* Regions that cannot be read leave those before them in force. */
static void
update_regions (GstFeclipOpening *self)
{
  g_autoptr (FeclipSettings) settings = NULL;
  g_autoptr (GError) error = NULL;

  GST_OBJECT_LOCK (self->element);
  if (self->regions_changed)
    settings = gst_feclip_settings_copy (self->settings);
  self->regions_changed = FALSE;
  GST_OBJECT_UNLOCK (self->element);
  if (settings != NULL
      && !gst_feclip_lane_update_regions (self->passage->lane, settings,
                                          &error))
    GST_ELEMENT_WARNING (self->element, LIBRARY, SETTINGS,
                         ("%s", error->message),
                         ("The regions before them stay in force."));
}

void
gst_feclip_opening_update (GstFeclipOpening *self)
{
  update_regions (self);
}

/* Model and requests */

void
gst_feclip_opening_close (GstFeclipOpening *self)
{
  gst_feclip_references_close (self->references);
  gst_feclip_passage_set_lane (self->passage, NULL);
  g_clear_object (&self->model);
}

gboolean
gst_feclip_opening_open (GstFeclipOpening *self)
{
  g_autoptr (FeclipSettings) settings = NULL;
  g_autoptr (FeclipModel) model = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GstFeclipLane) lane = NULL;
  guint n_requests = 0;

  /* Loading takes seconds: it works on a copy, not under the lock. */
  GST_OBJECT_LOCK (self->element);
  settings = gst_feclip_settings_copy (self->settings);
  n_requests = self->n_requests;
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
  gst_feclip_passage_set_lane (self->passage, NULL);
  if (model != NULL)
    lane = gst_feclip_lane_new (model, settings, n_requests, &error);
  if (lane == NULL
      || !gst_feclip_lane_open_references (lane, self->references, settings,
                                           &error)) {
    gst_feclip_opening_close (self);
    gst_feclip_post_error (self->element, error);
    return FALSE;
  }
  gst_feclip_passage_set_lane (self->passage, g_steal_pointer (&lane));
  g_set_object (&self->model, model);
  if (!feclip_model_has_adapters (model)
      && !gst_feclip_references_are_expected (self->references))
    gst_feclip_post_no_adapters (self->element, path);
  GST_INFO_OBJECT (self->element, "%s on %s", path,
                   feclip_model_get_device_name (model));
  return TRUE;
}

gboolean
gst_feclip_opening_is_due (GstFeclipOpening *self)
{
  gboolean due = FALSE;

  GST_OBJECT_LOCK (self->element);
  due = self->reopen || self->passage->lane == NULL;
  GST_OBJECT_UNLOCK (self->element);
  return due;
}
