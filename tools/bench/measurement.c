/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench/measurement.h"

#include <feclip/feclip.h>
#include <stdlib.h>
#include <string.h>

#include "cli/progress.h"

/* Equal frames that are analysed together. */

typedef struct {
  FeclipBatch *batch; /* NULL for one frame, which the detector analyses */
  FeclipBatchItem *items;
  guint n;
} Batch;

static void
batch_clear (Batch *self)
{
  for (guint i = 0; i < self->n; i++)
    g_clear_object (&self->items[i].detector);
  g_clear_pointer (&self->items, g_free);
  g_clear_object (&self->batch);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Batch, batch_clear)

/* Prepares a batch of @n frames; @detector is used for a single one. @frame
 * must live as long as the batch. */
static gboolean
batch_init (Batch *self, FeclipDetector *detector, FeclipModel *model,
            FeclipSettings *settings, const FeclipFrame *frame, guint n,
            GError **error)
{
  self->n = n;
  self->items = g_new0 (FeclipBatchItem, n);
  for (guint i = 0; i < n; i++)
    self->items[i].frame = frame;
  if (n == 1) {
    self->items[0].detector = g_object_ref (detector);
    return TRUE;
  }
  self->batch = feclip_batch_new (model, settings, n, error);
  for (guint i = 0; self->batch && i < n; i++) {
    self->items[i].detector =
        feclip_batch_new_detector (self->batch, model, settings, error);
    if (!self->items[i].detector)
      return FALSE;
  }
  return self->batch != NULL;
}

/* Drops the results. Returns FALSE with the first error of the frames. */
static gboolean
take_results (Batch *self, GError **error)
{
  GError *first = NULL;

  for (guint i = 0; i < self->n; i++) {
    FeclipBatchItem *item = &self->items[i];

    g_clear_pointer (&item->result, feclip_result_unref);
    if (item->error && !first)
      first = g_steal_pointer (&item->error);
    g_clear_error (&item->error);
  }
  if (first)
    g_propagate_error (error, first);
  return !first;
}

/* Analyses the frames once. */
static gboolean
batch_run (Batch *self, GError **error)
{
  FeclipBatchItem *only = self->items;

  if (self->batch)
    feclip_batch_analyse (self->batch, self->items, self->n);
  else
    only->result =
        feclip_detector_analyse (only->detector, only->frame, &only->error);
  return take_results (self, error);
}

/* Fixed, so that every run has the same weights and pixels. */
#define SEED 1

void
fe_measurement_clear (FeMeasurement *self)
{
  g_clear_object (&self->detector);
  g_clear_object (&self->model);
  g_clear_pointer (&self->batches, g_array_unref);
  g_clear_pointer (&self->kernels, g_ptr_array_unref);
  g_clear_pointer (&self->peaks, feclip_device_peaks_free);
  g_clear_pointer (&self->model_file, g_free);
}

static double
get_seconds_since (gint64 start_us)
{
  return (g_get_monotonic_time () - start_us) / 1e6;
}

/* A value of /proc/self/status in bytes, 0 where it is missing. */
static guint64
read_status (const char *key)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL))
    return 0;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i]; i++)
    if (g_str_has_prefix (lines[i], key))
      return g_ascii_strtoull (lines[i] + strlen (key), NULL, 10) * 1024;
  return 0;
}

gboolean
fe_measurement_open (FeMeasurement *self, FeclipSettings *settings,
                     GError **error)
{
  gint64 start = g_get_monotonic_time ();

  fe_progress_show ("loading the model");
  self->model =
      self->size ? feclip_model_new_random (settings, self->size, SEED, error)
                 : feclip_model_new (settings, error);
  if (!self->model)
    return FALSE;
  self->model_seconds = get_seconds_since (start);

  start = g_get_monotonic_time ();
  fe_progress_show ("creating the detector");
  self->detector = feclip_detector_new (self->model, settings, error);
  if (!self->detector)
    return FALSE;
  self->detector_seconds = get_seconds_since (start);
  self->memory = read_status ("RssAnon:") + read_status ("RssShmem:");
  return TRUE;
}

