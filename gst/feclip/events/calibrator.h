/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/calibration.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/* How an element comes by its thresholds: from a file, or from its own normal
 * frames. They become its properties "threshold" and "pixel-threshold". Zeroed:
 * neither. Everything here is under the element's object lock, which the
 * functions take unless they say otherwise. */
typedef struct {
  char *file;
  gboolean pending;             /* the file has not been read */
  gboolean threshold_set;       /* by the user, after the file */
  gboolean pixel_threshold_set; /* the same */
  FeclipCalibration *latest;    /* made or loaded; NULL: none */
  FeclipCalibration *collected; /* from frames so far; NULL: not at it */
  guint wanted;                 /* frames still to come */
} GstFeclipCalibrator;

void gst_feclip_calibrator_clear (GstFeclipCalibrator *self);

/* Notes that the user has set the property @name. Called with the lock held. */
void gst_feclip_calibrator_note (GstFeclipCalibrator *self, const char *name);

/* Names another file; NULL or "": none. It is read at once where the element
 * runs, and what is wrong with it is then a warning. */
void gst_feclip_calibrator_set_file (GstFeclipCalibrator *self,
                                     GstElement *element, const char *path);

/* Reads the file, if there is one that was not read yet. @again: even if it
 * was.
 * Returns: FALSE if it cannot be used, which has been posted as an error */
gboolean gst_feclip_calibrator_open (GstFeclipCalibrator *self,
                                     GstElement *element, gboolean again);

/* Takes the next @n_frames for normal.
 * Returns: FALSE if the arguments make no sense */
gboolean gst_feclip_calibrator_start (GstFeclipCalibrator *self,
                                      GstElement *element, guint n_frames,
                                      double false_alarm_rate);

/* Takes the result of an analysed frame. After the last one that is wanted the
 * thresholds are set and "feclip-calibrated" is posted.
 * Returns: whether the frame was taken for normal */
gboolean gst_feclip_calibrator_add (GstFeclipCalibrator *self,
                                    GstElement *element,
                                    const FeclipResult *result);

/* No more frames will come: what was collected is given up, which is posted. */
void gst_feclip_calibrator_stop (GstFeclipCalibrator *self,
                                 GstElement *element);

/* Returns: FALSE if there is nothing to save or it cannot be written, which has
 * been posted as a warning */
gboolean gst_feclip_calibrator_save (GstFeclipCalibrator *self,
                                     GstElement *element, const char *path);

G_END_DECLS
