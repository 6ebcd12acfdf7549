/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/frame.h>
#include <feclip/model.h>
#include <feclip/result.h>

G_BEGIN_DECLS

#define FECLIP_TYPE_DETECTOR (feclip_detector_get_type ())

/**
 * FeclipDetector:
 *
 * Analyses the frames of one stream with a #FeclipModel. It owns the network's
 * activations and the encoded prompts. A detector must not be used by two
 * threads at a time; several detectors of one model may run in several threads
 * at a time.
 */
FECLIP_API
G_DECLARE_FINAL_TYPE (FeclipDetector, feclip_detector, FECLIP, DETECTOR,
                      GObject)

/**
 * feclip_detector_new:
 * @model: the network; the detector keeps a reference
 * @settings: read: every property that feclip_model_new() does not read
 * @error: return location for an error
 *
 * Encodes the prompts, compiles the pipelines and runs the network once, so
 * that the first frame takes no longer than the others. Blocks meanwhile.
 *
 * Returns: (transfer full): the detector, or %NULL with @error set
 */
FECLIP_API
FeclipDetector *feclip_detector_new (FeclipModel *model,
                                     FeclipSettings *settings, GError **error);

/**
 * feclip_detector_analyse:
 * @self: a detector
 * @frame: the frame; only read, and not needed after the call
 * @error: return location for an error
 *
 * Runs the network on one frame, tile by tile if the settings ask for tiles,
 * and blocks until the result is there.
 *
 * Returns: (transfer full): the result, or %NULL with @error set
 */
FECLIP_API
FeclipResult *feclip_detector_analyse (FeclipDetector *self,
                                       const FeclipFrame *frame,
                                       GError **error);

/**
 * feclip_detector_analyse_part:
 * @self: a detector
 * @frame: the frame; only read, and not needed after the call
 * @x: left edge of the rectangle in pixels of the stored frame
 * @y: top edge in pixels
 * @width: width in pixels, at least 1
 * @height: height in pixels, at least 1
 * @error: return location for an error
 *
 * Analyses a rectangle of a frame as if it were an image of its own, and blocks
 * until the result is there. The rectangle in the result is relative to the
 * whole frame, and so are the regions of the settings. In formats with
 * subsampled chroma, @x and @y are rounded down to even numbers in the
 * subsampled directions.
 *
 * Returns: (transfer full): the result, or %NULL with @error set
 */
FECLIP_API
FeclipResult *feclip_detector_analyse_part (FeclipDetector *self,
                                            const FeclipFrame *frame, guint x,
                                            guint y, guint width, guint height,
                                            GError **error);

/**
 * feclip_detector_update_regions:
 * @self: a detector
 * @settings: read: include-regions, ignore-regions, regions-file
 * @error: return location for an error
 *
 * Replaces the regions that count or are ignored, from the next frame on. After
 * an error the detector is unchanged.
 *
 * Returns: %TRUE on success, %FALSE with @error set if the regions cannot be
 *   read
 */
FECLIP_API
gboolean feclip_detector_update_regions (FeclipDetector *self,
                                         FeclipSettings *settings,
                                         GError **error);

/**
 * feclip_detector_update_prompts:
 * @self: a detector
 * @settings: read: normal-prompt, anomaly-prompt
 * @error: return location for an error
 *
 * Replaces the prompts that frames are compared with, from the next frame on.
 * Blocks while the text encoder runs, unless feclip_model_prepare_prompts() has
 * already encoded these prompts. A prompt with more tokens than the encoder
 * takes is an error, while feclip_detector_new() truncates it. After an error
 * the detector is unchanged.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 */
FECLIP_API
gboolean feclip_detector_update_prompts (FeclipDetector *self,
                                         FeclipSettings *settings,
                                         GError **error);

/**
 * feclip_detector_get_model:
 * @self: a detector
 *
 * May be called from any thread.
 *
 * Returns: (transfer none): the network that the detector runs
 */
FECLIP_API
FeclipModel *feclip_detector_get_model (FeclipDetector *self);

/**
 * feclip_detector_get_activations_size:
 * @self: a detector
 *
 * Does not count the buffers for frames and normal references, nor the
 * activations that belong to the detector's batch (see
 * feclip_batch_get_activations_size()).
 *
 * Returns: bytes of device memory that the network's activations take
 */
FECLIP_API
guint64 feclip_detector_get_activations_size (FeclipDetector *self);

/**
 * FeclipStageTimes:
 * @upload: seconds spent preparing for frames of a new format or size and
 *   copying pixels to the device
 * @network: seconds from the submission to the device until it has finished:
 *   colour conversion, resizing and the network
 * @result: seconds spent reading maps and scores back and merging those of
 *   tiles
 *
 * Wall-clock time of the stages of an analysis, as seen by the thread that
 * waits for the result. In a batch, the time of the whole batch is counted for
 * each of its frames, and the time a frame waits until its batch has finished
 * with other frames counts as @network.
 */
typedef struct {
  double upload;
  double network;
  double result;
} FeclipStageTimes;

/**
 * feclip_detector_get_stage_times:
 * @self: a detector
 * @times: (out caller-allocates): return location for the times
 *
 * Returns the sum over all analyses since the detector was made, including the
 * one that feclip_detector_new() runs. To time one analysis, subtract the
 * values before it from the values after it.
 */
FECLIP_API
void feclip_detector_get_stage_times (FeclipDetector *self,
                                      FeclipStageTimes *times);

#define FECLIP_TYPE_KERNEL_TIME (feclip_kernel_time_get_type ())

typedef struct _FeclipKernelTime FeclipKernelTime;

/**
 * FeclipKernelTime:
 * @name: name of the kernel, followed by what it is used for
 * @dispatches: number of dispatches in one frame
 * @seconds: device time of all these dispatches
 * @flop: floating-point operations of all these dispatches, 0 if not counted
 * @bytes: bytes of memory that are read or written, each counted once; 0 if not
 *   counted
 * @on_units: whether the kernel used cooperative matrices
 *
 * Device time of one kernel and use in a frame.
 */
struct _FeclipKernelTime {
  char *name;
  guint dispatches;
  double seconds;
  double flop;
  double bytes;
  gboolean on_units;
};

FECLIP_API
GType feclip_kernel_time_get_type (void);

/**
 * feclip_kernel_time_copy:
 * @time: the time of a kernel
 *
 * Returns: (transfer full): a deep copy
 */
FECLIP_API
FeclipKernelTime *feclip_kernel_time_copy (const FeclipKernelTime *time);

/**
 * feclip_kernel_time_free:
 * @time: (nullable): the time of a kernel
 *
 * Frees the memory of @time; does nothing if it is %NULL.
 */
FECLIP_API
void feclip_kernel_time_free (FeclipKernelTime *time);

/**
 * feclip_detector_profile:
 * @self: a detector
 * @frame: a frame; only read, and not needed after the call
 * @error: return location for an error
 *
 * Analyses a frame, or its first tile, with a timestamp around each kernel.
 * Blocks until it is done.
 *
 * Returns: (transfer container) (element-type FeclipKernelTime): one entry per
 *   kernel and use, slowest first, or %NULL with @error set
 */
FECLIP_API
GPtrArray *feclip_detector_profile (FeclipDetector *self,
                                    const FeclipFrame *frame, GError **error);

G_END_DECLS
