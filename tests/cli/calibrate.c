/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* feclip calibrate on images and a video, and what score makes of its file.
 */
#include <feclip/calibration.h>
#include <json-glib/json-glib.h>

#include "support/score_lines.h"
#include "support/shell.h"

#define CALIBRATE \
  "cd \"$DIR\" && \"$FECLIP\" calibrate --model-file=\"$DATA\"/model" \
  ".safetensors --adapter-file=\"$DATA\"/adapter.safetensors "

static FeclipCalibration *
load (const char *name)
{
  g_autofree char *path = shell_dir (name);
  g_autoptr (GError) error = NULL;
  FeclipCalibration *calibration = feclip_calibration_load (path, &error);

  g_assert_no_error (error);
  return calibration;
}

/* The threshold lies just above the largest of few scores. */
static void
test_images (void)
{
  g_autoptr (Shell) run = shell_run (
      CALIBRATE "--false-alarm-rate=0.2 --output=few.json \"$DATA\"");
  g_autoptr (FeclipCalibration) calibration = load ("few.json");
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonArray *expected = load_expected (parser, "images");
  double largest = 0;

  assert_status (run, 0);
  g_assert_cmpstr (run->err, ==, "");
  for (guint i = 0; i < 4; i++)
    largest = MAX (largest, get_expected_score (expected, i));
  g_assert_cmpuint (calibration->n_frames, ==, 4);
  g_assert_cmpfloat_with_epsilon (calibration->threshold, largest, 2e-4);
  g_assert_true (calibration->has_map);
  g_assert_cmpstr (calibration->model, ==, "model.safetensors");
  assert_contains (run->out, "frames           4\n");
  assert_contains (run->out, "pixel-threshold  0.");
}

/* The calibration images are normal afterwards, without a single defect. */
static void
test_score (void)
{
  g_autoptr (Shell) make =
      shell_run (CALIBRATE "--output=score.json \"$DATA\"");
  g_autoptr (Shell) run =
      shell_run (SCORE "--calibration-file=\"$DIR\"/score.json \"$DATA\"");
  g_autoptr (Shell) given =
      shell_run (SCORE "--threshold=0.125 --calibration-file=\"$DIR\"/"
                       "score.json --pixel-threshold -1 \"$DATA\"/image0.png");
  g_autoptr (FeclipCalibration) calibration = load ("score.json");
  g_autoptr (GPtrArray) nodes = NULL;
  g_autoptr (GPtrArray) given_nodes = NULL;

  assert_status (make, 0);
  assert_contains (make->err, "4 frames are too few for a false-alarm rate of "
                              "0.01; the thresholds are for 0.2");
  assert_status (run, 0);
  nodes = parse_lines (run->out);
  g_assert_cmpuint (nodes->len, ==, 4);
  for (guint i = 0; i < nodes->len; i++) {
    JsonObject *anomaly = get_anomaly (nodes, i);

    g_assert_cmpfloat_with_epsilon (
        json_object_get_double_member (anomaly, "threshold"),
        calibration->threshold, 1e-8);
    g_assert_false (json_object_get_boolean_member (anomaly, "anomalous"));
    g_assert_cmpuint (json_array_get_length (json_object_get_array_member (
                          get_line (nodes, i), "objects")),
                      ==, 0);
  }
  assert_status (given, 0);
  given_nodes = parse_lines (given->out);
  g_assert_cmpfloat (
      json_object_get_double_member (get_anomaly (given_nodes, 0), "threshold"),
      ==, 0.125);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (
                        get_line (given_nodes, 0), "objects")),
                    ==, 1);
}

/* Calibrated and scored with the same references. */
static void
test_references (void)
{
  g_autoptr (Shell) make = shell_run (
      CALIBRATE "--output=near.json --references=\"$DATA\"/image3.png "
                "--reference-score=max \"$DATA\"/image[012].png");
  g_autoptr (Shell) same = shell_run (
      CALIBRATE "--output=same.json --references=\"$DATA\"/image3.png "
                "--reference-score=max \"$DATA\"/image3.png");
  g_autoptr (Shell) none =
      shell_run (CALIBRATE "--output=none.json --references=\"$DIR\"/absent "
                           "\"$DATA\"/image3.png");
  g_autoptr (Shell) run = shell_run (
      SCORE "--references=\"$DATA\"/image3.png --reference-score=max "
            "--calibration-file=\"$DIR\"/near.json \"$DATA\"/image[012].png");
  g_autoptr (FeclipCalibration) near = NULL;
  g_autoptr (FeclipCalibration) zero = NULL;
  g_autoptr (GPtrArray) nodes = NULL;
  double largest = 0;

  assert_status (make, 0);
  assert_status (same, 0);
  assert_status (none, 1);
  assert_contains (none->err, "absent");
  assert_status (run, 0);
  near = load ("near.json");
  zero = load ("same.json");
  nodes = parse_lines (run->out);
  for (guint i = 0; i < nodes->len; i++)
    largest = MAX (largest, get_score (nodes, i));
  g_assert_cmpfloat_with_epsilon (near->threshold, largest, 1e-6);
  g_assert_cmpfloat (zero->threshold, <, 1e-4);
  g_assert_cmpint ((int)near->map_type, ==, FECLIP_MAP_TYPE_FEW_SHOT);
}

