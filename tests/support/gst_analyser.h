/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A feclip element with the small golden network, on a harness. */
#pragma once

#include <feclip/detector.h>
#include <feclip/gst/meta.h>
#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#define ANALYSER_MODEL FECLIP_TEST_DATA "/golden/model.safetensors"
#define ANALYSER_ADAPTER FECLIP_TEST_DATA "/golden/adapter.safetensors"

/* Returns: (transfer full): the element, still to be started */
GstElement *analyser_make_element (void);

/* Returns: (transfer full): the library's detector with that network and
 * @tiles (nullable), no element around it */
FeclipDetector *analyser_make_detector (const char *tiles);

/* The element, playing. */
GstHarness *analyser_new (void);

/* Returns: (transfer full): what comes out for @buffer (transfer full), which
 * is as @info says */
GstBuffer *analyser_push (GstHarness *harness, const GstVideoInfo *info,
                          GstBuffer *buffer);

/* Returns: (transfer full): what was found in @buffer (transfer full), whose
 * memory must have come through untouched */
FeclipResult *analyser_analyse (GstHarness *harness, const GstVideoInfo *info,
                                GstBuffer *buffer);

/* Mean absolute difference of two maps of one size. */
double analyser_mean_difference (const FeclipResult *a, const FeclipResult *b);

/* Fails the test, naming @what, where two results are further apart. */
void analyser_assert_near (const char *what, const FeclipResult *got,
                           const FeclipResult *wanted, double score_tolerance,
                           double map_tolerance);

void analyser_assert_same (const char *what, const FeclipResult *got,
                           const FeclipResult *wanted);
