/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/result.h>

G_BEGIN_DECLS

#define FECLIP_TYPE_CALIBRATION (feclip_calibration_get_type ())

typedef struct _FeclipCalibration FeclipCalibration;

/**
 * FeclipCalibration:
 * @false_alarm_rate: the share of normal frames that may be called anomalous,
 *   as it was asked for
 * @attained_rate: the share that the thresholds promise at most: not more than
 *   @false_alarm_rate, but for too few frames, of which n attain 1 / (n + 1)
 * @n_frames: the normal frames that were seen
 * @threshold: the score from which a frame is anomalous
 * @has_map: whether the frames had maps, else there is no @pixel_threshold
 * @pixel_threshold: the map value from which a pixel is defective
 * @map_type: what the maps' numbers mean, if @has_map
 * @model: (nullable): name of the model's file, without its folder
 * @date: (nullable): when it was finished, ISO 8601 in UTC
 * @version: (nullable): of feclip
 *
 * Thresholds from normal frames alone. Each threshold lies just above a
 * conformal quantile of what was seen, the ⌈(n + 1)(1 − rate)⌉-th smallest of n
 * values: a further normal frame of the same kind reaches it with a probability
 * of at most @attained_rate, whatever the values' distribution. The scores give
 * @threshold and each map's maximum @pixel_threshold.
 *
 * Only read; valid after feclip_calibration_finish() or
 * feclip_calibration_load(). One thread at a time.
 */
struct _FeclipCalibration {
  double false_alarm_rate;
  double attained_rate;
  guint n_frames;
  double threshold;
  gboolean has_map;
  double pixel_threshold;
  FeclipMapType map_type;
  char *model;
  char *date;
  char *version;
};

FECLIP_API
GType feclip_calibration_get_type (void);

/**
 * feclip_calibration_new: (constructor)
 * @false_alarm_rate: above 0 and below 1
 *
 * Returns: (transfer full): a calibration that has seen no frame
 */
FECLIP_API
FeclipCalibration *feclip_calibration_new (double false_alarm_rate);

/**
 * feclip_calibration_add:
 * @self: a calibration
 * @result: of a normal frame
 *
 * Takes a frame's score and its map's maximum. A result whose numbers are not
 * finite is left out. One with another type of map, or none where the one
 * before had one, begins anew.
 */
FECLIP_API
void feclip_calibration_add (FeclipCalibration *self,
                             const FeclipResult *result);

/**
 * feclip_calibration_finish:
 * @self: a calibration
 * @model_file: (nullable) (type filename): path of the model's file
 * @error: return location for an error
 *
 * Fills in the thresholds from the frames so far; more may follow, with another
 * call after them.
 *
 * Returns: %FALSE if there was no frame
 */
FECLIP_API
gboolean feclip_calibration_finish (FeclipCalibration *self,
                                    const char *model_file, GError **error);

/**
 * feclip_calibration_save:
 * @self: a finished calibration
 * @path: (type filename): the file; replaced at once when it is complete
 * @error: return location for an error
 *
 * Writes a small JSON file.
 *
 * Returns: whether that succeeded
 */
FECLIP_API
gboolean feclip_calibration_save (const FeclipCalibration *self,
                                  const char *path, GError **error);

/**
 * feclip_calibration_load: (constructor)
 * @path: (type filename): a file from feclip_calibration_save()
 * @error: return location for an error
 *
 * Returns: (transfer full): the calibration, which takes no more frames, or
 *   %NULL
 */
FECLIP_API
FeclipCalibration *feclip_calibration_load (const char *path, GError **error);

FECLIP_API
FeclipCalibration *feclip_calibration_copy (const FeclipCalibration *self);

FECLIP_API
void feclip_calibration_free (FeclipCalibration *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeclipCalibration, feclip_calibration_free)

G_END_DECLS
