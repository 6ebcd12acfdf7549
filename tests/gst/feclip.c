/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The feclip element as a member of a pipeline: states, what passes through,
 * properties that change while it plays, messages and numbers. */
#include <feclip/settings.h>
#include <string.h>

#include "support/gst_analyser.h"
#include "support/gst_test_image.h"

enum {
  WIDTH = 96,
  HEIGHT = 64,
};

static const GstClockTime frame_time = 40 * GST_MSECOND;

static GstBuffer *
make_frame (GstVideoInfo *info, guint number)
{
  GstBuffer *buffer = NULL;

  image_info (info, GST_VIDEO_FORMAT_NV12, WIDTH, HEIGHT);
  buffer = image_new (info);
  GST_BUFFER_PTS (buffer) = number * frame_time;
  GST_BUFFER_DURATION (buffer) = frame_time;
  return buffer;
}

/* Returns: (transfer full): what comes out for frame @number */
static GstBuffer *
pass_frame (GstHarness *harness, guint number)
{
  GstVideoInfo info;
  GstBuffer *buffer = make_frame (&info, number);

  return analyser_push (harness, &info, buffer);
}

/* Returns: (transfer full) (nullable): what frame @number carries */
static FeclipVerdict *
pass (GstHarness *harness, guint number)
{
  g_autoptr (GstBuffer) out = pass_frame (harness, number);

  return feclip_verdict_from_buffer (out);
}

static GstHarness *
start (GstElement *element)
{
  GstHarness *harness = gst_harness_new_with_element (element, "sink", "src");

  g_assert_cmpint (GST_STATE (element), ==, GST_STATE_PLAYING);
  return harness;
}

static guint64
get_stat (GstElement *element, const char *name)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 value = G_MAXUINT64;

  g_object_get (element, "stats", &stats, NULL);
  g_assert_true (gst_structure_get_uint64 (stats, name, &value));
  return value;
}

/* States */

/* What only matters at the start may be set in READY. */
static void
test_settings_in_ready (void)
{
  g_autoptr (GstElement) element =
      gst_object_ref_sink (analyser_make_element ());
  GstHarness *harness = NULL;
  g_autoptr (FeclipVerdict) margin = NULL;

  g_assert_cmpint (gst_element_set_state (element, GST_STATE_READY), ==,
                   GST_STATE_CHANGE_SUCCESS);
  gst_util_set_object_arg (G_OBJECT (element), "map-type", "margin");
  gst_util_set_object_arg (G_OBJECT (element), "fit", "stretch");
  harness = start (element);
  margin = pass (harness, 0);
  g_assert_cmpint (margin->result->map_type, ==, FECLIP_MAP_TYPE_MARGIN);
  g_assert_cmpfloat (margin->result->width, ==, 1);
  gst_harness_teardown (harness);
}

/* What the network cannot take stops the stream, with one message. */
static void
test_analysis_fails (void)
{
  GstHarness *harness = analyser_new ();
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstMessage) message = NULL;
  GstFlowReturn flow = GST_FLOW_OK;

  gst_element_set_bus (harness->element, bus);
  gst_harness_set_src_caps_str (harness,
                                "video/x-raw, format=GRAY8, width=12000, "
                                "height=12000, framerate=25/1");
  flow = gst_harness_push (harness,
                           gst_buffer_new_allocate (NULL, 12000 * 12000, NULL));
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  if (flow == GST_FLOW_OK) {
    g_test_skip ("this device takes frames of 144 MB: none is refused");
  } else {
    g_assert_cmpint (flow, ==, GST_FLOW_ERROR);
    g_assert_nonnull (message);
    g_assert_null (gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR));
  }
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}

/* Properties */

