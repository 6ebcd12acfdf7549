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
 * Analyses the frames of one stream on a #FeclipModel. Holds the network's
 * activations and the encoded prompts. One thread at a time may use it; several
 * detectors on one model may run in several threads.
 */
FECLIP_API
G_DECLARE_FINAL_TYPE (FeclipDetector, feclip_detector, FECLIP, DETECTOR,
                      GObject)

/**
 * feclip_detector_new:
 * @model: the network; a reference is kept
 * @settings: read: all that feclip_model_new() does not read
 * @error: return location for an error
 *
 * Encodes the prompts, prepares every pipeline and runs the network once, so
 * that the first frame takes no longer than the others.
 *
 * Returns: (transfer full): the detector, or %NULL
 */
FECLIP_API
FeclipDetector *feclip_detector_new (FeclipModel *model,
                                     FeclipSettings *settings, GError **error);

/**
 * feclip_detector_analyse:
 * @self: a detector
 * @frame: the image; only read, and not needed after the call
 * @error: return location for an error
 *
 * Runs the network on one frame, tile by tile where the settings ask for tiles,
 * and waits for the result.
 *
 * Returns: (transfer full): what was found, or %NULL
 */
FECLIP_API
FeclipResult *feclip_detector_analyse (FeclipDetector *self,
                                       const FeclipFrame *frame,
                                       GError **error);

/**
 * feclip_detector_analyse_part:
 * @self: a detector
 * @frame: the image; only read, and not needed after the call
 * @x: left edge of the part in pixels, as the frame is stored
 * @y: top edge
 * @width: width, at least 1
 * @height: height, at least 1
 * @error: return location for an error
 *
 * Analyses a rectangle of a frame as an image of its own. The result's
 * rectangle is a share of the whole frame, and regions that are ignored lie on
 * it. In formats with fewer chroma samples the part begins on an even pixel, at
 * the left of or above the one given.
 *
 * Returns: (transfer full): what was found, or %NULL
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
 * Changes what is ignored in frames from the next one on. After an error all
 * stays as it was.
 *
 * Returns: whether the regions could be read
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
 * Compares frames with other prompts from the next one on. Runs the text
 * encoder where feclip_model_prepare_prompts() has not. After an error all
 * stays as it was. A prompt of more tokens than the encoder reads is an error
 * here, while feclip_detector_new() cuts it.
 *
 * Returns: whether the prompts could be used
 */
FECLIP_API
gboolean feclip_detector_update_prompts (FeclipDetector *self,
                                         FeclipSettings *settings,
                                         GError **error);

/**
 * feclip_detector_get_model:
 * @self: a detector
 *
 * Returns: (transfer none): the network that it runs. Any thread may ask
 */
FECLIP_API
FeclipModel *feclip_detector_get_model (FeclipDetector *self);

/**
 * feclip_detector_get_activations_size:
 * @self: a detector
 *
 * Returns: bytes of device memory for all that the network computes; what
 *   frames and normal references take is not among them, nor what belongs to
 *   the detector's batch, as feclip_batch_get_activations_size() says
 */
FECLIP_API
guint64 feclip_detector_get_activations_size (FeclipDetector *self);

/**
 * FeclipStageTimes:
 * @upload: seconds to get ready for frames of their kind and copy their pixels
 * @network: seconds from handing an image to the device until it has computed
 *   everything, colors and resizing included
 * @result: seconds to read maps and scores and to join those of tiles
 *
 * Where the time of analyses went, as who waits for them sees it: each frame of
 * a batch is ascribed the whole time of all of them, and the time until the
 * batch has ended with other frames is the network's.
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
 * Says what all analyses since the detector was made took, the one before its
 * first frame included. What one took is the difference of two such calls.
 */
FECLIP_API
void feclip_detector_get_stage_times (FeclipDetector *self,
                                      FeclipStageTimes *times);

#define FECLIP_TYPE_KERNEL_TIME (feclip_kernel_time_get_type ())

typedef struct _FeclipKernelTime FeclipKernelTime;

/**
 * FeclipKernelTime:
 * @name: the kernel's name, with what it is used for
 * @dispatches: how often it ran in one frame
 * @seconds: device time it took in all
 * @flop: floating-point operations it did in all, 0 where not counted
 * @bytes: memory that it read or wrote at least once, 0 where not counted
 * @on_units: whether it multiplied on matrix units
 *
 * Where one frame's time went.
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

FECLIP_API
FeclipKernelTime *feclip_kernel_time_copy (const FeclipKernelTime *time);

FECLIP_API
void feclip_kernel_time_free (FeclipKernelTime *time);

/**
 * feclip_detector_profile:
 * @self: a detector
 * @frame: an image
 * @error: return location for an error
 *
 * Analyses one frame, or its first tile, with a timestamp around each kernel.
 *
 * Returns: (transfer container) (element-type FeclipKernelTime): one entry per
 *   kernel and use, slowest first, or %NULL
 */
FECLIP_API
GPtrArray *feclip_detector_profile (FeclipDetector *self,
                                    const FeclipFrame *frame, GError **error);

G_END_DECLS
