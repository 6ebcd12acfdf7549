/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/gst_clock.h"

#include <string.h>

/* Who waits for a time, at most. */
#define MAX_SLEEPERS 16

typedef struct {
  GCond *cond; /* NULL: nobody */
  GMutex *mutex;
} Sleeper;

static GMutex lock;
static GCond moved;
static GstClockTime now = GST_SECOND;
static Sleeper sleepers[MAX_SLEEPERS];

GstClockTime
clock_now (void)
{
  GstClockTime time = 0;

  g_mutex_lock (&lock);
  time = now;
  g_mutex_unlock (&lock);
  return time;
}

void
clock_move_to (GstClockTime time)
{
  Sleeper woken[MAX_SLEEPERS];

  g_mutex_lock (&lock);
  g_assert_cmpuint (time, >=, now);
  now = time;
  memcpy (woken, sleepers, sizeof woken);
  g_cond_broadcast (&moved);
  g_mutex_unlock (&lock);
  for (guint i = 0; i < MAX_SLEEPERS; i++) {
    if (woken[i].cond == NULL)
      continue;
    /* Who has noted that it will wait holds this until it does. */
    g_mutex_lock (woken[i].mutex);
    g_cond_broadcast (woken[i].cond);
    g_mutex_unlock (woken[i].mutex);
  }
}

void
clock_await (GstClockTime time)
{
  g_mutex_lock (&lock);
  while (now < time)
    g_cond_wait (&moved, &lock);
  g_mutex_unlock (&lock);
}

/* In place of the libraries' own: a program's come first. */

GstClockTime
gst_util_get_timestamp (void)
{
  return clock_now ();
}

gint64
g_get_monotonic_time (void)
{
  return (gint64)(clock_now () / GST_USECOND);
}

static Sleeper *
note_sleeper (GCond *cond, GMutex *mutex)
{
  Sleeper *found = NULL;

  g_mutex_lock (&lock);
  for (guint i = 0; found == NULL && i < MAX_SLEEPERS; i++)
    if (sleepers[i].cond == NULL)
      found = &sleepers[i];
  g_assert_nonnull (found);
  *found = (Sleeper){cond, mutex};
  g_mutex_unlock (&lock);
  return found;
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end)
{
  Sleeper *self = note_sleeper (cond, mutex);

  if (g_get_monotonic_time () < end)
    g_cond_wait (cond, mutex);
  g_mutex_lock (&lock);
  *self = (Sleeper){NULL, NULL};
  g_mutex_unlock (&lock);
  return g_get_monotonic_time () < end;
}