/* Noise: no cache or compression makes it cheaper than a camera frame. */
static guint8 *
make_pixels (guint width, guint height)
{
  gsize size = (gsize)width * height * 3;
  guint8 *pixels = g_malloc (size);
  GRand *random = g_rand_new_with_seed (SEED);

  for (gsize i = 0; i < size; i++)
    pixels[i] = g_rand_int (random) >> 24;
  g_rand_free (random);
  return pixels;
}

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

static gboolean
time_batch (FeMeasurement *self, FeclipSettings *settings,
            const FeclipFrame *frame, FeBatchTime *time, GError **error)
{
  g_autofree double *seconds = g_new (double, self->rounds);
  g_auto (Batch) batch = {0};
  guint n = self->warm_up + self->rounds;
  gint64 begin = g_get_monotonic_time ();

  if (!batch_init (&batch, self->detector, self->model, settings, frame,
                   time->batch, error))
    return FALSE;
  for (guint i = 0; i < n; i++) {
    gint64 start;

    fe_progress_show_count ("round", i, n, begin);
    start = g_get_monotonic_time ();
    if (!batch_run (&batch, error))
      return FALSE;
    if (i >= self->warm_up)
      seconds[i - self->warm_up] = get_seconds_since (start) / time->batch;
  }
  qsort (seconds, self->rounds, sizeof *seconds, compare_doubles);
  time->best_seconds = seconds[0];
  time->median_seconds =
      (seconds[(self->rounds - 1) / 2] + seconds[self->rounds / 2]) / 2;
  return TRUE;
}

static gboolean
time_frames (FeMeasurement *self, FeclipSettings *settings,
             const FeclipFrame *frame, GError **error)
{
  for (guint i = 0; i < self->batches->len; i++) {
    if (!time_batch (self, settings, frame,
                     &g_array_index (self->batches, FeBatchTime, i), error))
      return FALSE;
  }
  return TRUE;
}

/* Lowers the time of each kernel to its time in @others if that is less. */
static void
keep_best (GPtrArray *kernels, GPtrArray *others)
{
  for (guint i = 0; i < kernels->len; i++) {
    FeclipKernelTime *kernel = g_ptr_array_index (kernels, i);

    for (guint j = 0; j < others->len; j++) {
      const FeclipKernelTime *other = g_ptr_array_index (others, j);

      if (g_str_equal (kernel->name, other->name))
        kernel->seconds = MIN (kernel->seconds, other->seconds);
    }
  }
}

static int
compare_kernels (gconstpointer a, gconstpointer b)
{
  const FeclipKernelTime *one = *(FeclipKernelTime *const *)a;
  const FeclipKernelTime *other = *(FeclipKernelTime *const *)b;

  return (one->seconds < other->seconds) - (one->seconds > other->seconds);
}

static gboolean
profile_frames (FeMeasurement *self, const FeclipFrame *frame, GError **error)
{
  gint64 begin = g_get_monotonic_time ();

  for (guint i = 0; i < self->rounds; i++) {
    g_autoptr (GPtrArray) kernels = NULL;

    fe_progress_show_count ("profile", i, self->rounds, begin);
    kernels = feclip_detector_profile (self->detector, frame, error);
    if (!kernels)
      return FALSE;
    if (self->kernels)
      keep_best (self->kernels, kernels);
    else
      self->kernels = g_steal_pointer (&kernels);
  }
  g_ptr_array_sort (self->kernels, compare_kernels);
  fe_progress_show ("measuring the peak of the device");
  self->peaks = feclip_device_peaks_new (self->model, error);
  return self->peaks != NULL;
}

gboolean
fe_measurement_run (FeMeasurement *self, FeclipSettings *settings,
                    gboolean profile, GError **error)
{
  g_autofree guint8 *pixels =
      make_pixels (self->frame_width, self->frame_height);
  const FeclipFrame frame = {
      .format = FECLIP_PIXEL_FORMAT_RGB,
      .width = self->frame_width,
      .height = self->frame_height,
      .planes = {pixels},
      .strides = {(gsize)self->frame_width * 3},
  };

  if (!time_frames (self, settings, &frame, error))
    return FALSE;
  self->peak_memory = read_status ("VmHWM:");
  self->device_memory =
      feclip_model_get_device_memory (self->model, &self->peak_device_memory);
  if (profile && !profile_frames (self, &frame, error))
    return FALSE;
  fe_progress_hide ();
  return TRUE;
}
