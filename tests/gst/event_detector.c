/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The event detector, smoothing and a failing calibration, without the feclip
 * element. */
#include <math.h>
#include <string.h>

#include "feclip/events/event_detector.h"
#include "feclip/events/event_structure.h"
#include "feclip/events/postprocess.h"

#define FRAME (100 * GST_MSECOND)

/* The threshold is 0.5. */
typedef struct {
  const char *name;
  double release;
  guint min_event; /* in frames */
  guint min_clear;
  const char
      *scores; /* one digit a frame, in tenths; '.': a frame is missing */
  /* What happens at each frame: '-' nothing, '(' an event starts, ')' it ends
   */
  const char *happens;
  /* The event's number in each frame's metadata, 0 for none */
  const char *ids;
  /* Whether the end of the stream ends an event */
  gboolean cut_short;
} Case;

static const Case cases[] = {
    {"at once", 1000, 0, 0, "0055400", "--(-)--", "0011000", FALSE},
    {"two", 1000, 0, 0, "5050", "()()", "1020", FALSE},
    {"from the first frame on", 1000, 0, 0, "99", "(-", "11", TRUE},
    {"hysteresis", 0.3, 0, 0, "44534324553", "--(---)-(--", "00111100222",
     TRUE},
    {"release above threshold", 0.9, 0, 0, "056540", "-(--)-", "011100", FALSE},
    {"a spike is none", 1000, 2, 0, "0506600", "-------", "0000000", FALSE},
    {"long enough", 1000, 2, 0, "0666600", "---(-)-", "0001100", FALSE},
    {"rising with hysteresis", 0.3, 2, 0, "0644600", "---(-)-", "0001100",
     FALSE},
    {"a gap is none", 1000, 0, 2, "0660660", "-(-----", "0111111", TRUE},
    {"clear for long enough", 1000, 0, 2, "06000006", "-(--)--(", "01110002",
     TRUE},
    {"both", 1000, 2, 3, "6066606600006", "----(------)-", "0000111111100",
     FALSE},
    {"missing frames", 1000, 2, 2, "06..60..0", "----(---)", "000011000",
     FALSE},
    {"not a number", 1000, 0, 0, "6n6", "()(", "102", TRUE},
};

static GstFeclipScoredFrame
make_frame (guint number, char digit)
{
  return (GstFeclipScoredFrame){
      .times = {.timestamp = 7 * GST_SECOND + number * FRAME,
                .stream_time = 5 * GST_SECOND + number * FRAME,
                .running_time = number * FRAME,
                .duration = FRAME},
      .score = digit == 'n' ? NAN : (digit - '0') / 10.0,
  };
}

static void
test_table (gconstpointer data)
{
  const Case *c = data;
  const GstFeclipEventParams params = {
      .threshold = 0.5,
      .release_threshold = c->release,
      .min_event_duration = c->min_event * FRAME,
      .min_clear_duration = c->min_clear * FRAME,
  };
  GstFeclipEventDetector detector = {0};
  FeclipEvent event;

  g_assert_cmpuint (strlen (c->scores), ==, strlen (c->happens));
  g_assert_cmpuint (strlen (c->scores), ==, strlen (c->ids));
  for (guint i = 0; c->scores[i] != '\0'; i++) {
    const GstFeclipScoredFrame frame = make_frame (i, c->scores[i]);
    char happens = '-';

    if (c->scores[i] == '.')
      continue;
    if (gst_feclip_event_detector_feed (&detector, &params, &frame, &event))
      happens = event.ended ? ')' : '(';
    g_test_message ("frame %u: %c", i, happens);
    g_assert_cmpint (happens, ==, c->happens[i]);
    g_assert_cmpuint (gst_feclip_event_detector_get_event_id (&detector), ==,
                      c->ids[i] - '0');
  }
  g_assert_cmpint (gst_feclip_event_detector_finish (&detector, "eos", &event),
                   ==, c->cut_short);
  g_assert_cmpuint (gst_feclip_event_detector_get_event_id (&detector), ==, 0);
  g_assert_false (gst_feclip_event_detector_finish (&detector, "eos", &event));
}