static void
test_video (void)
{
  g_autoptr (Shell) make =
      shell_run ("gst-launch-1.0 -q videotestsrc num-buffers=7 pattern=ball ! "
                 "video/x-raw,width=160,height=120 ! jpegenc ! avimux ! "
                 "filesink location=\"$DIR\"/ball.avi");
  g_autoptr (Shell) all =
      shell_run (CALIBRATE "--false-alarm-rate=0.3 --output=all.json ball.avi");
  g_autoptr (Shell) some =
      shell_run (CALIBRATE "--false-alarm-rate=0.3 --inference-interval=3 "
                           "--output=some.json ball.avi \"$DATA\"/image0.png");
  g_autoptr (FeclipCalibration) seven = NULL;
  g_autoptr (FeclipCalibration) four = NULL;

  assert_status (make, 0);
  assert_status (all, 0);
  assert_status (some, 0);
  seven = load ("all.json");
  four = load ("some.json");
  g_assert_cmpuint (seven->n_frames, ==, 7);
  g_assert_cmpfloat_with_epsilon (seven->attained_rate, 0.25, 1e-12);
  g_assert_cmpuint (four->n_frames, ==, 4);
  g_assert_cmpfloat (seven->threshold, <, four->threshold);
}

static void
test_existing_file (void)
{
  g_autoptr (Shell) make = shell_run ("echo mine >\"$DIR\"/mine.json");
  g_autoptr (Shell) refused =
      shell_run (CALIBRATE "--output=mine.json \"$DATA\"/image0.png");
  g_autoptr (Shell) show = shell_run ("cat \"$DIR\"/mine.json");
  g_autoptr (Shell) forced =
      shell_run (CALIBRATE "--output=mine.json --force \"$DATA\"/image0.png");
  g_autoptr (FeclipCalibration) calibration = NULL;

  assert_status (refused, 1);
  assert_contains (refused->err, "mine.json exists already");
  g_assert_cmpstr (show->out, ==, "mine\n");
  assert_status (forced, 0);
  calibration = load ("mine.json");
  g_assert_cmpuint (calibration->n_frames, ==, 1);
}

/* Files that cannot be read are named; the others count. */
static void
test_bad_inputs (void)
{
  g_autoptr (Shell) run = shell_run (
      "cd \"$DIR\" && mkdir bad && gst-launch-1.0 -q audiotestsrc "
      "num-buffers=1 ! wavenc ! filesink location=bad/song.wav && "
      "echo text >bad/text.png && head -c 500 \"$DATA\"/image0.png "
      ">bad/cut.png && " CALIBRATE
      "--output=rest.json bad none.png bad/song.wav \"$DATA\"/image0.png");
  g_autoptr (Shell) none =
      shell_run (CALIBRATE "--output=none.json bad/text.png");
  g_autoptr (FeclipCalibration) calibration = load ("rest.json");

  assert_status (run, 1);
  assert_contains (run->err, "song.wav: cannot be decoded as video");
  assert_contains (run->err, "text.png: not an image");
  assert_contains (run->err, "cut.png: cannot be decoded");
  assert_contains (run->err, "none.png: there is no such file");
  g_assert_cmpuint (calibration->n_frames, ==, 1);
  assert_status (none, 1);
  assert_contains (none->err, "at least one normal frame");
}

/* Writes a file for maps of probabilities. */
static void
write_calibration (const char *name)
{
  const float cell = 0.5f;
  g_autofree char *path = shell_dir (name);
  g_autoptr (FeclipCalibration) calibration = feclip_calibration_new (0.5);
  g_autoptr (FeclipResult) result = feclip_result_new (&(FeclipResult){
      .score = 0.5, .map_width = 1, .map_height = 1, .map = &cell});

  feclip_calibration_add (calibration, result);
  g_assert_true (feclip_calibration_finish (calibration, NULL, NULL));
  g_assert_true (feclip_calibration_save (calibration, path, NULL));
}

static void
test_usage (void)
{
  static const ShellFailure failures[] = {
      {"calibrate --output=x.json", 2, "an image, a folder or a video"},
      {"calibrate x.png", 2, "--output is missing"},
      {"calibrate --output=x.json --false-alarm-rate=0 x.png", 2,
       "0 does not lie between 0 and 1"},
      {"calibrate --output=x.json --false-alarm-rate=1 x.png", 2,
       "1 does not lie between 0 and 1"},
      {"calibrate --output=x.json --false-alarm-rate=x x.png", 2,
       "--false-alarm-rate"},
      {"calibrate --output=x.json --inference-interval=0 x.png", 2,
       "--inference-interval: 0 is not at least 1"},
      {"score --calibration-file=none.json x.png", 1, "none.json"},
      {"score --calibration-file=\"$DATA\"/expected.json x.png", 1,
       "is not a calibration"},
      {"score --map-type=margin --calibration-file=\"$DIR\"/own.json x.png", 2,
       "another --map-type"},
  };

  write_calibration ("own.json");
  shell_check_failures ("\"$FECLIP\"", failures, G_N_ELEMENTS (failures));
}

int
main (int argc, char **argv)
{
  shell_init (&argc, &argv);
  g_test_add_func ("/calibrate/images", test_images);
  g_test_add_func ("/calibrate/score", test_score);
  g_test_add_func ("/calibrate/references", test_references);
  g_test_add_func ("/calibrate/video", test_video);
  g_test_add_func ("/calibrate/existing-file", test_existing_file);
  g_test_add_func ("/calibrate/bad-inputs", test_bad_inputs);
  g_test_add_func ("/calibrate/usage", test_usage);
  return shell_test ();
}
