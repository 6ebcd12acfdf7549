/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/result.h>

G_BEGIN_DECLS

#define FECLIP_TYPE_CALIBRATION (feclip_calibration_get_type ())

typedef struct _FeclipCalibration FeclipCalibration;

/**
 * FeclipCalibration:
 * @false_alarm_rate: the requested rate: the share of normal frames that may be
 *   classified as anomalous
 * @attained_rate: upper bound of the false-alarm rate that the thresholds
 *   guarantee. It is at most @false_alarm_rate unless there were too few
 *   frames: n frames cannot guarantee less than 1 / (n + 1)
 * @n_frames: number of normal frames that were added
 * @threshold: a frame whose score is at or above it is anomalous
 * @has_map: whether the frames had maps; if not, @pixel_threshold is unset
 * @pixel_threshold: a pixel whose map value is at or above it is defective
 * @map_type: what the values of the maps mean, if @has_map
 * @model: (nullable): name of the model's file, without its folder
 * @date: (nullable): when the calibration was finished, ISO 8601 in UTC
 * @version: (nullable): the version of feclip that made it
 *
 * Thresholds computed from normal frames alone, by split conformal prediction:
 * each threshold lies just above the ⌈(n + 1)(1 − rate)⌉-th smallest of n
 * values. If a new normal frame and the added ones are exchangeable, the new
 * one reaches the threshold with a probability of at most @attained_rate,
 * whatever the distribution of the values. @threshold is computed from the
 * scores, @pixel_threshold from the maximum of each map.
 *
 * The fields are read-only. They are valid after feclip_calibration_finish() or
 * feclip_calibration_load(). Not thread-safe.
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
 * @false_alarm_rate: the requested rate, above 0 and below 1
 *
 * Returns: (transfer full): a calibration without frames
 */
FECLIP_API
FeclipCalibration *feclip_calibration_new (double false_alarm_rate);

/**
 * feclip_calibration_add:
 * @self: a calibration made by feclip_calibration_new()
 * @result: the result of a normal frame
 *
 * Adds a frame's score and the maximum of its map. A result that contains NaN
 * or infinity is ignored. A result whose map type differs from that of the
 * previous one, or that has no map where the previous one had one or the
 * reverse, discards all earlier frames and starts again.
 */
FECLIP_API
void feclip_calibration_add (FeclipCalibration *self,
                             const FeclipResult *result);

/**
 * feclip_calibration_finish:
 * @self: a calibration made by feclip_calibration_new()
 * @model_file: (nullable) (type filename): path of the model's file, whose name
 *   is stored in @model
 * @error: return location for an error
 *
 * Computes the thresholds from all frames so far. More frames may be added
 * afterwards, followed by another call.
 *
 * Returns: %TRUE on success, %FALSE with @error set if no frame was added
 */
FECLIP_API
gboolean feclip_calibration_finish (FeclipCalibration *self,
                                    const char *model_file, GError **error);

/**
 * feclip_calibration_save:
 * @self: a finished calibration
 * @path: (type filename): the file to write; an existing one is replaced
 *   atomically
 * @error: return location for an error
 *
 * Writes the calibration as a small JSON file. Blocks until it is written.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 */
FECLIP_API
gboolean feclip_calibration_save (const FeclipCalibration *self,
                                  const char *path, GError **error);

/**
 * feclip_calibration_load: (constructor)
 * @path: (type filename): a file written by feclip_calibration_save()
 * @error: return location for an error
 *
 * Reads and checks the file, which may be untrusted.
 *
 * Returns: (transfer full): the calibration, to which no frames can be added,
 *   or %NULL with @error set
 */
FECLIP_API
FeclipCalibration *feclip_calibration_load (const char *path, GError **error);

/**
 * feclip_calibration_copy:
 * @self: a calibration
 *
 * Returns: (transfer full): a deep copy
 */
FECLIP_API
FeclipCalibration *feclip_calibration_copy (const FeclipCalibration *self);

/**
 * feclip_calibration_free:
 * @self: (nullable): a calibration
 *
 * Frees the memory of @self; does nothing if it is %NULL.
 */
FECLIP_API
void feclip_calibration_free (FeclipCalibration *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeclipCalibration, feclip_calibration_free)

G_END_DECLS