/* Feeds frames up to an event's start or end. */
static FeclipEvent
feed_until (GstFeclipEventDetector *detector,
            const GstFeclipEventParams *params, const char *scores,
            guint *number)
{
  const FeclipDefect defect = {
      .x_min = 0.25, .y_min = 0.5, .x_max = 0.5, .y_max = 0.625};
  FeclipEvent event;

  for (; scores[*number] != '\0'; (*number)++) {
    GstFeclipScoredFrame frame = make_frame (*number, scores[*number]);

    frame.strongest = scores[*number] == '8' ? &defect : NULL;
    if (gst_feclip_event_detector_feed (detector, params, &frame, &event)) {
      (*number)++;
      return event;
    }
  }
  g_assert_not_reached ();
}

/* The start and end times of an event are those of the frames where the score
 * rose and fell, although the event is detected later. */
static void
test_numbers (void)
{
  const GstFeclipEventParams params = {
      .threshold = 0.5,
      .release_threshold = 0.5,
      .min_event_duration = FRAME,
      .min_clear_duration = 2 * FRAME,
  };
  GstFeclipEventDetector detector = {0};
  guint number = 0;
  const char *scores = "0678706000";
  FeclipEvent start = feed_until (&detector, &params, scores, &number);
  FeclipEvent end = feed_until (&detector, &params, scores, &number);

  g_assert_false (start.ended);
  g_assert_cmpuint (start.id, ==, 1);
  g_assert_cmpuint (start.timestamp, ==, 7 * GST_SECOND + 2 * FRAME);
  g_assert_cmpuint (start.stream_time, ==, 5 * GST_SECOND + 2 * FRAME);
  g_assert_cmpuint (start.running_time, ==, 2 * FRAME);
  g_assert_cmpuint (start.start_time, ==, 7 * GST_SECOND + FRAME);
  g_assert_cmpuint (start.n_frames, ==, 2);
  g_assert_cmpfloat (start.peak_score, ==, 0.7);
  g_assert_cmpuint (start.peak_time, ==, 7 * GST_SECOND + 2 * FRAME);
  g_assert_cmpfloat (start.width, ==, 0);

  g_assert_true (end.ended);
  g_assert_cmpuint (end.id, ==, 1);
  g_assert_cmpuint (end.running_time, ==, 9 * FRAME);
  g_assert_cmpuint (end.start_time, ==, start.start_time);
  g_assert_cmpuint (end.end_time, ==, 7 * GST_SECOND + 7 * FRAME);
  g_assert_cmpuint (end.duration, ==, 6 * FRAME);
  g_assert_cmpuint (end.n_frames, ==, 6);
  g_assert_cmpfloat (end.peak_score, ==, 0.8);
  g_assert_cmpuint (end.peak_time, ==, 7 * GST_SECOND + 3 * FRAME);
  g_assert_cmpfloat (end.x, ==, 0.25);
  g_assert_cmpfloat (end.y, ==, 0.5);
  g_assert_cmpfloat (end.width, ==, 0.25);
  g_assert_cmpfloat (end.height, ==, 0.125);
  g_assert_cmpstr (end.reason, ==, "cleared");
}

/* An interrupted event ends with its last frame, or where the score fell. */
static void
test_cut_short (void)
{
  static const struct {
    const char *scores;
    guint end; /* in frames */
    guint n_frames;
  } runs[] = {{"0666", 4, 3}, {"06660", 4, 3}, {"06606", 5, 4}};
  const GstFeclipEventParams params = {
      .threshold = 0.5,
      .release_threshold = 0.5,
      .min_clear_duration = 4 * FRAME,
  };
  GstFeclipEventDetector detector = {0};
  FeclipEvent event;

  for (guint i = 0; i < G_N_ELEMENTS (runs); i++) {
    for (guint j = 0; runs[i].scores[j] != '\0'; j++) {
      const GstFeclipScoredFrame frame = make_frame (j, runs[i].scores[j]);

      gst_feclip_event_detector_feed (&detector, &params, &frame, &event);
    }
    g_assert_true (
        gst_feclip_event_detector_finish (&detector, "flush", &event));
    g_assert_cmpuint (event.id, ==, i + 1);
    g_assert_cmpuint (event.end_time, ==, 7 * GST_SECOND + runs[i].end * FRAME);
    g_assert_cmpuint (event.duration, ==, (runs[i].end - 1) * FRAME);
    g_assert_cmpuint (event.n_frames, ==, runs[i].n_frames);
    g_assert_cmpstr (event.reason, ==, "flush");
  }
}

