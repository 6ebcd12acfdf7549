/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Thresholds from normal frames: the quantile, what it promises, its file. */
#include <feclip/calibration.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "support/scratch.h"

/* Returns: (transfer full): a frame's result; a map of one number, NAN: none */
static FeclipResult *
make_result (double score, float map)
{
  return feclip_result_new (&(FeclipResult){
      .score = score,
      .width = 1,
      .height = 1,
      .map_width = isnan (map) ? 0 : 1,
      .map_height = isnan (map) ? 0 : 1,
      .map = isnan (map) ? NULL : &map,
  });
}

static void
add (FeclipCalibration *calibration, double score, float map)
{
  g_autoptr (FeclipResult) result = make_result (score, map);

  feclip_calibration_add (calibration, result);
}

/* Of the scores 1…n, in a mixed order, the maps being tenfold. */
static FeclipCalibration *
calibrate_count (guint n, double rate)
{
  FeclipCalibration *calibration = feclip_calibration_new (rate);

  for (guint i = 0; i < n; i++) {
    const double score = 1 + (i % 2 ? n - 1 - i / 2 : i / 2);

    add (calibration, score, (float)score * 10);
  }
  g_assert_true (feclip_calibration_finish (calibration, "/a/b.pt", NULL));
  return calibration;
}

static void
test_quantile (void)
{
  static const struct {
    guint n;
    double rate;
    double below; /* the value just below the threshold */
    double attained;
  } cases[] = {
      {1, 0.5, 1, 0.5},         {1, 0.01, 1, 0.5},
      {2, 0.5, 2, 1.0 / 3},     {9, 0.1, 9, 0.1},
      {10, 0.1, 10, 1.0 / 11},  {19, 0.1, 18, 0.1},
      {98, 0.01, 98, 1.0 / 99}, {99, 0.01, 99, 0.01},
      {199, 0.01, 198, 0.01},   {200, 0.01, 199, 2.0 / 201},
      {99, 0.999, 1, 0.99},     {7, 0.25, 6, 0.25},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (FeclipCalibration) calibration =
        calibrate_count (cases[i].n, cases[i].rate);

    g_assert_cmpuint (calibration->n_frames, ==, cases[i].n);
    g_assert_cmpfloat (calibration->threshold, >, cases[i].below);
    g_assert_cmpfloat_with_epsilon (calibration->threshold, cases[i].below,
                                    1e-9);
    g_assert_true (calibration->has_map);
    g_assert_cmpfloat ((float)calibration->pixel_threshold, >,
                       (float)cases[i].below * 10);
    g_assert_cmpfloat_with_epsilon (calibration->pixel_threshold,
                                    cases[i].below * 10, 1e-3);
    g_assert_cmpfloat_with_epsilon (calibration->attained_rate,
                                    cases[i].attained, 1e-12);
    g_assert_cmpstr (calibration->model, ==, "b.pt");
  }
}

/* A camera before a still scene sees the same numbers for ever. */
static void
test_still_scene (void)
{
  g_autoptr (FeclipCalibration) calibration = feclip_calibration_new (0.01);
  const float cells[4] = {0.3f, 0.71f, 0.71f, 0.7099999f};
  g_autoptr (FeclipResult) result = feclip_result_new (&(FeclipResult){
      .score = 0.4,
      .width = 1,
      .height = 1,
      .map_width = 2,
      .map_height = 2,
      .map = cells,
  });
  g_autoptr (GArray) defects = NULL;

  for (guint i = 0; i < 5; i++)
    feclip_calibration_add (calibration, result);
  g_assert_true (feclip_calibration_finish (calibration, NULL, NULL));
  g_assert_false (result->score >= calibration->threshold);
  defects = feclip_result_find_defects (result, 333, 217,
                                        calibration->pixel_threshold);
  g_assert_cmpuint (defects->len, ==, 0);
}

static double
draw_normal (GRand *random)
{
  return sqrt (-2 * log (1 - g_rand_double (random)))
         * cos (2 * G_PI * g_rand_double (random));
}

/* Over many calibrations the share of further normal frames that reach the
 * threshold is the stated one, whatever the distribution. */
