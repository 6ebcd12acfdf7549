/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/detector.h>

G_BEGIN_DECLS

#define FECLIP_TYPE_DEVICE_PEAKS (feclip_device_peaks_get_type ())

typedef struct _FeclipDevicePeaks FeclipDevicePeaks;

/**
 * FeclipDevicePeaks:
 * @flops: fp32 operations per second of a kernel that does nothing but
 *   multiply and add, each counted as one
 * @bandwidth: bytes per second of a kernel that does nothing but copy, those
 *   that it reads and those that it writes
 *
 * What a device can do at most, as measured on it: what to hold the times of
 * feclip_detector_profile() beside.
 */
struct _FeclipDevicePeaks {
  double flops;
  double bandwidth;
};

FECLIP_API
GType feclip_device_peaks_get_type (void);

/**
 * feclip_device_peaks_new: (constructor)
 * @model: what lives on the device
 * @error: return location for an error
 *
 * Measures the device. Blocks for a second or so and takes up to 256 MiB of the
 * device's memory until it returns. Other work on the device lowers what is
 * found.
 *
 * Returns: (transfer full): what was measured, or %NULL
 */
FECLIP_API
FeclipDevicePeaks *feclip_device_peaks_new (FeclipModel *model, GError **error);

/**
 * feclip_device_peaks_get_share:
 * @self: what a device can do
 * @time: what a kernel took on it
 *
 * How near a kernel came to what limits it: the time that its operations or its
 * bytes, whichever takes longer, would take at the peak, over its own. It
 * may be above 1 where numbers came from the device's caches.
 *
 * Returns: the share; 0 where nothing was counted, or where the kernel used
 *   matrix units, whose peak is not measured
 */
FECLIP_API
double feclip_device_peaks_get_share (const FeclipDevicePeaks *self,
                                      const FeclipKernelTime *time);

FECLIP_API
FeclipDevicePeaks *feclip_device_peaks_copy (const FeclipDevicePeaks *self);

FECLIP_API
void feclip_device_peaks_free (FeclipDevicePeaks *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeclipDevicePeaks, feclip_device_peaks_free)

G_END_DECLS
