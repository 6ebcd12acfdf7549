/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/calibration.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/* Sets an element's properties "threshold" and "pixel-threshold" from a
 * calibration file, or from the scores of its own normal frames. A value that
 * the user sets later than either always stays. All fields are under the
 * element's object lock, which the functions take unless they say otherwise;
 * none of them may be called with it. Zeroed but for the settings: neither a
 * file nor a calibration. */
typedef struct {
  FeclipSettings *settings; /* (transfer none): the element's, with its
                               thresholds */
  char *file;
  gboolean pending;             /* the file has not been read */
  gboolean threshold_set;       /* by the user, later than the file */
  gboolean pixel_threshold_set; /* likewise */
  FeclipCalibration *latest;    /* finished or loaded; NULL: none */
  FeclipCalibration *collected; /* scores so far; NULL: not calibrating */
  guint wanted;                 /* frames still to come */
} GstFeclipCalibrator;

void gst_feclip_calibrator_clear (GstFeclipCalibrator *self);

/* Notes that the user has set the property @name. The caller holds the object
 * lock, in the same section in which it sets the value. */
void gst_feclip_calibrator_note (GstFeclipCalibrator *self, const char *name);

/* Sets the path of the calibration file; NULL or "": no file. In PAUSED and
 * PLAYING the file is read at once; a file that cannot be used is posted as a
 * warning, with its name and the cause. */
void gst_feclip_calibrator_set_file (GstFeclipCalibrator *self,
                                     GstElement *element, const char *path);

/* Reads the calibration file, if there is one that has not been read yet.
 * @again: read it even if it has been
 * Returns: FALSE if the file cannot be used; its name and the cause have been
 * posted as an error */
gboolean gst_feclip_calibrator_open (GstFeclipCalibrator *self,
                                     GstElement *element, gboolean again);

/* Starts a calibration on the next @n_frames results.
 * Returns: FALSE if an argument is out of range, which is logged */
gboolean gst_feclip_calibrator_start (GstFeclipCalibrator *self,
                                      GstElement *element, guint n_frames,
                                      double false_alarm_rate);

/* Takes the result of an analysed frame. After the last frame that is wanted it
 * sets the thresholds and posts "feclip-calibrated". If they cannot be computed
 * it posts the cause as a warning first, and leaves the thresholds as they are.
 * Returns: whether the frame belongs to a calibration */
gboolean gst_feclip_calibrator_add (GstFeclipCalibrator *self,
                                    GstElement *element,
                                    const FeclipResult *result);

/* Cancels a calibration at the end of the stream, which is posted. */
void gst_feclip_calibrator_stop (GstFeclipCalibrator *self,
                                 GstElement *element);

/* Writes the latest calibration to a file.
 * Returns: FALSE if there is none or it cannot be written; the cause has been
 * posted as a warning */
gboolean gst_feclip_calibrator_save (GstFeclipCalibrator *self,
                                     GstElement *element, const char *path);

G_END_DECLS
