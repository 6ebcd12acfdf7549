/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/session.h"

#include <math.h>

#include <feclip/feclip-enums.h>
#include "eval/interrupt.h"
#include "eval/few_shot.h"
#include "cli/message.h"
#include "cli/progress.h"
#include "eval/reader.h"

/* Has a memory for normal images where they were asked for. */
static gboolean
open_references (FeSession *self, FeclipSettings *settings, GError **error)
{
  FeclipReferenceScore score;
  g_autoptr (GEnumClass) scores =
      g_type_class_ref (FECLIP_TYPE_REFERENCE_SCORE);

  g_object_get (settings, "reference-score", &score, "reference-limit",
                &self->reference_limit, NULL);
  self->subject.reference_score =
      g_intern_string (g_enum_get_value (scores, (int)score)->value_nick);
  if (self->subject.n_references == 0)
    return TRUE;
  self->references = feclip_references_new (self->detector, error);
  return self->references
         && feclip_detector_set_references (self->detector, self->references,
                                            error);
}

gboolean
fe_session_open (FeSession *self, FeclipSettings *settings, GError **error)
{
  g_autoptr (FeclipModel) model = NULL;

  self->subject.problems = g_ptr_array_new_with_free_func (g_free);
  self->subject.options = &self->options;
  g_object_get (settings, "model-file", &self->model_file, "adapter-file",
                &self->adapter_file, "threshold", &self->options.threshold,
                "pixel-threshold", &self->options.pixel_threshold, NULL);
  self->subject.model_file = self->model_file;
  self->subject.adapter_file = self->adapter_file;
  fe_progress_show ("loading the model");
  model = feclip_model_new (settings, error);
  if (!model)
    return FALSE;
  self->detector = feclip_detector_new (model, settings, error);
  if (!self->detector || !open_references (self, settings, error))
    return FALSE;
  if (!feclip_model_has_adapters (model) && !self->references)
    fe_message_warning ("there are no adapters: the images get CLIP's own "
                        "score and no map, so that pixels are not evaluated");
  self->options.size = feclip_model_get_image_size (model);
  self->evaluation = fe_evaluation_new (&self->options);
  self->subject.device = g_intern_string (feclip_model_get_device_name (model));
  return TRUE;
}

void
fe_session_clear (FeSession *self)
{
  g_clear_object (&self->references);
  g_clear_object (&self->detector);
  fe_evaluation_free (self->evaluation);
  g_clear_pointer (&self->subject.problems, g_ptr_array_unref);
  g_clear_pointer (&self->model_file, g_free);
  g_clear_pointer (&self->adapter_file, g_free);
  self->evaluation = NULL;
}

/* Says what is wrong with a file and keeps it for the results. */
static void
note (FeSession *self, const char *problem)
{
  fe_message_error ("%s", problem);
  g_ptr_array_add (self->subject.problems, g_strdup (problem));
}

static gboolean
is_finite (const FeclipResult *result)
{
  for (guint i = 0; i < result->map_width * result->map_height; i++)
    if (!isfinite (result->map[i]))
      return FALSE;
  return isfinite (result->score);
}

/* Names a mask that cannot be used and counts it. */
static void
check_mask (FeSession *self, const FeCategory *category,
            const FeReading *reading)
{
  if (reading->mask_error) {
    note (self, reading->mask_error->message);
  } else if (category->n_masks > 0 && !reading->item->mask_path
             && reading->item->truth == FE_TRUTH_DEFECTIVE) {
    g_autofree char *name = g_filename_display_name (reading->item->path);
    g_autofree char *problem =
        g_strconcat (name, ": there is no mask for this image", NULL);

    note (self, problem);
  } else {
    return;
  }
  self->subject.n_bad_masks++;
}

static FeclipResult *
analyse (FeSession *self, const FeReading *reading, GError **error)
{
  g_autofree char *name = g_filename_display_name (reading->item->path);
  g_autoptr (FeclipResult) result = NULL;

  if (!reading->image) {
    g_propagate_error (error, g_error_copy (reading->error));
    return NULL;
  }
  result = feclip_detector_analyse (
      self->detector, fe_still_image_get_frame (reading->image), error);
  if (!result) {
    g_prefix_error (error, "%s: ", name);
    return NULL;
  }
  if (!is_finite (result)) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
                 "%s: the network's result is not a finite number", name);
    return NULL;
  }
  return g_steal_pointer (&result);
}

/* Returns FALSE where there is no use in trying the next image. */
static gboolean
evaluate (FeSession *self, const FeCategory *category, const FeReading *reading)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FeclipResult) result = analyse (self, reading, &error);

  if (!result) {
    note (self, error->message);
    self->subject.n_failed++;
    return !g_error_matches (error, FECLIP_ERROR, FECLIP_ERROR_DEVICE);
  }
  check_mask (self, category, reading);
  fe_evaluation_add (self->evaluation, category, reading->item, reading->mask,
                     result);
  self->subject.n_images++;
  return TRUE;
}

static GPtrArray *
list_cases (const FeDataset *dataset)
{
  GPtrArray *cases = g_ptr_array_new ();

  for (guint i = 0; i < dataset->categories->len; i++) {
    const FeCategory *category = g_ptr_array_index (dataset->categories, i);

    g_ptr_array_extend (cases, category->cases, NULL, NULL);
  }
  return cases;
}

static gboolean
learn (FeSession *self, const FeCategory *category)
{
  g_autoptr (GError) error = NULL;

  if (!self->references
      || fe_few_shot_learn (category, self->subject.n_references,
                            self->reference_limit, self->references,
                            self->detector, &error))
    return TRUE;
  note (self, error->message);
  return FALSE;
}

gboolean
fe_session_run (FeSession *self, const FeDataset *dataset)
{
  g_autoptr (GPtrArray) cases = list_cases (dataset);
  g_autoptr (FeReader) reader = fe_reader_new (cases);
  gint64 start = g_get_monotonic_time ();
  guint done = 0;

  self->subject.dataset = dataset;
  for (guint i = 0; i < dataset->categories->len; i++) {
    const FeCategory *category = g_ptr_array_index (dataset->categories, i);

    if (!learn (self, category))
      return FALSE;
    for (guint j = 0; j < category->cases->len; j++) {
      g_autoptr (FeReading) reading = NULL;

      fe_progress_show_count ("image", done++, cases->len, start);
      reading = fe_reader_next (reader);
      if (!evaluate (self, category, reading) || fe_interrupt_is_pending ())
        return FALSE;
    }
  }
  self->subject.seconds = (double)(g_get_monotonic_time () - start) / 1e6;
  fe_progress_show ("measuring");
  fe_evaluation_finish (self->evaluation);
  fe_progress_hide ();
  return TRUE;
}
