/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Several analyses at a time find what one at a time finds, also where regions
 * change, frames bring regions of their own, and frames are learnt. */
#include <feclip/feclip.h>
#include <string.h>

#include "support/gst_analyser.h"
#include "support/gst_numbered.h"

enum { N_FRAMES = 10, MAX_REGIONS = 3 };

static GstVideoInfo frames;

/* What a stream goes through. */
typedef struct {
  const char *properties;
  gboolean brings_regions; /* of interest, on its frames */
  gboolean changes_regions;
  guint n_learnt; /* frames */
} Story;

/* What came out for one frame. */
typedef struct {
  FeclipVerdict *verdict; /* or NULL */
  guint n_regions;
  double regions[MAX_REGIONS]; /* scores */
} Outcome;

static void
add_regions (GstBuffer *buffer, guint number)
{
  for (guint i = 0; i < number % (MAX_REGIONS + 1); i++)
    gst_buffer_add_video_region_of_interest_meta (
        buffer, "part", 7 * i + number % 5, 3 * i, 20 + 3 * (number % 4),
        16 + 5 * i);
}

static void
change_regions (GstHarness *harness, guint number)
{
  static const char *const regions[] = {NULL, "0,0 0.5,0 0.5,1 0,1",
                                        "0.3,0.3 0.7,0.3 0.5,0.8",
                                        "0,0 1,0 1,0.4 0,0.4"};

  g_object_set (harness->element,
                number % 3 == 0 ? "include-regions" : "ignore-regions",
                regions[number % G_N_ELEMENTS (regions)], NULL);
}

static void
read_outcome (Outcome *self, GstBuffer *buffer)
{
  GstVideoRegionOfInterestMeta *region = NULL;
  gpointer state = NULL;

  self->verdict = feclip_verdict_from_buffer (buffer);
  while (
      (region =
           (GstVideoRegionOfInterestMeta *)gst_buffer_iterate_meta_filtered (
               buffer, &state, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE))) {
    const GstStructure *found =
        gst_video_region_of_interest_meta_get_param (region, "anomaly");

    if (found == NULL)
      continue;
    g_assert_cmpuint (self->n_regions, <, MAX_REGIONS);
    g_assert_true (gst_structure_get_double (found, "score",
                                             &self->regions[self->n_regions]));
    self->n_regions++;
  }
}

/* Fills @outcomes [N_FRAMES]. */
static void
play (const Story *story, guint n_requests, Outcome *outcomes)
{
  g_autofree char *properties =
      g_strdup_printf ("%s nireq=%u", story->properties, n_requests);
  GstHarness *harness = numbered_harness (&frames, properties);

  for (guint i = 0; i < N_FRAMES; i++) {
    GstBuffer *buffer = numbered_new (&frames, i);

    if (story->brings_regions)
      add_regions (buffer, i);
    if (story->changes_regions)
      change_regions (harness, i);
    numbered_push (harness, buffer);
  }
  g_assert_true (gst_harness_push_event (harness, gst_event_new_eos ()));
  for (guint i = 0; i < N_FRAMES; i++) {
    g_autoptr (GstBuffer) out = gst_harness_pull (harness);

    g_assert_cmpuint (GST_BUFFER_PTS (out), ==, i * NUMBERED_TIME);
    outcomes[i] = (Outcome){0};
    read_outcome (&outcomes[i], out);
  }
  gst_harness_teardown (harness);
}

static void
assert_same (const Outcome *got, const Outcome *wanted, guint number)
{
  g_autofree char *what = g_strdup_printf ("frame %u", number);

  g_assert_cmpint (got->verdict != NULL, ==, wanted->verdict != NULL);
  if (got->verdict != NULL) {
    analyser_assert_same (what, got->verdict->result, wanted->verdict->result);
    g_assert_cmpuint (got->verdict->result->n_references, ==,
                      wanted->verdict->result->n_references);
  }
  g_assert_cmpuint (got->n_regions, ==, wanted->n_regions);
  for (guint i = 0; i < got->n_regions; i++)
    g_assert_cmpfloat (got->regions[i], ==, wanted->regions[i]);
}

static void
clear (Outcome *outcomes)
{
  for (guint i = 0; i < N_FRAMES; i++)
    g_clear_pointer (&outcomes[i].verdict, feclip_verdict_free);
}

/* What was found in different frames differs, so that one cannot be taken for
 * another. */
static guint
count_scores (const Outcome *outcomes)
{
  g_autoptr (GHashTable) scores =
      g_hash_table_new (g_double_hash, g_double_equal);

  for (guint i = 0; i < N_FRAMES; i++)
    if (outcomes[i].verdict != NULL)
      g_hash_table_add (scores, (gpointer)&outcomes[i].verdict->result->score);
  return g_hash_table_size (scores);
}

