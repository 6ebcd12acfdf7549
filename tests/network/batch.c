/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Frames of several detectors in one run of the network: each has the result
 * that it would have had by itself. */
#include <stdlib.h>

#include "support/golden.h"
#include "api/model.h"
#include "network/network.h"

/* A stream: a detector of the batch, one by itself, and a frame. */
typedef struct {
  FeclipDetector *batched;
  FeclipDetector *single;
  FeclipFrame frame;
} Stream;

enum { STREAMS = 5, EDGE = 61 };

static FeclipModel *model;
static guint8 pixels[9 * EDGE * EDGE];

/* Something else in each frame, in a format and size of its own. */
static void
frame_init (FeclipFrame *frame, guint number)
{
  static const FeclipPixelFormat formats[] = {FECLIP_PIXEL_FORMAT_GRAY8,
                                              FECLIP_PIXEL_FORMAT_RGB,
                                              FECLIP_PIXEL_FORMAT_I420};
  FeclipPixelFormat format = formats[number % 3];
  guint width = EDGE - 7 * number, height = EDGE - 3 * number;

  *frame = (FeclipFrame){
      .format = format,
      .width = width,
      .height = height,
      .orientation = number == 4 ? FECLIP_ORIENTATION_ROTATE_90_CW
                                 : FECLIP_ORIENTATION_UPRIGHT,
  };
  for (guint i = 0; i < 3; i++) {
    frame->planes[i] = pixels + EDGE * EDGE * i + 11 * number;
    frame->strides[i] = format == FECLIP_PIXEL_FORMAT_RGB ? 3 * EDGE : EDGE;
  }
}

static Stream
stream_new (FeclipBatch *batch, FeclipSettings *settings, guint number)
{
  g_autoptr (GError) error = NULL;
  Stream stream;

  stream.batched = feclip_batch_new_detector (batch, model, settings, &error);
  g_assert_no_error (error);
  stream.single = feclip_detector_new (model, settings, &error);
  g_assert_no_error (error);
  frame_init (&stream.frame, number);
  return stream;
}

static void
stream_clear (Stream *self)
{
  g_object_unref (self->batched);
  g_object_unref (self->single);
}

/* The settings of stream `number`, which the network does not care about. */
static FeclipSettings *
settings_for (guint number)
{
  FeclipSettings *settings = golden_settings ();

  switch (number) {
  case 1: /* prompts that need no vocabulary */
    g_object_set (settings, "normal-prompt", "A photo of a damaged object",
                  "anomaly-prompt", "A photo of a normal object", NULL);
    break;
  case 2:
    g_object_set (settings, "fit", FECLIP_FIT_STRETCH, NULL);
    break;
  case 3:
    g_object_set (settings, "ignore-regions", "0,0 0.5,0 0.5,0.5 0,0.5", NULL);
    break;
  default:
    break;
  }
  return settings;
}

static FeclipBatch *
batch_new (FeclipSettings *settings, guint size)
{
  g_autoptr (GError) error = NULL;
  FeclipBatch *batch = feclip_batch_new (model, settings, size, &error);

  g_assert_no_error (error);
  return batch;
}

/* The same bits, unless graphics hardware cuts other sums into parts. */
static void
assert_same (const FeclipResult *got, const FeclipResult *wanted)
{
  /* Numbers less than G_MINDOUBLE apart are equal. */
  double most = fe_model_get_network (model)->device->subgroup_kernels
                    ? G_MINDOUBLE
                    : 1e-5;

  g_assert_cmpfloat_with_epsilon (got->score, wanted->score, most);
  g_assert_cmpuint (got->n_taps, ==, wanted->n_taps);
  for (guint i = 0; i < got->n_taps; i++)
    g_assert_cmpfloat_with_epsilon (got->tap_scores[i], wanted->tap_scores[i],
                                    most);
  g_assert_cmpuint (got->map_width, ==, wanted->map_width);
  g_assert_cmpuint (got->map_height, ==, wanted->map_height);
  for (guint i = 0; i < got->map_width * got->map_height; i++)
    g_assert_cmpfloat_with_epsilon (got->map[i], wanted->map[i], most);
  g_assert_cmpfloat (got->x, ==, wanted->x);
  g_assert_cmpfloat (got->y, ==, wanted->y);
  g_assert_cmpfloat (got->width, ==, wanted->width);
  g_assert_cmpfloat (got->height, ==, wanted->height);
}

