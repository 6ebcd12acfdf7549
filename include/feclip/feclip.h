/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:feclip
 * @short_description: zero-shot anomaly detection in images and video
 *
 * Includes the whole library. A #FeclipSettings holds the configuration. A
 * #FeclipModel holds a device and the weights; threads may share it. A
 * #FeclipDetector analyses the #FeclipFrame images of one stream and returns a
 * #FeclipResult for each. A #FeclipBatch runs the network once for the frames
 * of several streams. #FeclipReferences store the features of normal images to
 * compare frames with. A #FeclipTrainer trains adapters.
 */
#pragma once

#include <feclip/version.h>
#include <feclip/error.h>
#include <feclip/settings.h>
#include <feclip/device.h>
#include <feclip/model.h>
#include <feclip/shared-memory.h>
#include <feclip/frame.h>
#include <feclip/result.h>
#include <feclip/calibration.h>
#include <feclip/event.h>
#include <feclip/detector.h>
#include <feclip/batch.h>
#include <feclip/device-peaks.h>
#include <feclip/references.h>
#include <feclip/trainer.h>
#include <feclip/weights-info.h>
