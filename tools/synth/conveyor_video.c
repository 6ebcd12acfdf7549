/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "synth/conveyor_video.h"

#include <string.h>

#include "synth/video_encoder.h"

/* Frames that are rendered before the encoder gets them, per thread. */
#define AHEAD 4

typedef struct {
  const FeConveyor *conveyor;
  guint first;
  guint8 **frames;
} Run;

static gboolean
render (gpointer data, guint index, GError **error)
{
  Run *run = data;

  run->frames[index] = fe_conveyor_render (run->conveyor, run->first + index);
  return TRUE;
}

/* A few frames at once, then in order to the encoder. */
static gboolean
write_run (Run *run, guint n, guint threads, FeVideoEncoder *movie,
           GError **error)
{
  gboolean written = fe_batch_run (n, threads, render, run, NULL, error);

  for (guint i = 0; i < n; i++) {
    guint8 *pixels = g_steal_pointer (&run->frames[i]);

    if (written)
      written = fe_video_encoder_add (movie, pixels, error);
    else
      g_free (pixels);
  }
  return written;
}

static gboolean
write_json (const FeConveyor *conveyor, const char *path, GError **error)
{
  const char *dot = strrchr (path, '.');
  g_autofree char *stem = g_strndup (path, (gsize)(dot - path));
  g_autofree char *file = g_strconcat (stem, ".json", NULL);
  g_autofree char *json = fe_conveyor_to_json (conveyor, path);

  return g_file_set_contents (file, json, -1, error);
}

gboolean
fe_conveyor_video_write (const FePlan *plan, const FeConveyorShow *show,
                         const char *path, GError **error)
{
  g_autoptr (FeVideoEncoder) movie =
      fe_video_encoder_new (path, plan->width, plan->height, show->fps, error);
  g_autoptr (FeConveyor) conveyor = NULL;
  guint length = AHEAD * plan->threads;
  g_autofree guint8 **frames = g_new0 (guint8 *, length);
  gint64 start = g_get_monotonic_time ();

  if (!movie)
    return FALSE;
  conveyor = fe_conveyor_new (plan, show);
  for (guint i = 0; i < show->frames; i += length) {
    Run run = {conveyor, i, frames};
    guint n = MIN (length, show->frames - i);

    if (!write_run (&run, n, plan->threads, movie, error))
      return FALSE;
    if (plan->progress)
      plan->progress (i + n, show->frames, start);
  }
  return fe_video_encoder_finish (movie, error)
         && write_json (conveyor, path, error);
}
