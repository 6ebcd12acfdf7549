/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/error.h>

G_BEGIN_DECLS

/**
 * FeclipWeightsStorage:
 * @FECLIP_WEIGHTS_STORAGE_AUTO: fp16 if the file's weights are in half
 *   precision, else fp32
 * @FECLIP_WEIGHTS_STORAGE_FP32: single precision
 * @FECLIP_WEIGHTS_STORAGE_FP16: half precision: half the memory, rounded values
 *
 * Number format of the weights in device memory. The arithmetic depends on
 * #FeclipPrecision.
 */
typedef enum {
  FECLIP_WEIGHTS_STORAGE_AUTO,
  FECLIP_WEIGHTS_STORAGE_FP32,
  FECLIP_WEIGHTS_STORAGE_FP16,
} FeclipWeightsStorage;

/**
 * FeclipPrecision:
 * @FECLIP_PRECISION_AUTO: fp16 if the device has cooperative matrices
 *   and weights-storage is not fp32, else fp32
 * @FECLIP_PRECISION_FP32: single precision throughout
 * @FECLIP_PRECISION_FP16: weights in half precision; if the device has
 *   cooperative matrices, the other operand of each product with weights is
 *   rounded to half precision, too
 *
 * Number format of the operands of matrix products. Sums, and everything
 * between the products, are always fp32.
 */
typedef enum {
  FECLIP_PRECISION_AUTO,
  FECLIP_PRECISION_FP32,
  FECLIP_PRECISION_FP16,
} FeclipPrecision;

/**
 * FeclipLfsStatistic:
 * @FECLIP_LFS_STATISTIC_AUTO: from the metadata of the weights, else mean
 * @FECLIP_LFS_STATISTIC_MEAN: signed mean of the local DCT coefficients
 * @FECLIP_LFS_STATISTIC_ABS: mean of their absolute values
 * @FECLIP_LFS_STATISTIC_POWER: mean of their squares
 *
 * Statistic that LFS (local frequency statistics, FE-CLIP) computes from the
 * spectrum of each patch's neighbourhood.
 */
typedef enum {
  FECLIP_LFS_STATISTIC_AUTO,
  FECLIP_LFS_STATISTIC_MEAN,
  FECLIP_LFS_STATISTIC_ABS,
  FECLIP_LFS_STATISTIC_POWER,
} FeclipLfsStatistic;

/**
 * FeclipActivation:
 * @FECLIP_ACTIVATION_AUTO: from the metadata of the weights, else quick-gelu
 * @FECLIP_ACTIVATION_QUICK_GELU: x·σ(1.702x), for OpenAI's weights
 * @FECLIP_ACTIVATION_GELU: exact GELU (with erf), for most LAION weights
 *
 * Activation function in CLIP's MLPs.
 */
typedef enum {
  FECLIP_ACTIVATION_AUTO,
  FECLIP_ACTIVATION_QUICK_GELU,
  FECLIP_ACTIVATION_GELU,
} FeclipActivation;

/**
 * FeclipMapType:
 * @FECLIP_MAP_TYPE_PROBABILITY: 0…1, softmax probability of the anomalous
 *   prompt
 * @FECLIP_MAP_TYPE_MARGIN: similarity to the anomalous prompt minus similarity
 *   to the normal one, divided by the temperature; about −5…5, 0 = undecided
 * @FECLIP_MAP_TYPE_FEW_SHOT: 0…2, distance of a patch from the nearest normal
 *   reference: one minus the cosine similarity. As a setting: the prompts do
 *   not contribute, and there is no map until there are references. In a result
 *   it may also be the sum of this distance and the probability
 *
 * Meaning of a map's values.
 */
typedef enum {
  FECLIP_MAP_TYPE_PROBABILITY,
  FECLIP_MAP_TYPE_MARGIN,
  FECLIP_MAP_TYPE_FEW_SHOT,
} FeclipMapType;

/**
 * FeclipReferenceScore:
 * @FECLIP_REFERENCE_SCORE_SUM_MAX: score of the prompts plus the largest
 *   distance from the references (FE-CLIP)
 * @FECLIP_REFERENCE_SCORE_SUM_MEAN_TOP: score of the prompts plus the mean of
 *   the largest distances
 * @FECLIP_REFERENCE_SCORE_MAX: the largest distance alone
 * @FECLIP_REFERENCE_SCORE_MEAN_TOP: the mean of the largest distances alone
 *
 * How the score of a frame is computed if there are normal references. The
 * largest distances are those of the top 2 % of the patches, at least one.
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
 *   in CLIP's training
 * @FECLIP_FIT_STRETCH: analyse the whole frame, distorted to a square
 *
 * How a frame that is not square is fitted to the network's square input.
 */
typedef enum {
  FECLIP_FIT_CROP,
  FECLIP_FIT_STRETCH,
} FeclipFit;

#define FECLIP_TYPE_SETTINGS (feclip_settings_get_type ())

/**
 * FeclipSettings:
 *
 * The configuration, as GObject properties with defaults that work. The element
 * `feclip` and the command `feclip` take the names, defaults and descriptions
 * of their options from this class. Where a default is "auto" (or 0 or -1, as
 * the property's description says), the metadata of the weight file decides
 * and, without it, the default of the method.
 *
 * normal-prompt and anomaly-prompt hold one or more prompts, separated by "|"
 * or line breaks; the features of several prompts are averaged.
 *
 * Models and detectors copy the values they need when they are made; later
 * changes do not affect them. Not thread-safe.
 */
FECLIP_API
G_DECLARE_FINAL_TYPE (FeclipSettings, feclip_settings, FECLIP, SETTINGS,
                      GObject)

/**
 * feclip_settings_new:
 *
 * Returns: (transfer full): settings with the default of every property
 */
FECLIP_API
FeclipSettings *feclip_settings_new (void);

G_END_DECLS