static void
test_story (gconstpointer data)
{
  const Story *story = data;
  Outcome alone[N_FRAMES], together[N_FRAMES];

  play (story, 1, alone);
  play (story, 3, together);
  g_assert_cmpuint (count_scores (alone), >=, N_FRAMES / 2);
  for (guint i = 0; i < N_FRAMES; i++)
    assert_same (&together[i], &alone[i], i);
  clear (alone);
  clear (together);
}

/* Learnt frames */

static FeclipFrame
open_frame (GstBuffer *buffer, GstMapInfo *map)
{
  FeclipFrame frame = {
      .format = FECLIP_PIXEL_FORMAT_GRAY8,
      .width = (guint)frames.width,
      .height = (guint)frames.height,
      .strides = {frames.stride[0]},
      .range = frames.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255
                   ? FECLIP_COLOR_RANGE_FULL
                   : FECLIP_COLOR_RANGE_LIMITED,
  };

  g_assert_true (gst_buffer_map (buffer, map, GST_MAP_READ));
  frame.planes[0] = map->data;
  return frame;
}

/* Returns: (transfer full) (nullable): what comes of frame @number, which is
 * learnt if it is among the first ones */
static FeclipResult *
take (FeclipDetector *detector, FeclipReferences *references, guint number,
      guint n_learnt)
{
  g_autoptr (GstBuffer) buffer = numbered_new (&frames, number);
  g_autoptr (GError) error = NULL;
  FeclipResult *result = NULL;
  GstMapInfo map;
  FeclipFrame frame = open_frame (buffer, &map);

  if (number < n_learnt)
    feclip_references_add (references, detector, &frame, &error);
  else
    result = feclip_detector_analyse (detector, &frame, &error);
  g_assert_no_error (error);
  gst_buffer_unmap (buffer, &map);
  return result;
}

static void
assert_learns (const Story *story, const char *tiles)
{
  g_autoptr (FeclipDetector) detector = analyser_make_detector (tiles);
  g_autoptr (FeclipReferences) references = NULL;
  g_autoptr (GError) error = NULL;
  Outcome outcomes[N_FRAMES];

  references = feclip_references_new (detector, &error);
  g_assert_no_error (error);
  feclip_detector_set_references (detector, references, &error);
  g_assert_no_error (error);
  play (story, 3, outcomes);
  for (guint i = 0; i < N_FRAMES; i++) {
    g_autoptr (FeclipResult) wanted =
        take (detector, references, i, story->n_learnt);
    g_autofree char *what = g_strdup_printf ("frame %u", i);

    g_assert_cmpint (outcomes[i].verdict != NULL, ==, wanted != NULL);
    if (wanted == NULL)
      continue;
    analyser_assert_same (what, outcomes[i].verdict->result, wanted);
    g_assert_cmpuint (wanted->n_references, ==, story->n_learnt);
    g_assert_cmpuint (outcomes[i].verdict->result->n_references, ==,
                      story->n_learnt);
  }
  clear (outcomes);
}

static const Story learning = {.properties = "learn-frames=3", .n_learnt = 3};

static const Story learning_tiles = {
    .properties = "learn-frames=2 tiles=2x1",
    .n_learnt = 2,
};

static void
test_learn_frames (void)
{
  assert_learns (&learning, "1x1");
}

static void
test_learn_tiles (void)
{
  assert_learns (&learning_tiles, "2x1");
}

int
main (int argc, char **argv)
{
  static const Story parts = {
      .properties = "inference-region=roi-list",
      .brings_regions = TRUE,
  };
  static const Story regions = {.properties = "", .changes_regions = TRUE};
  static const Story both = {
      .properties = "inference-region=roi-list",
      .brings_regions = TRUE,
      .changes_regions = TRUE,
  };
  static const Story tiles = {
      .properties = "tiles=2x2",
      .changes_regions = TRUE,
  };

  numbered_init (&argc, &argv);
  numbered_info (&frames, 96, 64);
  g_test_add_data_func ("/several/roi-list", &parts, test_story);
  g_test_add_data_func ("/several/regions", &regions, test_story);
  g_test_add_data_func ("/several/roi-list-regions", &both, test_story);
  g_test_add_data_func ("/several/tiles-regions", &tiles, test_story);
  g_test_add_func ("/several/learn-frames", test_learn_frames);
  g_test_add_func ("/several/learn-tiles", test_learn_tiles);
  return numbered_run ();
}
