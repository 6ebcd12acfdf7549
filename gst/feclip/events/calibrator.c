/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/events/calibrator.h"

#include <feclip/model.h>

#include "plugin.h"

#define GST_CAT_DEFAULT gst_feclip_debug

void
gst_feclip_calibrator_clear (GstFeclipCalibrator *self)
{
  g_clear_pointer (&self->file, g_free);
  g_clear_pointer (&self->latest, feclip_calibration_free);
  g_clear_pointer (&self->collected, feclip_calibration_free);
}

void
gst_feclip_calibrator_note (GstFeclipCalibrator *self, const char *name)
{
  if (g_str_equal (name, "threshold"))
    self->threshold_set = TRUE;
  else if (g_str_equal (name, "pixel-threshold"))
    self->pixel_threshold_set = TRUE;
}

/* Returns: (transfer full): path of the model that the element runs */
static char *
get_model_file (GstFeclipCalibrator *self, GstElement *element)
{
  char *path = NULL;

  GST_OBJECT_LOCK (element);
  g_object_get (self->settings, "model-file", &path, NULL);
  GST_OBJECT_UNLOCK (element);
  if (path == NULL || *path == '\0') {
    g_free (path);
    path = feclip_model_find_builtin ();
  }
  return path;
}

static void
warn_of_other_model (GstFeclipCalibrator *self, GstElement *element,
                     const FeclipCalibration *calibration, const char *file)
{
  g_autofree char *path = get_model_file (self, element);
  g_autofree char *model = path ? g_path_get_basename (path) : NULL;

  if (model != NULL && calibration->model != NULL
      && !g_str_equal (model, calibration->model))
    GST_ELEMENT_WARNING (element, RESOURCE, SETTINGS,
                         ("%s was made with the model %s, not %s: its "
                          "thresholds may not fit.",
                          file, calibration->model, model),
                         (NULL));
}

static gboolean
check_map_type (GstFeclipCalibrator *self, GstElement *element,
                const FeclipCalibration *calibration, const char *file,
                GError **error)
{
  FeclipMapType map_type = 0;

  GST_OBJECT_LOCK (element);
  g_object_get (self->settings, "map-type", &map_type, NULL);
  GST_OBJECT_UNLOCK (element);
  /* With normal references, probabilities become few-shot maps. */
  if (!calibration->has_map || calibration->map_type == map_type
      || (calibration->map_type == FECLIP_MAP_TYPE_FEW_SHOT
          && map_type == FECLIP_MAP_TYPE_PROBABILITY))
    return TRUE;
  g_set_error (
      error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
      "%s was made with another \"map-type\" than the element has: its "
      "pixel threshold does not fit.",
      file);
  return FALSE;
}

/* Keeps a calibration and sets the thresholds; with @from_file only those that
 * the user has not set since the file was named. */
static void
apply (GstFeclipCalibrator *self, GstElement *element,
       const FeclipCalibration *calibration, gboolean from_file)
{
  gboolean set = FALSE, set_pixel = FALSE;

  /* One section decides and sets: what a user sets meanwhile comes either
   * before the decision or after both values. */
  GST_OBJECT_LOCK (element);
  feclip_calibration_free (self->latest);
  self->latest = feclip_calibration_copy (calibration);
  set = !from_file || !self->threshold_set;
  set_pixel =
      calibration->has_map && (!from_file || !self->pixel_threshold_set);
  if (set)
    g_object_set (self->settings, "threshold", calibration->threshold, NULL);
  if (set_pixel)
    g_object_set (self->settings, "pixel-threshold",
                  calibration->pixel_threshold, NULL);
  /* A file that is read again does not replace what own frames have set. */
  self->threshold_set |= set && !from_file;
  self->pixel_threshold_set |= set_pixel && !from_file;
  GST_OBJECT_UNLOCK (element);

  g_object_freeze_notify (G_OBJECT (element));
  if (set)
    g_object_notify (G_OBJECT (element), "threshold");
  if (set_pixel)
    g_object_notify (G_OBJECT (element), "pixel-threshold");
  g_object_thaw_notify (G_OBJECT (element));
}

static gboolean
load (GstFeclipCalibrator *self, GstElement *element, const char *file,
      GError **error)
{
  g_autoptr (FeclipCalibration) calibration =
      feclip_calibration_load (file, error);

  if (calibration == NULL
      || !check_map_type (self, element, calibration, file, error))
    return FALSE;
  warn_of_other_model (self, element, calibration, file);
  apply (self, element, calibration, TRUE);
  return TRUE;
}

void
gst_feclip_calibrator_set_file (GstFeclipCalibrator *self, GstElement *element,
                                const char *path)
{
  const char *file = path != NULL && *path != '\0' ? path : NULL;
  g_autoptr (GError) error = NULL;
  gboolean now = FALSE;

  GST_OBJECT_LOCK (element);
  g_free (self->file);
  self->file = g_strdup (file);
  self->threshold_set = FALSE;
  self->pixel_threshold_set = FALSE;
  /* Also while it changes to PAUSED, as it may have read the file before. */
  now =
      file != NULL
      && MAX (GST_STATE (element), GST_STATE_NEXT (element)) > GST_STATE_READY;
  self->pending = !now;
  GST_OBJECT_UNLOCK (element);
  if (now && !load (self, element, file, &error))
    gst_feclip_post_warning (element, error);
}

