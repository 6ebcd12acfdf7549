/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <feclip/device-peaks.h>

#include "api/model.h"
#include "compute/ops_peaks.h"

/* Seconds that a run takes at least, so that neither submitting it nor the
 * clock's resolution matters. Short runs are better: some of them meet no other
 * work. */
#define LONG_ENOUGH 0.002
#define MAX_DISPATCHES 1024
#define ROUNDS 20

/* Work for a kind of device: enough for all of its units, more bytes than its
 * caches hold, and no more than a buffer may have. */
typedef struct {
  guint groups, repeats;
  gsize copied;
} Size;

static const Size processor = {1024, 64, 64 * 1024 * 1024};
static const Size graphics = {2048, 256, 128 * 1024 * 1024};

G_DEFINE_BOXED_TYPE (FeclipDevicePeaks, feclip_device_peaks,
                     feclip_device_peaks_copy, feclip_device_peaks_free)

/* What is measured, once or several times in a run. */
typedef struct {
  FeDevice *device;
  FeBuffer *from; /* NULL: arithmetic */
  FeBuffer *to;
  guint groups;
  guint repeats;
} Work;

static void
work_clear (Work *self)
{
  fe_buffer_free (self->from);
  fe_buffer_free (self->to);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

static const Size *
get_size (const FeDevice *device)
{
  return device->subgroup_kernels ? &processor : &graphics;
}

static FeCommands *
record (const Work *self, guint dispatches, GError **error)
{
  g_autoptr (FeCommands) commands =
      fe_commands_new (self->device, FALSE, error);

  if (!commands)
    return NULL;
  for (guint i = 0; i < dispatches; i++) {
    if (self->from)
      fe_op_peak_bandwidth (commands, self->groups, self->from, self->to);
    else
      fe_op_peak_arithmetic (commands, self->groups, self->repeats, self->to);
  }
  return fe_commands_end (commands, error) ? g_steal_pointer (&commands) : NULL;
}

static gboolean
time_run (FeCommands *commands, double *seconds, GError **error)
{
  gint64 start = g_get_monotonic_time ();

  if (!fe_commands_run (commands, error))
    return FALSE;
  *seconds = (double)(g_get_monotonic_time () - start) * 1e-6;
  return TRUE;
}

/* Seconds of one dispatch, at best. */
static gboolean
time_dispatch (const Work *work, double *seconds, GError **error)
{
  g_autoptr (FeCommands) commands = record (work, 1, error);
  double run = 0, best;
  guint dispatches;

  /* The first run compiles kernels that were not compiled before. */
  if (!commands || !fe_commands_run (commands, error))
    return FALSE;
  for (dispatches = 1;; dispatches *= 2) {
    fe_commands_free (commands);
    commands = record (work, dispatches, error);
    if (!commands || !time_run (commands, &run, error))
      return FALSE;
    if (run >= LONG_ENOUGH || dispatches >= MAX_DISPATCHES)
      break;
  }
  best = run;
  for (guint i = 1; i < ROUNDS; i++) {
    if (!time_run (commands, &run, error))
      return FALSE;
    best = MIN (best, run);
  }
  *seconds = MAX (best, 1e-6) / dispatches;
  return TRUE;
}

static gboolean
measure_arithmetic (FeDevice *device, double *flops, GError **error)
{
  const Size *size = get_size (device);
  g_auto (Work) work = {
      .device = device,
      .groups = size->groups,
      .repeats = size->repeats,
  };
  double seconds;

  work.to = fe_buffer_new (device, FE_BUFFER_DEVICE, VK_FORMAT_UNDEFINED,
                           fe_peak_sums_size (device, work.groups),
                           "the measurement of arithmetic", error);
  if (!work.to || !time_dispatch (&work, &seconds, error))
    return FALSE;
  *flops = fe_peak_flop (device, work.groups, work.repeats) / seconds;
  return TRUE;
}

static gboolean
measure_bandwidth (FeDevice *device, double *bandwidth, GError **error)
{
  static const char what[] = "the measurement of memory";
  gsize step = fe_peak_group_bytes (device);
  g_auto (Work) work = {
      .device = device,
      .groups = (guint)(get_size (device)->copied / step),
  };
  double seconds;

  work.from =
      fe_buffer_new (device, FE_BUFFER_DEVICE, VK_FORMAT_R32G32B32A32_SFLOAT,
                     work.groups * step, what, error);
  if (!work.from
      || !(work.to =
               fe_buffer_new (device, FE_BUFFER_DEVICE, VK_FORMAT_UNDEFINED,
                              work.groups * step, what, error))
      || !time_dispatch (&work, &seconds, error))
    return FALSE;
  *bandwidth = 2.0 * (double)work.groups * (double)step / seconds;
  return TRUE;
}

FeclipDevicePeaks *
feclip_device_peaks_new (FeclipModel *model, GError **error)
{
  FeDevice *device;
  FeclipDevicePeaks found = {0};

  g_return_val_if_fail (FECLIP_IS_MODEL (model), NULL);

  device = fe_model_get_network (model)->device;
  return measure_arithmetic (device, &found.flops, error)
                 && measure_bandwidth (device, &found.bandwidth, error)
             ? feclip_device_peaks_copy (&found)
             : NULL;
}

double
feclip_device_peaks_get_share (const FeclipDevicePeaks *self,
                               const FeclipKernelTime *time)
{
  g_return_val_if_fail (self != NULL, 0);
  g_return_val_if_fail (time != NULL, 0);

  if (time->on_units || time->seconds <= 0)
    return 0;
  return MAX (time->flop / self->flops, time->bytes / self->bandwidth)
         / time->seconds;
}

FeclipDevicePeaks *
feclip_device_peaks_copy (const FeclipDevicePeaks *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_memdup2 (self, sizeof *self);
}

void
feclip_device_peaks_free (FeclipDevicePeaks *self)
{
  g_free (self);
}
