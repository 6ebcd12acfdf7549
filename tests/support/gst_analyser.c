/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/gst_analyser.h"

#include <feclip/feclip.h>
#include <math.h>

GstElement *
analyser_make_element (void)
{
  GstElement *element = gst_element_factory_make ("feclip", NULL);

  g_assert_nonnull (element);
  g_object_set (element, "model-file", ANALYSER_MODEL, "adapter-file",
                ANALYSER_ADAPTER, NULL);
  return element;
}

FeclipDetector *
analyser_make_detector (const char *tiles)
{
  g_autoptr (FeclipSettings) settings = feclip_settings_new ();
  g_autoptr (FeclipModel) model = NULL;
  g_autoptr (GError) error = NULL;
  FeclipDetector *detector = NULL;

  g_object_set (settings, "model-file", ANALYSER_MODEL, "adapter-file",
                ANALYSER_ADAPTER, "tiles", tiles, NULL);
  model = feclip_model_new (settings, &error);
  g_assert_no_error (error);
  detector = feclip_detector_new (model, settings, &error);
  g_assert_no_error (error);
  return detector;
}

GstHarness *
analyser_new (void)
{
  g_autoptr (GstElement) element = analyser_make_element ();
  GstHarness *harness = gst_harness_new_with_element (element, "sink", "src");

  g_assert_cmpint (GST_STATE (element), ==, GST_STATE_PLAYING);
  return harness;
}

GstBuffer *
analyser_push (GstHarness *harness, const GstVideoInfo *info, GstBuffer *buffer)
{
  g_autoptr (GstCaps) caps = gst_video_info_to_caps (info);
  g_autoptr (GstCaps) current = gst_pad_get_current_caps (harness->srcpad);
  GstBuffer *out = NULL;

  if (current == NULL || !gst_caps_is_equal (caps, current))
    gst_harness_set_caps (harness, gst_caps_ref (caps), gst_caps_ref (caps));
  out = gst_harness_push_and_pull (harness, buffer);
  g_assert_nonnull (out);
  return out;
}

FeclipResult *
analyser_analyse (GstHarness *harness, const GstVideoInfo *info,
                  GstBuffer *buffer)
{
  g_autoptr (GstBuffer) before = gst_buffer_copy (buffer);
  g_autoptr (GstBuffer) out = analyser_push (harness, info, buffer);
  g_autoptr (FeclipVerdict) verdict = feclip_verdict_from_buffer (out);

  g_assert_nonnull (verdict);
  g_assert_true (verdict->analysed);
  g_assert_cmpuint (gst_buffer_n_memory (out), ==,
                    gst_buffer_n_memory (before));
  for (guint i = 0; i < gst_buffer_n_memory (out); i++)
    g_assert_true (gst_buffer_peek_memory (out, i)
                   == gst_buffer_peek_memory (before, i));
  return feclip_result_ref (verdict->result);
}

double
analyser_mean_difference (const FeclipResult *a, const FeclipResult *b)
{
  guint n = a->map_width * a->map_height;
  double sum = 0;

  g_assert_cmpuint (n, ==, b->map_width * b->map_height);
  g_assert_cmpuint (n, >, 0);
  for (guint i = 0; i < n; i++)
    sum += fabs (a->map[i] - b->map[i]);
  return sum / n;
}

void
analyser_assert_near (const char *what, const FeclipResult *got,
                      const FeclipResult *wanted, double score_tolerance,
                      double map_tolerance)
{
  double score = fabs (got->score - wanted->score);
  double map = analyser_mean_difference (got, wanted);

  if (!(score <= score_tolerance) || !(map <= map_tolerance))
    g_error ("%s: the score is off by %g, the map by %g", what, score, map);
}

void
analyser_assert_same (const char *what, const FeclipResult *got,
                      const FeclipResult *wanted)
{
  analyser_assert_near (what, got, wanted, 0, 0);
}