/* Runs the first n streams together, and each by itself. */
static void
check_streams (FeclipBatch *batch, Stream *streams, guint n)
{
  FeclipBatchItem items[STREAMS];
  double last_score = -1;

  for (guint i = 0; i < n; i++)
    items[i] = (FeclipBatchItem){.detector = streams[i].batched,
                                 .frame = &streams[i].frame};
  feclip_batch_analyse (batch, items, n);
  for (guint i = 0; i < n; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (FeclipResult) wanted =
        feclip_detector_analyse (streams[i].single, &streams[i].frame, &error);

    g_assert_no_error (error);
    g_assert_no_error (items[i].error);
    g_assert_nonnull (items[i].result);
    assert_same (items[i].result, wanted);
    g_assert_cmpfloat (wanted->score, !=, last_score);
    last_score = wanted->score;
    feclip_result_unref (items[i].result);
  }
}

/* Different formats, sizes, prompts, fits and regions; batches that are full,
 * part full and more than full. */
static void
test_equality (void)
{
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (FeclipBatch) batch = batch_new (settings, 3);
  Stream streams[STREAMS];

  for (guint i = 0; i < STREAMS; i++) {
    g_autoptr (FeclipSettings) own = settings_for (i);

    streams[i] = stream_new (batch, own, i);
    g_assert_true (feclip_batch_can_join (batch, streams[i].batched));
    g_assert_false (feclip_batch_can_join (batch, streams[i].single));
  }
  check_streams (batch, streams, 1);
  check_streams (batch, streams, 2);
  check_streams (batch, streams, 3);
  check_streams (batch, streams, STREAMS);
  /* Other frames and places than before. */
  for (guint i = 0; i < STREAMS; i++)
    frame_init (&streams[i].frame, STREAMS - 1 - i);
  check_streams (batch, streams + 1, STREAMS - 1);
  for (guint i = 0; i < STREAMS; i++)
    stream_clear (&streams[i]);
}

/* Maps that are smoothed, and what else the network computes by. */
static void
test_smoothing (void)
{
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (FeclipBatch) batch = NULL;
  Stream streams[2];

  g_object_set (settings, "map-smoothing", 2.0, "map-type",
                FECLIP_MAP_TYPE_MARGIN, "ffe-window", 2, NULL);
  batch = batch_new (settings, 2);
  for (guint i = 0; i < 2; i++)
    streams[i] = stream_new (batch, settings, i);
  check_streams (batch, streams, 2);
  for (guint i = 0; i < 2; i++)
    stream_clear (&streams[i]);
}

/* What is cut into tiles, and what is ignored wholly, goes through with none;
 * also by a call of its own. */
static void
test_alone (void)
{
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (FeclipSettings) tiles = golden_settings ();
  g_autoptr (FeclipSettings) hidden = golden_settings ();
  g_autoptr (FeclipBatch) batch = batch_new (settings, 4);
  g_autoptr (FeclipResult) wanted = NULL, got = NULL;
  Stream streams[4];

  g_object_set (tiles, "tiles", "2x1", NULL);
  g_object_set (hidden, "ignore-regions", "0,0 1,0 1,1 0,1", NULL);
  streams[0] = stream_new (batch, settings, 0);
  streams[1] = stream_new (batch, tiles, 1);
  streams[2] = stream_new (batch, hidden, 2);
  streams[3] = stream_new (batch, settings, 3);
  g_assert_false (feclip_batch_can_join (batch, streams[1].batched));
  check_streams (batch, streams, 4);
  got = feclip_detector_analyse (streams[3].batched, &streams[3].frame, NULL);
  wanted = feclip_detector_analyse (streams[3].single, &streams[3].frame, NULL);
  assert_same (got, wanted);
  for (guint i = 0; i < 4; i++)
    stream_clear (&streams[i]);
}

