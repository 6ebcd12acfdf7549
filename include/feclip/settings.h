/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/error.h>

G_BEGIN_DECLS

/**
 * FeclipWeightsStorage:
 * @FECLIP_WEIGHTS_STORAGE_AUTO: half precision where the file's own weights
 *   are in half precision, else single
 * @FECLIP_WEIGHTS_STORAGE_FP32: single precision
 * @FECLIP_WEIGHTS_STORAGE_FP16: half precision: half the memory, rounded
 *
 * How weights lie in the device's memory. What is computed with them is another
 * question, see #FeclipPrecision.
 */
typedef enum {
  FECLIP_WEIGHTS_STORAGE_AUTO,
  FECLIP_WEIGHTS_STORAGE_FP32,
  FECLIP_WEIGHTS_STORAGE_FP16,
} FeclipWeightsStorage;

/**
 * FeclipPrecision:
 * @FECLIP_PRECISION_AUTO: fp16 where the device has matrix units, unless
 * weights are asked for in fp32; else fp32
 * @FECLIP_PRECISION_FP32: single precision throughout
 * @FECLIP_PRECISION_FP16: weights in half precision; where the device has
 * matrix units, the other operand of a product with them as well
 *
 * What matrix products take in. Their sums, and all that lies between products,
 * are fp32 in every case.
 */
typedef enum {
  FECLIP_PRECISION_AUTO,
  FECLIP_PRECISION_FP32,
  FECLIP_PRECISION_FP16,
} FeclipPrecision;

/**
 * FeclipLfsStatistic:
 * @FECLIP_LFS_STATISTIC_AUTO: what the weights' metadata says, else mean
 * @FECLIP_LFS_STATISTIC_MEAN: signed mean of the local DCT coefficients
 * @FECLIP_LFS_STATISTIC_ABS: mean of their absolute values
 * @FECLIP_LFS_STATISTIC_POWER: mean of their squares
 *
 * What LFS keeps of each neighbourhood's spectrum (FE-CLIP).
 */
typedef enum {
  FECLIP_LFS_STATISTIC_AUTO,
  FECLIP_LFS_STATISTIC_MEAN,
  FECLIP_LFS_STATISTIC_ABS,
  FECLIP_LFS_STATISTIC_POWER,
} FeclipLfsStatistic;

/**
 * FeclipActivation:
 * @FECLIP_ACTIVATION_AUTO: what the weights' metadata says, else quick-gelu
 * @FECLIP_ACTIVATION_QUICK_GELU: x·σ(1.702x), OpenAI's weights
 * @FECLIP_ACTIVATION_GELU: erf-GELU, most LAION weights
 *
 * The activation inside CLIP's MLPs.
 */
typedef enum {
  FECLIP_ACTIVATION_AUTO,
  FECLIP_ACTIVATION_QUICK_GELU,
  FECLIP_ACTIVATION_GELU,
} FeclipActivation;

/**
 * FeclipMapType:
 * @FECLIP_MAP_TYPE_PROBABILITY: 0…1, the anomalous prompt's share
 * @FECLIP_MAP_TYPE_MARGIN: the difference of the two similarities over the
 *   temperature, about −5…5, 0 = undecided
 * @FECLIP_MAP_TYPE_FEW_SHOT: 0…2, how unlike the normal references a patch is,
 *   one minus the cosine. As a setting: without the prompts' share, and there
 *   is no map until there are references. In a result also the sum of this and
 *   the probability
 *
 * What a map's numbers mean.
 */
typedef enum {
  FECLIP_MAP_TYPE_PROBABILITY,
  FECLIP_MAP_TYPE_MARGIN,
  FECLIP_MAP_TYPE_FEW_SHOT,
} FeclipMapType;

/**
 * FeclipReferenceScore:
 * @FECLIP_REFERENCE_SCORE_SUM_MAX: the prompts' score plus the largest
 *   difference from the references (FE-CLIP)
 * @FECLIP_REFERENCE_SCORE_SUM_MEAN_TOP: the prompts' score plus the mean of the
 *   largest differences
 * @FECLIP_REFERENCE_SCORE_MAX: the largest difference alone
 * @FECLIP_REFERENCE_SCORE_MEAN_TOP: the mean of the largest differences alone
 *
 * A frame's score where there are normal references. The largest differences
 * are the top 2 % of the patches, at least one.
 */
typedef enum {
  FECLIP_REFERENCE_SCORE_SUM_MAX,
  FECLIP_REFERENCE_SCORE_SUM_MEAN_TOP,
  FECLIP_REFERENCE_SCORE_MAX,
  FECLIP_REFERENCE_SCORE_MEAN_TOP,
} FeclipReferenceScore;

/**
 * FeclipFit:
 * @FECLIP_FIT_CROP: resize the shorter edge and analyse the centre square, as
 *   CLIP was trained
 * @FECLIP_FIT_STRETCH: analyse the whole frame, distorted to a square
 *
 * How a frame that is not square meets the square network.
 */
typedef enum {
  FECLIP_FIT_CROP,
  FECLIP_FIT_STRETCH,
} FeclipFit;

#define FECLIP_TYPE_SETTINGS (feclip_settings_get_type ())

/**
 * FeclipSettings:
 *
 * Everything a user can choose, as GObject properties with defaults that work.
 * The `feclip` element and the `feclip` command offer the same names, taken
 * from this class, so that a setting is described in one place. Where a default
 * says "auto", the weight file's metadata decides, then the method's default.
 *
 * normal-prompt and anomaly-prompt hold one or more prompts, with "|" or line
 * ends between them; the features of several are averaged.
 *
 * Models and detectors copy what they need when they are made; a change
 * afterwards does not reach them. Not thread-safe.
 */
FECLIP_API
G_DECLARE_FINAL_TYPE (FeclipSettings, feclip_settings, FECLIP, SETTINGS,
                      GObject)

/**
 * feclip_settings_new:
 *
 * Returns: (transfer full): settings with every value at its default
 */
FECLIP_API
FeclipSettings *feclip_settings_new (void);

G_END_DECLS