/* Without timestamps events start and end at once, or never. */
static void
test_no_times (void)
{
  GstFeclipEventParams params = {.threshold = 0.5, .release_threshold = 0.5};
  GstFeclipEventDetector detector = {0};
  GstFeclipScoredFrame frame = {
      .times = {GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE,
                GST_CLOCK_TIME_NONE},
      .score = 0.9,
  };
  FeclipEvent event;

  g_assert_true (
      gst_feclip_event_detector_feed (&detector, &params, &frame, &event));
  frame.score = 0.1;
  g_assert_true (
      gst_feclip_event_detector_feed (&detector, &params, &frame, &event));
  g_assert_cmpuint (event.end_time, ==, GST_CLOCK_TIME_NONE);
  g_assert_cmpuint (event.duration, ==, GST_CLOCK_TIME_NONE);
  params.min_event_duration = 1;
  frame.score = 0.9;
  for (guint i = 0; i < 5; i++)
    g_assert_false (
        gst_feclip_event_detector_feed (&detector, &params, &frame, &event));
}

static void
test_structure (void)
{
  const FeclipEvent events[] = {
      {.id = 3,
       .start_time = 1,
       .peak_score = -0.1,
       .width = 0.5,
       .end_time = G_MAXUINT64,
       .duration = G_MAXUINT64,
       .n_frames = 9},
      {.ended = TRUE,
       .id = G_MAXUINT64,
       .end_time = 5,
       .duration = 4,
       .reason = g_intern_string ("eos"),
       .x = 0.1,
       .y = 0.2,
       .height = 0.3},
  };
  g_autoptr (GstStructure) other = gst_structure_new_empty ("anomaly-start");
  FeclipEvent read;

  for (guint i = 0; i < G_N_ELEMENTS (events); i++) {
    g_autoptr (GstStructure) fields =
        gst_feclip_event_to_structure (&events[i]);

    g_assert_true (gst_structure_has_name (fields, i == 0 ? "anomaly-start"
                                                          : "anomaly-end"));
    g_assert_true (gst_feclip_event_from_structure (fields, &read));
    g_assert_cmpmem (&read, sizeof (read), &events[i], sizeof (events[i]));
    gst_structure_set (fields, "id", G_TYPE_INT, 3, NULL);
    g_assert_false (gst_feclip_event_from_structure (fields, &read));
  }
  g_assert_false (gst_feclip_event_from_structure (other, &read));
  g_assert_false (gst_feclip_event_from_structure (NULL, &read));
}

/* Smoothing */

static FeclipResult *
make_result (double score, float cell)
{
  return feclip_result_new (&(FeclipResult){
      .score = score, .map_width = 1, .map_height = 1, .map = &cell});
}

/* Compares with a plain computation, on frames at irregular times. */
static void
test_smoothing (void)
{
  static const guint times[] = {0, 40, 80, 80, 300, 1000, 5000, 5010};
  static const double scores[] = {0.1, 0.9, 0.8, 0.2, 0.7, 0.1, 0.6, 0.5};
  const double score_constant = 0.2, map_constant = 0.05;
  GstFeclipSmoothing smoothing = {0};
  double score = scores[0], cell = 1 - scores[0];

  for (guint i = 0; i < G_N_ELEMENTS (times); i++) {
    g_autoptr (FeclipResult) result =
        make_result (scores[i], (float)(1 - scores[i]));
    g_autoptr (FeclipResult) smoothed =
        gst_feclip_smoothing_apply (&smoothing, result, times[i] * GST_MSECOND,
                                    (GstClockTime)(score_constant * GST_SECOND),
                                    (GstClockTime)(map_constant * GST_SECOND));

    if (i > 0) {
      const double elapsed = (times[i] - times[i - 1]) / 1000.0;
      const double old_score = exp (-elapsed / score_constant);
      const double old_cell = exp (-elapsed / map_constant);

      score = score * old_score + scores[i] * (1 - old_score);
      cell = cell * old_cell + (1 - scores[i]) * (1 - old_cell);
    }
    g_assert_cmpfloat_with_epsilon (smoothed->score, score, 1e-12);
    g_assert_cmpfloat_with_epsilon (smoothed->map[0], cell, 1e-6);
    g_assert_cmpfloat (result->score, ==, scores[i]);
  }
  gst_feclip_smoothing_clear (&smoothing);
}

