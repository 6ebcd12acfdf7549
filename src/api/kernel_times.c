/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "api/kernel_times.h"

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

GPtrArray *
fe_kernel_times_new (FeCommands *commands, GError **error)
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