gboolean
gst_feclip_calibrator_open (GstFeclipCalibrator *self, GstElement *element,
                            gboolean again)
{
  g_autofree char *file = NULL;
  g_autoptr (GError) error = NULL;

  GST_OBJECT_LOCK (element);
  if (self->pending || again)
    file = g_strdup (self->file);
  self->pending = FALSE;
  GST_OBJECT_UNLOCK (element);
  if (file == NULL || load (self, element, file, &error))
    return TRUE;
  gst_feclip_post_error (element, error);
  GST_OBJECT_LOCK (element);
  self->pending = TRUE;
  GST_OBJECT_UNLOCK (element);
  return FALSE;
}

gboolean
gst_feclip_calibrator_start (GstFeclipCalibrator *self, GstElement *element,
                             guint n_frames, double false_alarm_rate)
{
  if (n_frames == 0 || !(false_alarm_rate > 0 && false_alarm_rate < 1)) {
    GST_WARNING_OBJECT (element,
                        "calibrate: it takes at least one frame, not %u, and a "
                        "rate above 0 and below 1, not %g",
                        n_frames, false_alarm_rate);
    return FALSE;
  }
  GST_OBJECT_LOCK (element);
  feclip_calibration_free (self->collected);
  self->collected = feclip_calibration_new (false_alarm_rate);
  self->wanted = n_frames;
  GST_OBJECT_UNLOCK (element);
  return TRUE;
}

/* Posts "feclip-calibrated", with the thresholds in force. */
static void
post_calibrated (GstFeclipCalibrator *self, GstElement *element,
                 const FeclipCalibration *calibration, gboolean complete)
{
  double threshold = 0, pixel_threshold = 0;
  GstStructure *fields = NULL;

  GST_OBJECT_LOCK (element);
  g_object_get (self->settings, "threshold", &threshold, "pixel-threshold",
                &pixel_threshold, NULL);
  GST_OBJECT_UNLOCK (element);
  fields = gst_structure_new (
      "feclip-calibrated", "complete", G_TYPE_BOOLEAN, complete, "frames",
      G_TYPE_UINT, calibration->n_frames, "threshold", G_TYPE_DOUBLE, threshold,
      "pixel-threshold", G_TYPE_DOUBLE, pixel_threshold, "false-alarm-rate",
      G_TYPE_DOUBLE, calibration->false_alarm_rate, NULL);
  if (complete)
    gst_structure_set (fields, "attained-rate", G_TYPE_DOUBLE,
                       calibration->attained_rate, NULL);
  gst_element_post_message (
      element, gst_message_new_element (GST_OBJECT (element), fields));
}

static void
finish (GstFeclipCalibrator *self, GstElement *element,
        FeclipCalibration *calibration)
{
  g_autofree char *model = get_model_file (self, element);
  g_autofree char *name =
      model != NULL ? g_filename_display_basename (model) : NULL;
  g_autoptr (GError) error = NULL;
  gboolean complete = feclip_calibration_finish (calibration, model, &error);

  if (complete) {
    apply (self, element, calibration, FALSE);
  } else {
    g_prefix_error (&error,
                    "The calibration of %s failed, so that the thresholds stay "
                    "as they are: ",
                    name != NULL ? name : "the model");
    gst_feclip_post_warning (element, error);
  }
  post_calibrated (self, element, calibration, complete);
}

gboolean
gst_feclip_calibrator_add (GstFeclipCalibrator *self, GstElement *element,
                           const FeclipResult *result)
{
  g_autoptr (FeclipCalibration) done = NULL;
  gboolean belongs = FALSE;

  GST_OBJECT_LOCK (element);
  belongs = self->collected != NULL;
  if (belongs) {
    feclip_calibration_add (self->collected, result);
    if (--self->wanted == 0)
      done = g_steal_pointer (&self->collected);
  }
  GST_OBJECT_UNLOCK (element);
  if (done != NULL)
    finish (self, element, done);
  return belongs;
}

void
gst_feclip_calibrator_stop (GstFeclipCalibrator *self, GstElement *element)
{
  g_autoptr (FeclipCalibration) cancelled = NULL;

  GST_OBJECT_LOCK (element);
  cancelled = g_steal_pointer (&self->collected);
  GST_OBJECT_UNLOCK (element);
  if (cancelled != NULL)
    post_calibrated (self, element, cancelled, FALSE);
}

gboolean
gst_feclip_calibrator_save (GstFeclipCalibrator *self, GstElement *element,
                            const char *path)
{
  g_autoptr (FeclipCalibration) calibration = NULL;
  g_autoptr (GError) error = NULL;

  GST_OBJECT_LOCK (element);
  if (self->latest != NULL)
    calibration = feclip_calibration_copy (self->latest);
  GST_OBJECT_UNLOCK (element);

  if (path == NULL)
    g_set_error (&error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "\"save-calibration\" needs the path of a file.");
  else if (calibration == NULL)
    g_set_error (&error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "There is no calibration to save to %s: none has been loaded "
                 "or finished.",
                 path);
  else if (feclip_calibration_save (calibration, path, &error))
    return TRUE;
  gst_feclip_post_warning (element, error);
  return FALSE;
}