/* An image to compare with, learnt by one detector of a batch. */
static void
test_references (void)
{
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (FeclipBatch) batch = batch_new (settings, 2);
  g_autoptr (FeclipReferences) references = NULL;
  g_autoptr (GError) error = NULL;
  Stream streams[2];

  for (guint i = 0; i < 2; i++)
    streams[i] = stream_new (batch, settings, i);
  references = feclip_references_new (streams[0].batched, &error);
  g_assert_no_error (error);
  feclip_detector_set_references (streams[0].batched, references, &error);
  g_assert_no_error (error);
  feclip_detector_set_references (streams[0].single, references, &error);
  g_assert_no_error (error);
  g_assert_true (feclip_batch_can_join (batch, streams[0].batched));
  feclip_references_add (references, streams[0].batched, &streams[1].frame,
                         &error);
  g_assert_no_error (error);
  g_assert_false (feclip_batch_can_join (batch, streams[0].batched));
  check_streams (batch, streams, 2);
  feclip_references_clear (references);
  check_streams (batch, streams, 2);
  for (guint i = 0; i < 2; i++)
    stream_clear (&streams[i]);
}

/* One bad frame is that stream's trouble alone. */
static void
test_bad_frame (void)
{
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (FeclipBatch) batch = batch_new (settings, 3);
  g_autoptr (FeclipResult) wanted = NULL;
  FeclipBatchItem items[2];
  Stream streams[2];

  for (guint i = 0; i < 2; i++) {
    streams[i] = stream_new (batch, settings, i);
    items[i] = (FeclipBatchItem){.detector = streams[i].batched,
                                 .frame = &streams[i].frame};
  }
  streams[0].frame.width = 0;
  feclip_batch_analyse (batch, items, 2);
  g_assert_error (items[0].error, FECLIP_ERROR, FECLIP_ERROR_INPUT);
  g_assert_null (items[0].result);
  g_error_free (items[0].error);
  g_assert_no_error (items[1].error);
  wanted = feclip_detector_analyse (streams[1].single, &streams[1].frame, NULL);
  assert_same (items[1].result, wanted);
  feclip_result_unref (items[1].result);
  for (guint i = 0; i < 2; i++)
    stream_clear (&streams[i]);
}

/* Who computes something else has another batch. */
static void
test_suits (void)
{
  static const struct {
    const char *name, *value;
    gboolean suits;
  } cases[] = {
      {"normal-prompt", "A photo of a damaged object", TRUE},
      {"fit", "1", TRUE},
      {"threshold", "0.9", TRUE},
      {"temperature", "0.5", FALSE},
      {"lambda", "0.5", FALSE},
      {"map-smoothing", "1", FALSE},
      {"ffe-window", "4", FALSE},
      {"tap-blocks", "0", FALSE},
  };
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (FeclipBatch) batch = batch_new (settings, 2);

  g_assert_true (feclip_batch_suits (batch, model, settings));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (FeclipSettings) other = golden_settings ();
    g_autoptr (FeclipDetector) detector = NULL;
    g_autoptr (GError) error = NULL;
    g_auto (GValue) text = G_VALUE_INIT, value = G_VALUE_INIT;
    GParamSpec *pspec = g_object_class_find_property (
        G_OBJECT_GET_CLASS (other), cases[i].name);

    if (G_IS_PARAM_SPEC_STRING (pspec)) {
      g_object_set (other, cases[i].name, cases[i].value, NULL);
    } else {
      g_value_init (&text, G_TYPE_DOUBLE);
      g_value_set_double (&text, g_ascii_strtod (cases[i].value, NULL));
      g_value_init (&value, G_TYPE_INT);
      g_value_set_int (&value, atoi (cases[i].value));
      g_object_set_property (G_OBJECT (other), cases[i].name,
                             G_IS_PARAM_SPEC_DOUBLE (pspec) ? &text : &value);
    }
    g_test_message ("%s", cases[i].name);
    g_assert_cmpint (feclip_batch_suits (batch, model, other), ==,
                     cases[i].suits);
    if (cases[i].suits)
      continue;
    detector = feclip_batch_new_detector (batch, model, other, &error);
    g_assert_null (detector);
    g_assert_nonnull (error);
  }
}