/* The settings have one home: the element offers them as they are. */
static void
test_properties (void)
{
  g_autoptr (GstElement) element =
      gst_object_ref_sink (gst_element_factory_make ("feclip", NULL));
  g_autoptr (FeclipSettings) settings = feclip_settings_new ();
  g_autofree char *model = NULL;
  guint n = 0;
  g_autofree GParamSpec **pspecs =
      g_object_class_list_properties (G_OBJECT_GET_CLASS (settings), &n);

  g_assert_cmpuint (n, >=, 20);
  for (guint i = 0; i < n; i++) {
    GParamSpec *ours = g_object_class_find_property (
        G_OBJECT_GET_CLASS (element), pspecs[i]->name);
    g_auto (GValue) wanted = G_VALUE_INIT;
    g_auto (GValue) got = G_VALUE_INIT;

    g_assert_nonnull (ours);
    g_assert_true (ours->value_type == pspecs[i]->value_type);
    g_assert_cmpstr (g_param_spec_get_blurb (ours), ==,
                     g_param_spec_get_blurb (pspecs[i]));
    g_object_get_property (G_OBJECT (settings), pspecs[i]->name, &wanted);
    g_object_get_property (G_OBJECT (element), pspecs[i]->name, &got);
    g_assert_cmpint (g_param_values_cmp (ours, &wanted, &got), ==, 0);
    g_assert_true (g_param_value_defaults (ours, &got));
  }
  g_object_set (element, "model", "/a/file", NULL);
  g_object_get (element, "model-file", &model, NULL);
  g_assert_cmpstr (model, ==, "/a/file");
}

static void
test_threshold_moves (void)
{
  GstHarness *harness = analyser_new ();
  g_autoptr (FeclipVerdict) low = NULL;
  g_autoptr (FeclipVerdict) high = NULL;

  g_object_set (harness->element, "threshold", 0.001, "pixel-threshold", 0.25,
                NULL);
  low = pass (harness, 0);
  g_object_set (harness->element, "threshold", 0.999, "pixel-threshold", 0.75,
                NULL);
  high = pass (harness, 1);
  g_assert_true (low->anomalous);
  g_assert_cmpfloat (low->pixel_threshold, ==, 0.25);
  g_assert_false (high->anomalous);
  g_assert_cmpfloat (high->threshold, ==, 0.999);
  g_assert_cmpfloat (high->pixel_threshold, ==, 0.75);
  g_assert_cmpfloat (high->result->score, ==, low->result->score);
  gst_harness_teardown (harness);
}

static void
test_interval (void)
{
  GstHarness *harness = analyser_new ();

  g_object_set (harness->element, "inference-interval", 3, NULL);
  for (guint i = 0; i < 7; i++) {
    g_autoptr (FeclipVerdict) verdict = pass (harness, i);

    g_assert_nonnull (verdict);
    g_assert_cmpint (verdict->analysed, ==, i % 3 == 0);
  }
  g_object_set (harness->element, "inference-interval", 1, NULL);
  for (guint i = 7; i < 9; i++) {
    g_autoptr (FeclipVerdict) verdict = pass (harness, i);

    g_assert_true (verdict->analysed);
  }
  g_assert_cmpuint (get_stat (harness->element, "frames"), ==, 9);
  g_assert_cmpuint (get_stat (harness->element, "analysed"), ==, 5);
  g_assert_cmpuint (get_stat (harness->element, "skipped"), ==, 4);
  gst_harness_teardown (harness);
}

/* Between analyses frames carry the latest result, judged as of now. */
static void
test_interval_judges_anew (void)
{
  GstHarness *harness = analyser_new ();
  g_autoptr (GstBuffer) first = NULL;
  g_autoptr (GstBuffer) second = NULL;
  g_autoptr (FeclipVerdict) before = NULL;
  g_autoptr (FeclipVerdict) after = NULL;

  g_object_set (harness->element, "inference-interval", 100, "threshold", 0.001,
                "pixel-threshold", -1.0, NULL);
  first = pass_frame (harness, 0);
  g_object_set (harness->element, "threshold", 0.999, "pixel-threshold", 2.0,
                NULL);
  second = pass_frame (harness, 1);
  before = feclip_verdict_from_buffer (first);
  after = feclip_verdict_from_buffer (second);
  g_assert_false (after->analysed);
  g_assert_true (before->anomalous);
  g_assert_false (after->anomalous);
  analyser_assert_same ("the latest result", after->result, before->result);
  g_assert_cmpuint (
      gst_buffer_get_n_meta (first, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE),
      ==, 1);
  g_assert_cmpuint (gst_buffer_get_n_meta (
                        second, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE),
                    ==, 0);
  gst_harness_teardown (harness);
}