static void
test_false_alarms (gconstpointer skewed)
{
  const double rate = 0.1;
  const guint n_runs = 400, n_frames = 49, n_tries = 50;
  GRand *random = g_rand_new_with_seed (7);
  guint n_alarms = 0, n_marked = 0;
  double alarms = 0, marked = 0;

  for (guint run = 0; run < n_runs; run++) {
    g_autoptr (FeclipCalibration) calibration = feclip_calibration_new (rate);

    for (guint i = 0; i < n_frames + n_tries; i++) {
      const double score =
          skewed ? -log (1 - g_rand_double (random)) : draw_normal (random);
      const double maximum = draw_normal (random);

      if (i < n_frames)
        add (calibration, score, (float)maximum);
      if (i == n_frames - 1)
        feclip_calibration_finish (calibration, NULL, NULL);
      if (i >= n_frames) {
        n_alarms += score >= calibration->threshold;
        n_marked += maximum >= calibration->pixel_threshold;
      }
    }
  }
  alarms = n_alarms / (double)(n_runs * n_tries);
  marked = n_marked / (double)(n_runs * n_tries);
  g_test_message ("%.4f of scores and %.4f of maps reach their thresholds",
                  alarms, marked);
  g_assert_cmpfloat_with_epsilon (alarms, rate, 0.01);
  g_assert_cmpfloat_with_epsilon (marked, rate, 0.01);
  g_rand_free (random);
}

static void
test_no_frames (void)
{
  g_autoptr (FeclipCalibration) calibration = feclip_calibration_new (0.1);
  g_autoptr (GError) error = NULL;

  add (calibration, NAN, 0.5f);
  add (calibration, 0.5, INFINITY);
  g_assert_false (feclip_calibration_finish (calibration, NULL, &error));
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_INPUT);
}

static void
test_file (gconstpointer without_map)
{
  g_autoptr (FeclipCalibration) calibration = feclip_calibration_new (0.25);
  g_autoptr (FeclipCalibration) copy = NULL;
  g_autoptr (FeclipCalibration) loaded = NULL;
  g_autofree char *path = scratch_path ("feclip-calibration-test.json");
  g_autofree char *again = scratch_path ("feclip-calibration-again.json");
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 9; i++)
    add (calibration, 1 / (i + 3.0), without_map ? NAN : 1 / (i + 7.0f));
  g_assert_true (feclip_calibration_finish (calibration, "a \"[\" b.pt", NULL));
  copy = feclip_calibration_copy (calibration);
  g_assert_true (feclip_calibration_save (copy, path, &error));
  g_assert_no_error (error);

  loaded = feclip_calibration_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (loaded->threshold, ==, calibration->threshold);
  g_assert_cmpint (loaded->has_map, ==, !without_map);
  g_assert_cmpfloat (loaded->pixel_threshold, ==, calibration->pixel_threshold);
  g_assert_cmpfloat (loaded->false_alarm_rate, ==, 0.25);
  g_assert_cmpfloat (loaded->attained_rate, ==, calibration->attained_rate);
  g_assert_cmpuint (loaded->n_frames, ==, 9);
  g_assert_cmpstr (loaded->model, ==, "a \"[\" b.pt");
  g_assert_cmpstr (loaded->version, ==, feclip_version ());

  g_assert_true (feclip_calibration_save (loaded, again, &error));
  g_assert_true (g_file_get_contents (path, &first, NULL, NULL));
  g_assert_true (g_file_get_contents (again, &second, NULL, NULL));
  g_assert_cmpstr (first, ==, second);
  g_remove (path);
  g_remove (again);
}

/* A whole file, of which each case below spoils one part. */
#define WHOLE \
  "{\"feclip_calibration\":1,\"threshold\":0.5,\"pixel_threshold\":0.5," \
  "\"false_alarm_rate\":0.01,\"attained_rate\":0.01,\"frames\":99," \
  "\"score_quantiles\":{\"0\":0,\"0.25\":0,\"0.5\":0,\"0.75\":0,\"0.9\":0," \
  "\"0.95\":0,\"0.99\":0,\"1\":1},\"map_maximum_quantiles\":{\"0\":0," \
  "\"0.25\":0,\"0.5\":0,\"0.75\":0,\"0.9\":0,\"0.95\":0,\"0.99\":0," \
  "\"1\":1},\"map_type\":\"margin\",\"date\":\"2026-01-01\"}"

static void
assert_refused (const char *text, gssize length, const char *part)
{
  g_autofree char *path = scratch_path ("feclip-calibration-bad.json");
  g_autoptr (FeclipCalibration) calibration = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, text, length, NULL));
  calibration = feclip_calibration_load (path, &error);
  g_assert_null (calibration);
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "feclip-calibration-bad.json"));
  if (strstr (error->message, part) == NULL)
    g_error ("\"%s\" is not in: %s", part, error->message);
  g_remove (path);
}

