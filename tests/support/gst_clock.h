/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A clock that stands still until a test moves it on: the process's monotonic
 * time, for all that libraries measure and wait for. Programs that link this
 * have no other one. */
#pragma once

#include <gst/gst.h>

GstClockTime clock_now (void);

/* Makes it @time, which must not be earlier than now, and wakes who waits for
 * a time until then. */
void clock_move_to (GstClockTime time);

/* Waits until it is @time. */
void clock_await (GstClockTime time);
