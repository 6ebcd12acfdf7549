/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/detector.h>

G_BEGIN_DECLS

#define FECLIP_TYPE_DEVICE_PEAKS (feclip_device_peaks_get_type ())

typedef struct _FeclipDevicePeaks FeclipDevicePeaks;

/**
 * FeclipDevicePeaks:
 * @flops: fp32 operations per second, measured with a kernel that only
 *   multiplies and adds; a multiplication and an addition count as two
 *   operations
 * @bandwidth: bytes per second, measured with a kernel that only copies; bytes
 *   read and bytes written are both counted
 *
 * Measured peak performance of a device, the roofline for the times of
 * feclip_detector_profile().
 */
struct _FeclipDevicePeaks {
  double flops;
  double bandwidth;
};

FECLIP_API
GType feclip_device_peaks_get_type (void);

/**
 * feclip_device_peaks_new: (constructor)
 * @model: a model on the device to measure
 * @error: return location for an error
 *
 * Measures the device. Blocks for about a second and needs up to 256 MiB of
 * device memory meanwhile. Other work on the device lowers the results.
 *
 * Returns: (transfer full): the peaks, or %NULL with @error set
 */
FECLIP_API
FeclipDevicePeaks *feclip_device_peaks_new (FeclipModel *model, GError **error);

/**
 * feclip_device_peaks_get_share:
 * @self: the peaks of a device
 * @time: the time of a kernel on that device
 *
 * Computes the share of the roofline that a kernel reached: the time that its
 * operations or its bytes would take at the peak, whichever is longer, divided
 * by the measured time. It can exceed 1 if data came from the device's caches.
 *
 * Returns: the share; 0 if neither operations nor bytes were counted, or if the
 *   kernel used cooperative matrices, whose peak is not measured
 */
FECLIP_API
double feclip_device_peaks_get_share (const FeclipDevicePeaks *self,
                                      const FeclipKernelTime *time);

/**
 * feclip_device_peaks_copy:
 * @self: the peaks of a device
 *
 * Returns: (transfer full): a deep copy
 */
FECLIP_API
FeclipDevicePeaks *feclip_device_peaks_copy (const FeclipDevicePeaks *self);

/**
 * feclip_device_peaks_free:
 * @self: (nullable): the peaks of a device
 *
 * Frees the memory of @self; does nothing if it is %NULL.
 */
FECLIP_API
void feclip_device_peaks_free (FeclipDevicePeaks *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeclipDevicePeaks, feclip_device_peaks_free)

G_END_DECLS
