/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "result/calibration.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

/* A calibration file has some hundred bytes. */
#define MAX_FILE_SIZE (64 * 1024)

/* ULPs (fp32) between the maximum of a map and the threshold above it, since
 * upsampling the map rounds each pixel twice. */
#define ENLARGING_STEPS 4

G_DEFINE_BOXED_TYPE (FeclipCalibration, feclip_calibration,
                     feclip_calibration_copy, feclip_calibration_free)

const char *const fe_calibration_quantiles[FE_CALIBRATION_N_QUANTILES] = {
    "0", "0.25", "0.5", "0.75", "0.9", "0.95", "0.99", "1"};

FeclipCalibration *
feclip_calibration_new (double false_alarm_rate)
{
  FeCalibration *self = NULL;

  g_return_val_if_fail (false_alarm_rate > 0 && false_alarm_rate < 1, NULL);

  self = g_new0 (FeCalibration, 1);
  self->public.false_alarm_rate = false_alarm_rate;
  self->scores = g_array_new (FALSE, FALSE, sizeof (double));
  self->maxima = g_array_new (FALSE, FALSE, sizeof (double));
  return &self->public;
}

static double
find_maximum (const FeclipResult *result)
{
  const gsize n = (gsize)result->map_width * result->map_height;
  double maximum = -INFINITY;

  for (gsize i = 0; i < n; i++) {
    if (!isfinite (result->map[i]))
      return NAN;
    maximum = MAX (maximum, result->map[i]);
  }
  return maximum;
}

void
feclip_calibration_add (FeclipCalibration *calibration,
                        const FeclipResult *result)
{
  FeCalibration *self = (FeCalibration *)calibration;
  double maximum = 0;

  g_return_if_fail (self != NULL && self->scores != NULL);
  g_return_if_fail (result != NULL);

  /* Values on different scales cannot be compared: start again with the new
   * one. */
  if ((result->map != NULL) != self->public.has_map
      || result->map_type != self->public.map_type) {
    g_array_set_size (self->scores, 0);
    g_array_set_size (self->maxima, 0);
    self->public.n_frames = 0;
  }
  self->public.has_map = result->map != NULL;
  self->public.map_type = result->map_type;
  if (self->public.has_map)
    maximum = find_maximum (result);
  if (!isfinite (result->score) || !isfinite (maximum))
    return;
  g_array_append_val (self->scores, result->score);
  if (self->public.has_map)
    g_array_append_val (self->maxima, maximum);
  self->public.n_frames = self->scores->len;
}

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  const double left = *(const double *)a;
  const double right = *(const double *)b;

  return left < right ? -1 : left > right;
}

/* Returns: (transfer full): the values in ascending order */
static double *
sort (const GArray *numbers)
{
  double *sorted = g_memdup2 (numbers->data, numbers->len * sizeof (double));

  qsort (sorted, numbers->len, sizeof (double), compare_numbers);
  return sorted;
}

/* Quantile of n sorted values with linear interpolation. */
static void
find_quantiles (const double *sorted, guint n,
                double quantiles[FE_CALIBRATION_N_QUANTILES])
{
  for (guint i = 0; i < FE_CALIBRATION_N_QUANTILES; i++) {
    const double at =
        g_ascii_strtod (fe_calibration_quantiles[i], NULL) * (n - 1);
    const guint lower = (guint)at;
    const guint upper = MIN (lower + 1, n - 1);

    quantiles[i] =
        sorted[lower] + (sorted[upper] - sorted[lower]) * (at - lower);
  }
}

/* Conformal quantile: index, from 1, of the sorted normal value that a new one
 * exceeds with a probability of at most @rate; n if there are too few values
 * for that. */
static guint
find_rank (guint n, double rate)
{
  /* Without the tolerance, 100 · (1 − 0.01) would be rounded up to 100. */
  const double rank = ceil ((n + 1.0) * (1 - rate) - 1e-9);

  return (guint)CLAMP (rank, 1, n);
}

/* The threshold is above the quantile, since a score at the threshold is
 * anomalous. */
static double
step_over_score (double quantile)
{
  return nextafter (quantile, INFINITY);
}

static double
step_over_map (double quantile)
{
  float value = (float)quantile;

  for (guint i = 0; i < ENLARGING_STEPS; i++)
    value = nextafterf (value, INFINITY);
  return value;
}