static void
test_no_smoothing (void)
{
  static const GstClockTime times[] = {5, 9, GST_CLOCK_TIME_NONE, 20, 10};
  g_autoptr (FeclipResult) first = make_result (0.1, 0.2f);
  g_autoptr (FeclipResult) second = make_result (0.9, 0.8f);
  GstFeclipSmoothing smoothing = {0};

  for (guint i = 0; i < 10; i++) {
    FeclipResult *result = i % 2 ? second : first;
    const GstClockTime time = times[i % G_N_ELEMENTS (times)];
    /* Cases without smoothing: no time constant, no previous result, no running
     * time, time that goes backwards. */
    const GstClockTime constant = i < 5 ? 0 : GST_SECOND;
    g_autoptr (FeclipResult) same = NULL;

    if (i == 6)
      gst_feclip_smoothing_clear (&smoothing);
    same = gst_feclip_smoothing_apply (&smoothing, result, time, constant,
                                       constant);
    g_assert_true (same == result);
  }
  gst_feclip_smoothing_clear (&smoothing);
}

/* Calibration */

static GstMessage *
pop_message (GstBus *bus)
{
  GstMessage *message = gst_bus_pop_filtered (bus, GST_MESSAGE_ANY);

  g_assert_nonnull (message);
  return message;
}

/* Without a finite score there are no thresholds. The cause is posted with the
 * name of the model's file, before feclip-calibrated. */
static void
test_failed_calibration (void)
{
  g_autoptr (GstElement) element =
      gst_object_ref_sink (gst_bin_new ("some-element"));
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (FeclipSettings) settings = feclip_settings_new ();
  g_autoptr (FeclipResult) result = make_result (NAN, 0.5f);
  g_autoptr (GstMessage) warning = NULL;
  g_autoptr (GstMessage) outcome = NULL;
  g_autoptr (GError) error = NULL;
  GstFeclipCalibrator calibrator = {.settings = settings};
  gboolean complete = TRUE;
  double threshold = 0;

  gst_element_set_bus (element, bus);
  g_object_set (settings, "model-file", "/models/clip.pt", "threshold", 0.25,
                NULL);
  g_assert_true (gst_feclip_calibrator_start (&calibrator, element, 1, 0.5));
  g_assert_true (gst_feclip_calibrator_add (&calibrator, element, result));
  g_assert_false (gst_feclip_calibrator_add (&calibrator, element, result));

  warning = pop_message (bus);
  gst_message_parse_warning (warning, &error, NULL);
  g_assert_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS);
  g_assert_nonnull (strstr (error->message, "clip.pt"));
  g_assert_nonnull (strstr (error->message, "at least one normal frame"));
  outcome = pop_message (bus);
  g_assert_true (gst_message_has_name (outcome, "feclip-calibrated"));
  g_assert_true (gst_structure_get (
      gst_message_get_structure (outcome), "complete", G_TYPE_BOOLEAN,
      &complete, "threshold", G_TYPE_DOUBLE, &threshold, NULL));
  g_assert_false (complete);
  g_assert_cmpfloat (threshold, ==, 0.25);
  gst_element_set_bus (element, NULL);
  gst_feclip_calibrator_clear (&calibrator);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path =
        g_strconcat ("/event-detector/table/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_table);
  }
  g_test_add_func ("/event-detector/numbers", test_numbers);
  g_test_add_func ("/event-detector/cut-short", test_cut_short);
  g_test_add_func ("/event-detector/no-times", test_no_times);
  g_test_add_func ("/event-detector/structure", test_structure);
  g_test_add_func ("/smoothing/numbers", test_smoothing);
  g_test_add_func ("/smoothing/none", test_no_smoothing);
  g_test_add_func ("/calibration/failed", test_failed_calibration);
  return g_test_run ();
}