static void
test_active (void)
{
  GstHarness *harness = analyser_new ();
  g_autoptr (FeclipVerdict) first = pass (harness, 0);
  g_autoptr (FeclipVerdict) asleep = NULL;
  g_autoptr (FeclipVerdict) awake = NULL;

  g_object_set (harness->element, "inference-interval", 100, "active", FALSE,
                NULL);
  asleep = pass (harness, 1);
  g_object_set (harness->element, "active", TRUE, NULL);
  awake = pass (harness, 2);
  g_assert_nonnull (first);
  g_assert_null (asleep);
  g_assert_true (awake->analysed);
  gst_harness_teardown (harness);
}

/* What passes through */

static void
test_timestamps_and_flags (void)
{
  GstHarness *harness = analyser_new ();
  const GstBufferFlags flags = GST_BUFFER_FLAG_DISCONT | GST_BUFFER_FLAG_MARKER
                               | GST_BUFFER_FLAG_CORRUPTED
                               | GST_BUFFER_FLAG_DELTA_UNIT;
  GstVideoInfo info;
  g_autoptr (GstBuffer) out = NULL;
  GstBuffer *buffer = make_frame (&info, 7);

  GST_BUFFER_DTS (buffer) = 123;
  GST_BUFFER_OFFSET (buffer) = 45;
  GST_BUFFER_OFFSET_END (buffer) = 46;
  GST_BUFFER_FLAG_SET (buffer, flags);
  out = analyser_push (harness, &info, buffer);
  g_assert_cmpuint (GST_BUFFER_PTS (out), ==, 7 * frame_time);
  g_assert_cmpuint (GST_BUFFER_DTS (out), ==, 123);
  g_assert_cmpuint (GST_BUFFER_DURATION (out), ==, frame_time);
  g_assert_cmpuint (GST_BUFFER_OFFSET (out), ==, 45);
  g_assert_cmpuint (GST_BUFFER_OFFSET_END (out), ==, 46);
  g_assert_true (GST_BUFFER_FLAG_IS_SET (out, flags));
  gst_harness_teardown (harness);
}

/* Behind a tee the buffer has two owners: the other one's stays as it is, and
 * the image is in the same memory. */
static void
test_shared_buffer (void)
{
  GstHarness *harness = analyser_new ();
  GstVideoInfo info;
  g_autoptr (GstBuffer) shared = make_frame (&info, 0);
  g_autoptr (GstBuffer) out =
      analyser_push (harness, &info, gst_buffer_ref (shared));
  g_autoptr (FeclipVerdict) of_shared = feclip_verdict_from_buffer (shared);
  g_autoptr (FeclipVerdict) of_out = feclip_verdict_from_buffer (out);

  g_assert_true (out != shared);
  g_assert_null (of_shared);
  g_assert_nonnull (of_out);
  g_assert_true (gst_buffer_peek_memory (out, 0)
                 == gst_buffer_peek_memory (shared, 0));
  gst_harness_teardown (harness);
}

static void
test_sole_buffer (void)
{
  GstHarness *harness = analyser_new ();
  GstVideoInfo info;
  GstBuffer *buffer = make_frame (&info, 0);
  g_autoptr (GstBuffer) out = analyser_push (harness, &info, buffer);

  g_assert_true (out == buffer);
  gst_harness_teardown (harness);
}

