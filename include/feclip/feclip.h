/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:feclip
 * @short_description: zero-shot anomaly detection in images and video
 *
 * One include for the whole library. A #FeclipSettings says what to run, a
 * #FeclipModel holds the device and the weights and may be shared between
 * threads, a #FeclipDetector analyses one stream of #FeclipFrame images and
 * hands out a #FeclipResult for each, and a #FeclipBatch lets several streams'
 * go through the network together. #FeclipReferences remember what normal
 * images look like. A #FeclipTrainer makes adapters.
 */
#pragma once

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
