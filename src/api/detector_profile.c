/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Time of each kernel in an analysis. */
#include "api/detector_private.h"

G_DEFINE_BOXED_TYPE (FeclipKernelTime, feclip_kernel_time,
                     feclip_kernel_time_copy, feclip_kernel_time_free)

FeclipKernelTime *
feclip_kernel_time_copy (const FeclipKernelTime *time)
{
  FeclipKernelTime *copy;

  g_return_val_if_fail (time != NULL, NULL);

  copy = g_memdup2 (time, sizeof *time);
  copy->name = g_strdup (time->name);
  return copy;
}

void
feclip_kernel_time_free (FeclipKernelTime *time)
{
  if (!time)
    return;
  g_free (time->name);
  g_free (time);
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  const FeclipKernelTime *one = *(FeclipKernelTime *const *)a;
  const FeclipKernelTime *other = *(FeclipKernelTime *const *)b;

  return (one->seconds < other->seconds) - (one->seconds > other->seconds);
}

/* Collects the times of the last run of timed commands: FeclipKernelTime
 * entries, slowest first. */
static GPtrArray *
collect_times (FeCommands *commands, GError **error)
{
  g_autoptr (GArray) timings = fe_commands_get_timings (commands, error);
  GPtrArray *times;

  if (!timings)
    return NULL;
  times =
      g_ptr_array_new_with_free_func ((GDestroyNotify)feclip_kernel_time_free);
  for (guint i = 0; i < timings->len; i++) {
    const FeTiming *timing = &g_array_index (timings, FeTiming, i);
    FeclipKernelTime *time = g_new (FeclipKernelTime, 1);

    *time = (FeclipKernelTime){
        .name = g_strdup_printf ("%s %s", fe_kernel_get_name (timing->kernel),
                                 timing->use),
        .dispatches = timing->dispatches,
        .seconds = timing->seconds,
        .flop = timing->flop,
        .bytes = timing->bytes,
        .on_units = fe_kernel_uses_coopmat (timing->kernel),
    };
    g_ptr_array_add (times, time);
  }
  g_ptr_array_sort (times, compare_times);
  return times;
}

GPtrArray *
feclip_detector_profile (FeclipDetector *self, const FeclipFrame *frame,
                         GError **error)
{
  g_autoptr (GMutexLocker) locker = NULL;
  g_autoptr (FeCommands) commands = NULL;

  g_return_val_if_fail (FECLIP_IS_DETECTOR (self), NULL);
  g_return_val_if_fail (frame != NULL, NULL);

  locker = g_mutex_locker_new (&self->images->lock);
  if (!fe_detector_take_frame (self, frame, error)
      || !fe_activations_set_text (self->images, 0, self->text, error))
    return NULL;
  commands = fe_commands_new (fe_detector_get_device (self), TRUE, error);
  if (!commands)
    return NULL;
  fe_preprocess_record (self->preprocess, commands);
  fe_detector_record_result (self, commands);
  if (!fe_commands_end (commands, error) || !fe_commands_run (commands, error))
    return NULL;
  return collect_times (commands, error);
}