static void
test_gap_and_empty (void)
{
  GstHarness *harness = analyser_new ();
  g_autoptr (FeclipVerdict) first = pass (harness, 0);
  GstVideoInfo info;
  GstBuffer *gap = make_frame (&info, 1);
  GstBuffer *empty = gst_buffer_new ();
  g_autoptr (GstBuffer) gap_out = NULL;
  g_autoptr (GstBuffer) empty_out = NULL;

  GST_BUFFER_FLAG_SET (gap, GST_BUFFER_FLAG_GAP);
  gap_out = analyser_push (harness, &info, gap);
  empty_out = analyser_push (harness, &info, empty);
  g_assert_nonnull (first);
  g_assert_true (gap_out == gap);
  g_assert_true (empty_out == empty);
  g_assert_null (feclip_verdict_from_buffer (gap_out));
  g_assert_null (feclip_verdict_from_buffer (empty_out));
  gst_harness_teardown (harness);
}

/* Nothing of what came before a flush, a segment or new caps is taken for a
 * later frame's result. */
static void
test_new_beginnings (void)
{
  GstHarness *harness = analyser_new ();
  GstSegment segment;
  GstVideoInfo info;
  g_autoptr (GstBuffer) other = NULL;
  FeclipVerdict *verdicts[5] = {NULL};

  g_object_set (harness->element, "inference-interval", 100, NULL);
  verdicts[0] = pass (harness, 0);
  verdicts[1] = pass (harness, 1);
  g_assert_true (
      gst_harness_push_event (harness, gst_event_new_flush_start ()));
  g_assert_true (
      gst_harness_push_event (harness, gst_event_new_flush_stop (TRUE)));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  g_assert_true (
      gst_harness_push_event (harness, gst_event_new_segment (&segment)));
  verdicts[2] = pass (harness, 0);
  segment.base = GST_SECOND;
  g_assert_true (
      gst_harness_push_event (harness, gst_event_new_segment (&segment)));
  verdicts[3] = pass (harness, 0);
  image_info (&info, GST_VIDEO_FORMAT_RGB, HEIGHT, WIDTH);
  other = analyser_push (harness, &info, image_new (&info));
  verdicts[4] = feclip_verdict_from_buffer (other);

  for (guint i = 0; i < G_N_ELEMENTS (verdicts); i++)
    g_assert_cmpint (verdicts[i]->analysed, ==, i != 1);
  g_assert_true (gst_harness_push_event (harness, gst_event_new_eos ()));
  for (guint i = 0; i < G_N_ELEMENTS (verdicts); i++)
    feclip_verdict_free (verdicts[i]);
  gst_harness_teardown (harness);
}

static void
test_caps (void)
{
  static const struct {
    const char *caps;
    gboolean accepted;
  } cases[] = {
      {"video/x-raw, format=NV12, width=64, height=48, framerate=0/1", TRUE},
      {"video/x-raw, format=v210, width=65, height=49, framerate=25/1, "
       "interlace-mode=interleaved",
       TRUE},
      {"video/x-raw(memory:SystemMemory, meta:GstVideoOverlayComposition), "
       "format=I420, width=64, height=48, framerate=25/1",
       TRUE},
      {"video/x-raw(memory:DMABuf), format=NV12, width=64, height=48, "
       "framerate=25/1",
       FALSE},
      {"image/jpeg, width=64, height=48, framerate=25/1", FALSE},
  };
  GstHarness *harness = analyser_new ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GstCaps) caps = gst_caps_from_string (cases[i].caps);

    g_assert_cmpint (
        gst_pad_query_accept_caps (GST_PAD_PEER (harness->srcpad), caps), ==,
        cases[i].accepted);
  }
  gst_harness_teardown (harness);
}

/* Messages and numbers */

