/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Frames that take as long to be analysed as a test wants: whoever maps one
 * waits at a gate. */
#pragma once

#include <gst/video/video.h>

/* Gives @buffer a GstVideoMeta that waits while the gate is closed. */
void gate_add (GstBuffer *buffer, const GstVideoInfo *info);

/* Likewise, but it takes @milliseconds and no gate. */
void gate_add_delay (GstBuffer *buffer, const GstVideoInfo *info,
                     guint milliseconds);

void gate_close (void);

/* Lets all through that wait. */
void gate_open (void);

/* Lets one through. */
void gate_open_once (void);

/* Waits until @n wait at the gate. */
void gate_await (guint n);
