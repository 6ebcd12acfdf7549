/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/gst_numbered.h"

#include <feclip/feclip.h>

#include "support/gst_analyser.h"
#include "support/gst_gate.h"
#include "support/gst_test_image.h"

static GMutex lock; /* guards the detector */
static FeclipDetector *detector;

void
numbered_init (int *argc, char ***argv)
{
  gst_init (argc, argv);
  g_test_init (argc, argv, NULL);
  detector = analyser_make_detector (NULL);
}

int
numbered_run (void)
{
  int status = g_test_run ();

  g_clear_object (&detector);
  return status;
}

static void
set_properties (GstElement *element, const char *properties)
{
  g_auto (GStrv) words = g_strsplit (properties, " ", -1);

  for (guint i = 0; words[i] != NULL && *words[i] != '\0'; i++) {
    g_auto (GStrv) pair = g_strsplit (words[i], "=", 2);

    gst_util_set_object_arg (G_OBJECT (element), pair[0], pair[1]);
  }
}

void
numbered_set (GstHarness *harness, const char *properties)
{
  set_properties (harness->element, properties);
}

GstHarness *
numbered_harness (const GstVideoInfo *info, const char *properties)
{
  g_autoptr (GstElement) element =
      gst_object_ref_sink (analyser_make_element ());
  GstHarness *harness = NULL;

  set_properties (element, properties);
  harness = gst_harness_new_with_element (element, "sink", "src");
  g_assert_cmpint (GST_STATE (element), ==, GST_STATE_PLAYING);
  gst_harness_set_src_caps (harness, gst_video_info_to_caps (info));
  return harness;
}

void
numbered_info (GstVideoInfo *info, guint width, guint height)
{
  image_info (info, GST_VIDEO_FORMAT_GRAY8, width, height);
}

GstBuffer *
numbered_new (const GstVideoInfo *info, guint number)
{
  GstBuffer *buffer = image_new (info);
  guint height = info->height;

  /* A dark band that moves, and each number's own brightness at the top. */
  gst_buffer_memset (buffer, (gsize)(number % height) * info->stride[0], 0,
                     info->stride[0]);
  gst_buffer_memset (buffer, 0, (guint8)(37 * number), 4 * info->stride[0]);
  GST_BUFFER_PTS (buffer) = number * NUMBERED_TIME;
  GST_BUFFER_DURATION (buffer) = NUMBERED_TIME;
  return buffer;
}

GstBuffer *
numbered_new_gated (const GstVideoInfo *info, guint number)
{
  GstBuffer *buffer = numbered_new (info, number);

  gate_add (buffer, info);
  return buffer;
}

void
numbered_push (GstHarness *harness, GstBuffer *buffer)
{
  g_assert_cmpint (gst_harness_push (harness, buffer), ==, GST_FLOW_OK);
}

/* Returns: (transfer full): what the detector finds in frame @number */
static FeclipResult *
find (const GstVideoInfo *info, guint number)
{
  g_autoptr (GstBuffer) buffer = numbered_new (info, number);
  g_autoptr (GError) error = NULL;
  FeclipResult *result = NULL;
  GstMapInfo map;
  FeclipFrame frame = {
      .format = GST_VIDEO_INFO_IS_RGB (info) ? FECLIP_PIXEL_FORMAT_RGBX
                                             : FECLIP_PIXEL_FORMAT_GRAY8,
      .width = info->width,
      .height = info->height,
      .strides = {info->stride[0]},
      .range = FECLIP_COLOR_RANGE_LIMITED,
  };

  if (info->colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255)
    frame.range = FECLIP_COLOR_RANGE_FULL;
  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_READ));
  frame.planes[0] = map.data;
  g_mutex_lock (&lock);
  result = feclip_detector_analyse (detector, &frame, &error);
  g_mutex_unlock (&lock);
  g_assert_no_error (error);
  gst_buffer_unmap (buffer, &map);
  return result;
}

static FeclipVerdict *
assert_carries (GstBuffer *buffer, const GstVideoInfo *info, guint number,
                guint from)
{
  g_autoptr (FeclipResult) wanted = find (info, from);
  FeclipVerdict *verdict = NULL;

  g_assert_nonnull (buffer);
  g_assert_cmpuint (GST_BUFFER_PTS (buffer), ==, number * NUMBERED_TIME);
  verdict = feclip_verdict_from_buffer (buffer);
  g_assert_nonnull (verdict);
  analyser_assert_same ("a numbered frame", verdict->result, wanted);
  g_assert_cmpuint (verdict->result_age, ==, (number - from) * NUMBERED_TIME);
  g_assert_cmpint (verdict->analysed, ==, number == from);
  return verdict;
}

void
numbered_assert_analysed (GstBuffer *buffer, const GstVideoInfo *info,
                          guint number)
{
  g_autoptr (FeclipVerdict) verdict =
      assert_carries (buffer, info, number, number);

  g_assert_true (verdict->fresh);
}

FeclipVerdict *
numbered_assert_reused (GstBuffer *buffer, const GstVideoInfo *info,
                        guint number, guint from)
{
  g_assert_cmpuint (from, <, number);
  return assert_carries (buffer, info, number, from);
}

void
numbered_assert_plain (GstBuffer *buffer, guint number)
{
  g_assert_nonnull (buffer);
  g_assert_cmpuint (GST_BUFFER_PTS (buffer), ==, number * NUMBERED_TIME);
  g_assert_null (feclip_verdict_from_buffer (buffer));
}

void
numbered_assert_next_analysed (GstHarness *harness, const GstVideoInfo *info,
                               guint number)
{
  g_autoptr (GstBuffer) out = gst_harness_pull (harness);

  numbered_assert_analysed (out, info, number);
}

void
numbered_assert_next_plain (GstHarness *harness, guint number)
{
  g_autoptr (GstBuffer) out = gst_harness_pull (harness);

  numbered_assert_plain (out, number);
}

guint64
numbered_get_stat (GstHarness *harness, const char *name)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 value = G_MAXUINT64;

  g_object_get (harness->element, "stats", &stats, NULL);
  g_assert_true (gst_structure_get_uint64 (stats, name, &value));
  return value;
}

double
numbered_get_share (GstHarness *harness, const char *name)
{
  g_autoptr (GstStructure) stats = NULL;
  double value = 0;

  g_object_get (harness->element, "stats", &stats, NULL);
  g_assert_true (gst_structure_get_double (stats, name, &value));
  return value;
}

void
numbered_await_stat (GstHarness *harness, const char *name, guint64 value)
{
  while (numbered_get_stat (harness, name) != value)
    g_usleep (1000);
}
