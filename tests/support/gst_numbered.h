/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Frames of a camera that can be told apart: each has a number, a timestamp
 * that goes with it and content of its own. */
#pragma once

#include <feclip/gst/meta.h>
#include <gst/check/gstharness.h>
#include <gst/video/video.h>

/* From one frame to the next. */
#define NUMBERED_TIME (40 * GST_MSECOND)

/* At the beginning of main(), for GStreamer and the test framework as well.
 * Keeps the model and its device open, so that elements start in no time. */
void numbered_init (int *argc, char ***argv);

/* Runs all tests and gives the model back. Returns: what main() does */
int numbered_run (void);

/* A feclip element for these frames, its caps set, with @properties as in a
 * launch line. */
GstHarness *numbered_harness (const GstVideoInfo *info, const char *properties);

/* Sets the properties of a launch line. */
void numbered_set (GstHarness *harness, const char *properties);

/* Frames in GRAY8, the usual ones. The others may also be in RGBA. */
void numbered_info (GstVideoInfo *info, guint width, guint height);

GstBuffer *numbered_new (const GstVideoInfo *info, guint number);

/* One that is not analysed before the gate opens. */
GstBuffer *numbered_new_gated (const GstVideoInfo *info, guint number);

/* Pushes @buffer (transfer full), which must be taken. */
void numbered_push (GstHarness *harness, GstBuffer *buffer);

/* Fails the test unless @buffer is frame @number and carries what a detector
 * that does nothing else finds in it. */
void numbered_assert_analysed (GstBuffer *buffer, const GstVideoInfo *info,
                               guint number);

/* Fails the test unless @buffer is frame @number and carries what was found in
 * frame @from. Returns: (transfer full): its verdict */
FeclipVerdict *numbered_assert_reused (GstBuffer *buffer,
                                       const GstVideoInfo *info, guint number,
                                       guint from);

/* Fails the test unless @buffer is frame @number and carries nothing. */
void numbered_assert_plain (GstBuffer *buffer, guint number);

/* The same of the frame that comes out next. */
void numbered_assert_next_analysed (GstHarness *harness,
                                    const GstVideoInfo *info, guint number);
void numbered_assert_next_plain (GstHarness *harness, guint number);

/* Returns: the number named @name in the property "stats" */
guint64 numbered_get_stat (GstHarness *harness, const char *name);

/* Returns: one that is no whole number */
double numbered_get_share (GstHarness *harness, const char *name);

/* Waits until that is @value. */
void numbered_await_stat (GstHarness *harness, const char *name, guint64 value);