gboolean
feclip_calibration_finish (FeclipCalibration *calibration,
                           const char *model_file, GError **error)
{
  FeCalibration *self = (FeCalibration *)calibration;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree double *scores = NULL;
  guint n = 0, rank = 0;

  g_return_val_if_fail (self != NULL && self->scores != NULL, FALSE);

  n = self->scores->len;
  if (n == 0) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT,
                 "thresholds need at least one normal frame");
    return FALSE;
  }
  rank = find_rank (n, calibration->false_alarm_rate);
  scores = sort (self->scores);
  find_quantiles (scores, n, self->score_quantiles);
  calibration->threshold = step_over_score (scores[rank - 1]);
  if (calibration->has_map) {
    g_autofree double *maxima = sort (self->maxima);

    find_quantiles (maxima, n, self->map_quantiles);
    calibration->pixel_threshold = step_over_map (maxima[rank - 1]);
  }
  calibration->attained_rate = (n + 1.0 - rank) / (n + 1.0);

  g_free (calibration->model);
  g_free (calibration->date);
  g_free (calibration->version);
  calibration->model = model_file ? g_path_get_basename (model_file) : NULL;
  calibration->date = g_date_time_format (now, "%Y-%m-%dT%H:%M:%SZ");
  calibration->version = g_strdup (feclip_version ());
  return TRUE;
}

gboolean
feclip_calibration_save (const FeclipCalibration *self, const char *path,
                         GError **error)
{
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) cause = NULL;

  g_return_val_if_fail (self != NULL && self->date != NULL, FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  name = g_filename_display_name (path);
  text = fe_calibration_to_json ((const FeCalibration *)self);
  if (g_file_set_contents (path, text, -1, &cause))
    return TRUE;
  g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
               "%s cannot be written: %s", name, cause->message);
  return FALSE;
}

/* Reading a pipe or device could block or never end. */
static gboolean
check_size (const char *path, const char *name, GError **error)
{
  GStatBuf status;

  if (g_stat (path, &status) == 0
      && (!S_ISREG (status.st_mode) || status.st_size > MAX_FILE_SIZE)) {
    g_set_error (
        error, FECLIP_ERROR, FECLIP_ERROR_FORMAT,
        "%s is not a calibration: it is not a regular file of up to %d bytes",
        name, MAX_FILE_SIZE);
    return FALSE;
  }
  return TRUE;
}

FeclipCalibration *
feclip_calibration_load (const char *path, GError **error)
{
  FeCalibration *self = NULL;
  g_autoptr (FeclipCalibration) calibration = NULL;
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) cause = NULL;
  gsize length = 0;

  g_return_val_if_fail (path != NULL, NULL);

  name = g_filename_display_name (path);
  if (!check_size (path, name, error))
    return NULL;
  if (!g_file_get_contents (path, &text, &length, &cause)) {
    g_set_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE,
                 "%s cannot be read: %s", name, cause->message);
    return NULL;
  }
  self = g_new0 (FeCalibration, 1);
  calibration = &self->public;
  if (!fe_calibration_from_json (self, text, length, name, error))
    return NULL;
  return g_steal_pointer (&calibration);
}

FeclipCalibration *
feclip_calibration_copy (const FeclipCalibration *calibration)
{
  const FeCalibration *self = (const FeCalibration *)calibration;
  FeCalibration *copy = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  copy = g_memdup2 (self, sizeof (*self));
  copy->public.model = g_strdup (calibration->model);
  copy->public.date = g_strdup (calibration->date);
  copy->public.version = g_strdup (calibration->version);
  copy->scores = self->scores ? g_array_copy (self->scores) : NULL;
  copy->maxima = self->maxima ? g_array_copy (self->maxima) : NULL;
  return &copy->public;
}

void
feclip_calibration_free (FeclipCalibration *calibration)
{
  FeCalibration *self = (FeCalibration *)calibration;

  if (self == NULL)
    return;
  g_clear_pointer (&self->scores, g_array_unref);
  g_clear_pointer (&self->maxima, g_array_unref);
  g_free (self->public.model);
  g_free (self->public.date);
  g_free (self->public.version);
  g_free (self);
}