static void
test_spoiled_members (void)
{
  static const struct {
    const char *from;
    const char *to;
    const char *part;
  } cases[] = {
      {"\"feclip_calibration\":1", "\"feclip\":1", "feclip_calibration"},
      {"calibration\":1", "calibration\":2", "format version is not supported"},
      {"\"threshold\":0.5", "\"threshold\":\"0.5\"", "\"threshold\""},
      {"\"threshold\":0.5", "\"threshold\":1e999", "threshold"},
      {"\"threshold\":0.5", "\"threshold\":null", "\"threshold\""},
      {"\"threshold\":0.5", "\"threshold\":1001", "from -1000 to 1000"},
      {"\"threshold\":0.5", "\"threshold\":[0.5]", "\"threshold\""},
      {"\"threshold\":0.5", "\"threshold\":true", "\"threshold\""},
      {"pixel_threshold\":0.5", "pixel_threshold\":{}", "pixel_threshold"},
      {"\"frames\":99", "\"frames\":0", "\"frames\""},
      {"\"frames\":99", "\"frames\":-5", "\"frames\""},
      {"\"frames\":99", "\"frames\":1e300", "\"frames\""},
      {"false_alarm_rate\":0.01", "false_alarm_rate\":2", "false_alarm_rate"},
      {"\"map_type\":\"margin\"", "\"map_type\":\"magic\"", "map_type"},
      {"\"map_type\":\"margin\"", "\"map_type\":5", "map_type"},
      {"\"0.9\":0", "\"0.8\":0", "\"0.9\""},
      {"\"score_quantiles\":{", "\"score_quantiles\":3,\"x\":{",
       "is not an object"},
      {"\"date\":\"2026-01-01\"", "\"date\":null", "date"},
      {"\"date\"", "\"model\":{},\"date\"", "model"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GString) text = g_string_new (WHOLE);

    g_assert_cmpuint (g_string_replace (text, cases[i].from, cases[i].to, 1),
                      ==, 1);
    assert_refused (text->str, text->len, cases[i].part);
  }
}

static void
test_spoiled_text (void)
{
  const gsize size = strlen (WHOLE);
  g_autofree char *brackets = g_strnfill (60000, '[');
  g_autofree char *hidden = g_strconcat ("/*\"*/", brackets, NULL);
  g_autofree char *large = g_strnfill (70000, ' ');

  /* Every beginning of it, too. */
  for (gsize length = 0; length < size; length += 7)
    assert_refused (WHOLE, length, "not a calibration");
  assert_refused (WHOLE "x", -1, "not a calibration");
  assert_refused ("[]", -1, "is not a JSON object");
  assert_refused ("null", -1, "is not a JSON object");
  assert_refused ("{\"threshold\":\"\xff\"}", -1, "nested too deeply");
  assert_refused ("{\0}", 3, "nested too deeply");
  assert_refused (brackets, -1, "nested too deeply");
  assert_refused (hidden, -1, "nested too deeply");
  assert_refused (large, -1, "not a regular file of up to");
}

static void
test_paths (void)
{
  g_autoptr (FeclipCalibration) calibration = calibrate_count (3, 0.5);
  g_autoptr (GError) error = NULL;

  g_assert_null (feclip_calibration_load (NOWHERE "/calibration.json", &error));
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE);
  g_clear_error (&error);
  g_assert_null (feclip_calibration_load ("/dev/zero", &error));
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_null (feclip_calibration_load ("/", &error));
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_false (feclip_calibration_save (
      calibration, NOWHERE "/calibration.json", &error));
  g_assert_error (error, FECLIP_ERROR, FECLIP_ERROR_FILE);
  g_assert_nonnull (
      strstr (error->message, NOWHERE "/calibration.json cannot be written"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/calibration/quantile", test_quantile);
  g_test_add_func ("/calibration/still-scene", test_still_scene);
  g_test_add_data_func ("/calibration/false-alarms/normal", NULL,
                        test_false_alarms);
  g_test_add_data_func ("/calibration/false-alarms/skewed", "",
                        test_false_alarms);
  g_test_add_func ("/calibration/no-frames", test_no_frames);
  g_test_add_data_func ("/calibration/file/map", NULL, test_file);
  g_test_add_data_func ("/calibration/file/no-map", "", test_file);
  g_test_add_func ("/calibration/spoiled-members", test_spoiled_members);
  g_test_add_func ("/calibration/spoiled-text", test_spoiled_text);
  g_test_add_func ("/calibration/paths", test_paths);
  return g_test_run ();
}
