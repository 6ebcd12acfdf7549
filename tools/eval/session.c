/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "eval/session.h"

#include <feclip/feclip-enums.h>
#include <math.h>

#include "cli/interrupt.h"
#include "cli/message.h"
#include "cli/progress.h"
#include "eval/dataset.h"
#include "eval/mask.h"
#include "still/image_file.h"
#include "still/location.h"

/* A decoded test image with its mask. */
typedef struct {
  const FeCase *item;
  /* NULL after a failure, which @error describes. */
  FeStillImage *image;
  GError *error;
  /* NULL where the case has no mask, or where reading it failed, which
   * @mask_error describes. */
  FeMask *mask;
  GError *mask_error;
} Reading;

/* Decodes images and masks ahead of time in threads of its own. Use it from one
 * thread. */
typedef struct _Reader Reader;

/* Limits how many decoded images are in memory: each takes megabytes. */
#define MAX_THREADS 8
#define AHEAD_PER_THREAD 2

struct _Reader {
  GPtrArray *cases;
  GThreadPool *pool;
  GMutex lock;
  GCond done;
  /* What is decoded but not returned yet, by the index of its case. */
  Reading **readings;
  guint n_begun;
  guint n_given;
  guint n_ahead;
  gint stopped;
};

/* NULL is allowed. */
static void
reading_free (Reading *self)
{
  if (!self)
    return;
  fe_still_image_free (self->image);
  fe_mask_free (self->mask);
  g_clear_error (&self->error);
  g_clear_error (&self->mask_error);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reading, reading_free)

/* NULL is allowed. Waits for the decoding threads. */
static void
reader_free (Reader *self)
{
  if (!self)
    return;
  g_atomic_int_set (&self->stopped, TRUE);
  g_thread_pool_free (self->pool, FALSE, TRUE);
  for (guint i = self->n_given; i < self->n_begun; i++)
    reading_free (self->readings[i]);
  g_free (self->readings);
  g_cond_clear (&self->done);
  g_mutex_clear (&self->lock);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reader, reader_free)

static Reading *
read_case (const FeCase *item)
{
  Reading *self = g_new0 (Reading, 1);

  self->item = item;
  self->image = fe_still_image_new (item->path, &self->error);
  if (self->image && item->mask_path)
    self->mask =
        fe_mask_read (item->mask_path, fe_still_image_get_frame (self->image),
                      &self->mask_error);
  return self;
}

static void
do_case (gpointer data, gpointer user_data)
{
  Reader *self = user_data;
  /* A pool cannot hold NULL: what is pushed is the index + 1. */
  guint index = GPOINTER_TO_UINT (data) - 1;
  Reading *reading;

  if (g_atomic_int_get (&self->stopped))
    return;
  reading = read_case (g_ptr_array_index (self->cases, index));
  g_mutex_lock (&self->lock);
  self->readings[index] = reading;
  g_cond_signal (&self->done);
  g_mutex_unlock (&self->lock);
}

static void
read_ahead (Reader *self)
{
  guint end = MIN (self->n_given + self->n_ahead, self->cases->len);

  for (; self->n_begun < end; self->n_begun++)
    g_thread_pool_push (self->pool, GUINT_TO_POINTER (self->n_begun + 1), NULL);
}

/* @cases (FeCase) must live as long as the reader. */
static Reader *
reader_new (GPtrArray *cases)
{
  Reader *self = g_new0 (Reader, 1);
  guint n_threads = MIN (g_get_num_processors (), MAX_THREADS);

  self->cases = cases;
  self->readings = g_new0 (Reading *, cases->len);
  self->n_ahead = n_threads * AHEAD_PER_THREAD;
  g_mutex_init (&self->lock);
  g_cond_init (&self->done);
  /* A pool without exclusive threads is always created. */
  self->pool = g_thread_pool_new (do_case, self, (gint)n_threads, FALSE, NULL);
  read_ahead (self);
  return self;
}

/* Waits for the next image, in the order of the cases; NULL after the last. */
static Reading *
reader_next (Reader *self)
{
  guint index = self->n_given;
  Reading *reading;

  if (index == self->cases->len)
    return NULL;
  g_mutex_lock (&self->lock);
  while (!self->readings[index])
    g_cond_wait (&self->done, &self->lock);
  reading = self->readings[index];
  g_mutex_unlock (&self->lock);
  self->n_given++;
  read_ahead (self);
  return reading;
}

/* Creates the memory of normal images if the session compares with some. */
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
    fe_message_warning ("the model has no adapters: images get CLIP's own "
                        "score and no map, and pixels are not evaluated");
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

/* Prints a problem with a file and keeps it for the results. */
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

/* Notes and counts a mask that cannot be used. */
static void
check_mask (FeSession *self, const FeCategory *category, const Reading *reading)
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
analyse (FeSession *self, const Reading *reading, GError **error)
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
                 "%s: the result of the network is not finite", name);
    return NULL;
  }
  return g_steal_pointer (&result);
}

/* Returns FALSE where the next image would fail, too: the device failed. */
static gboolean
evaluate (FeSession *self, const FeCategory *category, const Reading *reading)
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

gboolean
fe_session_check_references (const FeDataset *dataset, guint n_references,
                             GError **error)
{
  for (guint i = 0; i < dataset->categories->len; i++) {
    const FeCategory *category = g_ptr_array_index (dataset->categories, i);

    if (category->training->len < n_references) {
      g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                   "--references: category \"%s\" has %u normal images to "
                   "train with, fewer than %u",
                   category->name, category->training->len, n_references);
      return FALSE;
    }
  }
  return TRUE;
}

/* Replaces the content of @references by the category's first @n_references
 * training images, and keeps @limit of their patches, 0: all. */
static gboolean
learn_references (const FeCategory *category, guint n_references, guint limit,
                  FeclipReferences *references, FeclipDetector *detector,
                  GError **error)
{
  feclip_references_clear (references);
  for (guint i = 0; i < n_references; i++) {
    if (!fe_location_learn_image (g_ptr_array_index (category->training, i),
                                  references, detector, error))
      return FALSE;
  }
  feclip_references_reduce (references, limit);
  return TRUE;
}

static gboolean
start_category (FeSession *self, const FeCategory *category)
{
  g_autoptr (GError) error = NULL;

  if (!self->references
      || learn_references (category, self->subject.n_references,
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
  g_autoptr (Reader) reader = reader_new (cases);
  gint64 start = g_get_monotonic_time ();
  guint done = 0;

  self->subject.dataset = dataset;
  for (guint i = 0; i < dataset->categories->len; i++) {
    const FeCategory *category = g_ptr_array_index (dataset->categories, i);

    if (!start_category (self, category))
      return FALSE;
    for (guint j = 0; j < category->cases->len; j++) {
      g_autoptr (Reading) reading = NULL;

      fe_progress_show_count ("image", done++, cases->len, start);
      reading = reader_next (reader);
      if (!evaluate (self, category, reading) || fe_interrupt_is_pending ())
        return FALSE;
    }
  }
  self->subject.seconds = (double)(g_get_monotonic_time () - start) / 1e6;
  fe_progress_show ("computing the numbers");
  fe_evaluation_finish (self->evaluation);
  fe_progress_hide ();
  return TRUE;
}