static void
test_messages (void)
{
  GstHarness *harness = analyser_new ();
  g_autoptr (GstBus) bus = gst_bus_new ();
  guint64 timestamp = 0, running = 0, stream = 0, duration = 0, time = 0;

  gst_element_set_bus (harness->element, bus);
  g_object_set (harness->element, "post-messages", TRUE, "inference-interval",
                2, NULL);
  for (guint i = 0; i < 4; i++) {
    g_autoptr (GstBuffer) out = pass_frame (harness, i);
    g_autoptr (FeclipVerdict) verdict = feclip_verdict_from_buffer (out);
    g_autoptr (GstMessage) message = gst_bus_pop (bus);
    const GstStructure *fields = NULL;
    double score = 0, threshold = 0;
    gboolean anomalous = FALSE;
    guint n_defects = 0;

    if (!verdict->analysed) {
      g_assert_null (message);
      continue;
    }
    g_assert_nonnull (message);
    fields = gst_message_get_structure (message);
    g_assert_true (gst_structure_has_name (fields, "feclip"));
    g_assert_true (gst_structure_get (
        fields, "timestamp", G_TYPE_UINT64, &timestamp, "running-time",
        G_TYPE_UINT64, &running, "stream-time", G_TYPE_UINT64, &stream,
        "duration", G_TYPE_UINT64, &duration, "analysis-time", G_TYPE_UINT64,
        &time, "score", G_TYPE_DOUBLE, &score, "threshold", G_TYPE_DOUBLE,
        &threshold, "anomalous", G_TYPE_BOOLEAN, &anomalous, "n-defects",
        G_TYPE_UINT, &n_defects, NULL));
    g_assert_cmpuint (timestamp, ==, i * frame_time);
    g_assert_cmpuint (running, ==, i * frame_time);
    g_assert_cmpuint (stream, ==, i * frame_time);
    g_assert_cmpuint (duration, ==, frame_time);
    g_assert_cmpuint (time, >, 0);
    g_assert_cmpfloat (score, ==, verdict->result->score);
    g_assert_cmpfloat (threshold, ==, verdict->threshold);
    g_assert_cmpint (anomalous, ==, verdict->anomalous);
    g_assert_cmpuint (n_defects, ==,
                      gst_buffer_get_n_meta (
                          out, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE));
  }
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}

static void
test_stats (void)
{
  GstHarness *harness = analyser_new ();
  g_autoptr (GstStructure) stats = NULL;
  g_autoptr (FeclipVerdict) verdict = NULL;
  double score = 0;

  g_object_set (harness->element, "threshold", 0.001, NULL);
  verdict = pass (harness, 0);
  feclip_verdict_free (g_steal_pointer (&verdict));
  g_object_set (harness->element, "threshold", 0.999, NULL);
  verdict = pass (harness, 1);
  g_object_get (harness->element, "stats", &stats, NULL);
  g_assert_true (gst_structure_get_double (stats, "last-score", &score));
  g_assert_cmpfloat (score, ==, verdict->result->score);
  g_assert_cmpuint (get_stat (harness->element, "analysed"), ==, 2);
  g_assert_cmpuint (get_stat (harness->element, "anomalous"), ==, 1);
  g_assert_cmpuint (get_stat (harness->element, "last-analysis-time"), >, 0);
  g_assert_cmpuint (get_stat (harness->element, "mean-analysis-time"), >, 0);
  gst_harness_teardown (harness);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/feclip/settings-in-ready", test_settings_in_ready);
  g_test_add_func ("/feclip/analysis-fails", test_analysis_fails);
  g_test_add_func ("/feclip/properties", test_properties);
  g_test_add_func ("/feclip/threshold-moves", test_threshold_moves);
  g_test_add_func ("/feclip/interval", test_interval);
  g_test_add_func ("/feclip/interval-judges-anew", test_interval_judges_anew);
  g_test_add_func ("/feclip/active", test_active);
  g_test_add_func ("/feclip/timestamps-and-flags", test_timestamps_and_flags);
  g_test_add_func ("/feclip/shared-buffer", test_shared_buffer);
  g_test_add_func ("/feclip/sole-buffer", test_sole_buffer);
  g_test_add_func ("/feclip/gap-and-empty", test_gap_and_empty);
  g_test_add_func ("/feclip/new-beginnings", test_new_beginnings);
  g_test_add_func ("/feclip/caps", test_caps);
  g_test_add_func ("/feclip/messages", test_messages);
  g_test_add_func ("/feclip/stats", test_stats);
  return g_test_run ();
}
