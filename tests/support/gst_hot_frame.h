/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Small frames with a result on them, for tests of the overlay. */
#pragma once

#include <feclip/gst/meta.h>
#include <gst/check/gstharness.h>

enum {
  WIDTH = 64,
  HEIGHT = 36,
};

/* The overlay with an opaque gray heatmap: value 1 is white. */
#define OVERLAY_LAUNCH \
  "feclipoverlay draw-contours=false draw-boxes=false draw-labels=false " \
  "colormap=gray alpha=1"

#define FRAME_CAPS \
  "video/x-raw, format=GRAY8, width=64, height=36, framerate=25/1"
#define CARRYING_CAPS \
  "video/x-raw(memory:SystemMemory, meta:GstVideoOverlayComposition), " \
  "format=GRAY8, width=64, height=36, framerate=25/1"

/* Returns: (transfer full): a verdict with one @value all over the frame */
FeclipVerdict *uniform_verdict_new (float value);

/* Returns: (transfer full): a black frame, at @time in ms or, if that is
 * negative, without a timestamp */
GstBuffer *frame_new (int time);

/* Returns: (transfer full): the same with a uniform verdict */
GstBuffer *hot_frame_new (int time, float value);

/* A pixel in the middle of a frame. */
guint8 frame_pixel (GstBuffer *buffer);

/* The overlay before a sink that takes @sink_caps and may ask for overlays. */
GstHarness *overlay_new (const char *sink_caps, gboolean asks_for_overlays);

/* Pushes a buffer (transfer full) and reads a pixel of what comes out. */
guint8 overlay_push (GstHarness *harness, GstBuffer *buffer);