static double
add_stages (const FeclipStageTimes *times)
{
  return times->upload + times->network + times->result;
}

/* What the memory is counted to, and that the stages of each frame make up the
 * time of all, also of one that goes through by itself and of more than fit. */
static void
test_costs (void)
{
  guint64 memory = feclip_model_get_device_memory (model, NULL);
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (FeclipSettings) tiles = golden_settings ();
  g_autoptr (FeclipBatch) batch = batch_new (settings, 2);
  FeclipStageTimes before[STREAMS], after;
  FeclipBatchItem items[STREAMS];
  Stream streams[STREAMS];
  gint64 start;
  double took;

  g_assert_cmpuint (feclip_batch_get_activations_size (batch), >, 0);
  g_assert_cmpuint (feclip_model_get_device_memory (model, NULL), >=,
                    memory + feclip_batch_get_activations_size (batch));
  g_object_set (tiles, "tiles", "2x1", NULL);
  for (guint i = 0; i < STREAMS; i++) {
    streams[i] = stream_new (batch, i == 1 ? tiles : settings, i);
    g_assert_cmpuint (feclip_detector_get_activations_size (streams[i].batched),
                      ==, 0);
    feclip_detector_get_stage_times (streams[i].batched, &before[i]);
    items[i] = (FeclipBatchItem){.detector = streams[i].batched,
                                 .frame = &streams[i].frame};
  }
  start = g_get_monotonic_time ();
  feclip_batch_analyse (batch, items, STREAMS);
  took = (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  for (guint i = 0; i < STREAMS; i++) {
    double sum;

    g_assert_no_error (items[i].error);
    feclip_result_unref (items[i].result);
    feclip_detector_get_stage_times (streams[i].batched, &after);
    g_assert_cmpfloat (after.upload, >=, before[i].upload);
    g_assert_cmpfloat (after.network, >, before[i].network);
    g_assert_cmpfloat (after.result, >=, before[i].result);
    sum = add_stages (&after) - add_stages (&before[i]);
    g_assert_cmpfloat (sum, <=, took + 1e-6);
    g_assert_cmpfloat (sum, >, took / 2);
    stream_clear (&streams[i]);
  }
}

int
main (int argc, char **argv)
{
  g_autoptr (FeclipSettings) settings = golden_settings ();
  g_autoptr (GError) error = NULL;
  int failed;

  g_test_init (&argc, &argv, NULL);
  model = feclip_model_new (settings, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < sizeof pixels; i++)
    pixels[i] = (guint8)(i * i / 37 + i % 251);
  g_test_add_func ("/batch/equality", test_equality);
  g_test_add_func ("/batch/smoothing", test_smoothing);
  g_test_add_func ("/batch/alone", test_alone);
  g_test_add_func ("/batch/references", test_references);
  g_test_add_func ("/batch/bad-frame", test_bad_frame);
  g_test_add_func ("/batch/suits", test_suits);
  g_test_add_func ("/batch/costs", test_costs);
  failed = g_test_run ();
  g_object_unref (model);
  return failed;
}
