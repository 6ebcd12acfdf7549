/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:feclip-meta
 * @short_description: results of feclip on GStreamer buffers
 *
 * The `feclip` element attaches its results to the frame, in several encodings
 * of the same numbers:
 *
 * - a custom meta named %FECLIP_META_NAME. It survives format conversion,
 *   scaling and queues, and every language binding can read it. Its fields are
 *   `score`, `raw-score`, `threshold`, `pixel-threshold` and `min-area`
 *   (double), `anomalous`, `analysed` and `fresh` (boolean), `result-age` and
 *   `event-id` (guint64), `tap-scores` (GstValueArray of double), `x`, `y`,
 *   `width` and `height` (double, the analysed rectangle as fractions of the
 *   frame's size), `map-type` (string, "probability", "margin" or "few-shot"),
 *   `references` (int, the number of normal images that the frame was compared
 *   with), `map-width` and `map-height` (int) and, if these are not 0, `map`
 *   (GBytes: float32, row-major, native byte order). With tiles it also has
 *   `mean-score` (double), `tile-columns` and `tile-rows` (int) and
 *   `tile-scores` (GstValueArray of double, row-major);
 * - a #GstVideoRegionOfInterestMeta of the type "anomaly" for each defect, with
 *   the parameter structure "detection": `x_min`, `x_max`, `y_min` and `y_max`
 *   (double, fractions of the frame's size), `confidence` (double), `label`
 *   (string), `label_id` (int);
 * - with GStreamer 1.24 and later, a #GstAnalyticsRelationMeta with a
 *   classification of the frame and an object detection for each defect, whose
 *   id is also the id of the region. With 1.26 and later it also has a
 *   segmentation mask, and a #GstTensorMeta holds the map.
 *
 * In C, the functions here write all encodings and read the custom meta:
 *
 * |[<!-- language="C" -->
 * g_autoptr (FeclipVerdict) verdict = feclip_verdict_from_buffer (buffer);
 *
 * if (verdict != NULL && verdict->anomalous)
 *   g_print ("anomaly score %.3f\n", verdict->result->score);
 * ]|
 */
#pragma once

#include <feclip/result.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * FECLIP_META_NAME:
 *
 * Name of the custom meta, for gst_buffer_get_custom_meta().
 */
#define FECLIP_META_NAME "FeclipMeta"

#define FECLIP_TYPE_VERDICT (feclip_verdict_get_type ())

typedef struct _FeclipVerdict FeclipVerdict;

/**
 * FeclipVerdict:
 * @result: the result of the analysis
 * @threshold: the frame is anomalous if its score is at least this
 * @pixel_threshold: a pixel is defective if its map value is at least this
 * @anomalous: whether the score is at least @threshold
 * @analysed: %TRUE if @result comes from this frame, %FALSE if it comes from an
 *   earlier one
 * @fresh: whether this is the first frame that carries @result. %TRUE if
 *   @analysed, and if the result came too late for its own frame
 * @result_age: time in ns from the frame that @result comes from to this frame,
 *   by their timestamps. 0 if @analysed, %GST_CLOCK_TIME_NONE if unknown
 * @raw_score: the score before smoothing over time, equal to that of @result
 *   without smoothing. The score of @result is compared with @threshold
 * @min_area: smaller defects are left out, see feclip_defects_drop_small()
 * @event_id: id of the event that the frame belongs to, 0 for none
 *
 * A result with the thresholds that were applied to it, as one buffer carries
 * it.
 */
struct _FeclipVerdict {
  FeclipResult *result;
  double threshold;
  double pixel_threshold;
  gboolean anomalous;
  gboolean analysed;
  gboolean fresh;
  GstClockTime result_age;
  double raw_score;
  double min_area;
  guint64 event_id;
};

FECLIP_API
GType feclip_verdict_get_type (void);

/**
 * feclip_verdict_new: (constructor)
 * @result: the result of the analysis; a reference is kept
 * @threshold: the frame is anomalous if its score is at least this
 * @pixel_threshold: a pixel is defective if its map value is at least this
 * @analysed: whether @result comes from the frame that the verdict will be
 *   attached to. If not, it is not fresh and its age is unknown until the
 *   caller sets these fields
 *
 * The raw score is that of @result; the smallest area and the event id are 0.
 * The caller may change the fields before it attaches the verdict.
 *
 * Returns: (transfer full): the verdict
 */
FECLIP_API
FeclipVerdict *feclip_verdict_new (FeclipResult *result, double threshold,
                                   double pixel_threshold, gboolean analysed);

/**
 * feclip_verdict_from_buffer: (constructor)
 * @buffer: a video frame
 *
 * Reads the custom meta of a buffer, which any program may have written.
 *
 * Returns: (transfer full) (nullable): the verdict, or %NULL if the buffer has
 *   none or if its fields contradict each other
 */
FECLIP_API
FeclipVerdict *feclip_verdict_from_buffer (GstBuffer *buffer);

FECLIP_API
FeclipVerdict *feclip_verdict_copy (const FeclipVerdict *self);

FECLIP_API
void feclip_verdict_free (FeclipVerdict *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeclipVerdict, feclip_verdict_free)

/**
 * feclip_verdict_attach:
 * @self: a verdict
 * @buffer: the frame, writable; its memory is not accessed
 * @frame_width: the frame's width in pixels
 * @frame_height: the frame's height in pixels
 * @defects: (nullable) (element-type FeclipDefect): the result of
 *   feclip_result_find_defects() at the pixel threshold of @self, without small
 *   defects, or %NULL to compute it here
 *
 * Attaches the verdict to a buffer in all encodings, and replaces an earlier
 * one.
 */
FECLIP_API
void feclip_verdict_attach (const FeclipVerdict *self, GstBuffer *buffer,
                            guint frame_width, guint frame_height,
                            const GArray *defects);

/**
 * feclip_meta_get_info:
 *
 * Registers the custom meta unless it is registered already. The other
 * functions here call this function themselves.
 *
 * Returns: (transfer none): the registered meta
 */
FECLIP_API
const GstMetaInfo *feclip_meta_get_info (void);

G_END_DECLS
