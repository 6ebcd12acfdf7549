/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/gst_gate.h"

static GMutex lock;
static GCond changed;
static gboolean closed;
static guint waiting;
static guint passes; /* who may go through although it is closed */

typedef gboolean (*Map) (GstVideoMeta *, guint, GstMapInfo *, gpointer *,
                         gint *, GstMapFlags);

static Map real_map;

static void
wait_at_gate (void)
{
  g_mutex_lock (&lock);
  waiting++;
  g_cond_broadcast (&changed);
  while (closed && passes == 0)
    g_cond_wait (&changed, &lock);
  if (closed)
    passes--;
  waiting--;
  g_mutex_unlock (&lock);
}

static gboolean
map_at_gate (GstVideoMeta *meta, guint plane, GstMapInfo *info, gpointer *data,
             gint *stride, GstMapFlags flags)
{
  if (plane == 0)
    wait_at_gate ();
  return real_map (meta, plane, info, data, stride, flags);
}

static gboolean
map_with_delay (GstVideoMeta *meta, guint plane, GstMapInfo *info,
                gpointer *data, gint *stride, GstMapFlags flags)
{
  if (plane == 0)
    g_usleep (1000 * (gulong)meta->id);
  return real_map (meta, plane, info, data, stride, flags);
}

static GstVideoMeta *
add_meta (GstBuffer *buffer, const GstVideoInfo *info, Map map)
{
  GstVideoInfo copy = *info;
  GstVideoMeta *meta = gst_buffer_add_video_meta_full (
      buffer, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_INFO_FORMAT (info),
      info->width, info->height, GST_VIDEO_INFO_N_PLANES (info), copy.offset,
      copy.stride);

  if (real_map == NULL)
    real_map = meta->map;
  meta->map = map;
  return meta;
}

void
gate_add (GstBuffer *buffer, const GstVideoInfo *info)
{
  add_meta (buffer, info, map_at_gate);
}

void
gate_add_delay (GstBuffer *buffer, const GstVideoInfo *info, guint milliseconds)
{
  /* The image's own number: nothing reads it where there is one image. */
  add_meta (buffer, info, map_with_delay)->id = (gint)milliseconds;
}

void
gate_close (void)
{
  g_mutex_lock (&lock);
  closed = TRUE;
  passes = 0;
  g_mutex_unlock (&lock);
}

void
gate_open (void)
{
  g_mutex_lock (&lock);
  closed = FALSE;
  g_cond_broadcast (&changed);
  g_mutex_unlock (&lock);
}

void
gate_open_once (void)
{
  g_mutex_lock (&lock);
  passes++;
  g_cond_broadcast (&changed);
  g_mutex_unlock (&lock);
}

void
gate_await (guint n)
{
  g_mutex_lock (&lock);
  while (waiting < n)
    g_cond_wait (&changed, &lock);
  g_mutex_unlock (&lock);
}
