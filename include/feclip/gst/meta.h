/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:feclip-meta
 * @short_description: results of feclip on GStreamer buffers
 *
 * What the `feclip` element found travels with the frame in several encodings
 * of the same numbers:
 *
 * - a custom meta of the name %FECLIP_META_NAME, which survives format
 *   conversion, scaling and queues and which every language binding can read,
 *   with the fields `score raw-score threshold pixel-threshold min-area`
 *   (double), `anomalous analysed fresh` (boolean), `result-age event-id`
 *   (guint64), `tap-scores` (GstValueArray of double), `x y width height`
 *   (double, the analysed rectangle as shares of the frame), `map-type`
 *   (string, "probability", "margin" or "few-shot"), `references` (int, the
 *   normal images it was compared with), `map-width map-height` (int) and, if
 *   these are not 0, `map` (GBytes: float32, row-major, native byte order), and
 * with tiles `mean-score` (double), `tile-columns tile-rows` (int) and
 *   `tile-scores` (GstValueArray of double, row-major);
 * - a #GstVideoRegionOfInterestMeta of the type "anomaly" for each defect, with
 *   a parameter structure "detection": `x_min x_max y_min y_max` (double,
 * shares of the frame), `confidence` (double), `label` (string), `label_id`
 * (int);
 * - where GStreamer has them, a #GstAnalyticsRelationMeta (1.24) with a
 *   classification for the frame and an object detection per defect, whose id
 *   is the region's id, and (1.26) a segmentation mask and a #GstTensorMeta
 *   with the map.
 *
 * In C the functions here write all of them and read the first:
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
 * @result: what was found
 * @threshold: the score from which the frame is anomalous
 * @pixel_threshold: the map value from which a pixel is defective
 * @anomalous: whether the score reaches @threshold
 * @analysed: %TRUE if @result comes from this very frame, %FALSE if it is the
 *   latest one before it
 * @fresh: whether this is the first frame that carries @result: %TRUE if
 *   @analysed, and where the result came too late for its own frame
 * @result_age: time in ns between this frame and the one that @result comes
 *   from, by their timestamps: 0 if @analysed, %GST_CLOCK_TIME_NONE if unknown
 * @raw_score: the score before smoothing over time, @result's where there is
 *   none; the one of @result decides
 * @min_area: defects below it are left out, see feclip_defects_drop_small()
 * @event_id: the event that the frame belongs to, 0 for none
 *
 * A result and how it was judged: what one buffer carries.
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
 * @result: what was found; a reference is kept
 * @threshold: the score from which the frame is anomalous
 * @pixel_threshold: the map value from which a pixel is defective
 * @analysed: whether @result comes from the frame it will be attached to; if
 *   not, it is not fresh and of unknown age until these fields are set
 *
 * The other fields get the values of a score that was not smoothed, of no
 * smallest area and of no event; they may be set before it is attached.
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
 * Reads the custom meta of a buffer, whoever wrote it.
 *
 * Returns: (transfer full) (nullable): the verdict, or %NULL if the buffer has
 *   none or its fields contradict each other
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
 * @buffer: the frame, writable; its memory is not touched
 * @frame_width: the frame's width in pixels
 * @frame_height: the frame's height in pixels
 * @defects: (nullable) (element-type FeclipDefect): what
 *   feclip_result_find_defects() found at @self's pixel threshold, without
 *   small ones, or %NULL to have it found here
 *
 * Puts the verdict on a buffer, in all encodings. Takes the place of one that
 * is already there.
 */
FECLIP_API
void feclip_verdict_attach (const FeclipVerdict *self, GstBuffer *buffer,
                            guint frame_width, guint frame_height,
                            const GArray *defects);

/**
 * feclip_meta_get_info:
 *
 * Registers the custom meta unless this process knows it already. The other
 * functions here call it by themselves.
 *
 * Returns: (transfer none): its description
 */
FECLIP_API
const GstMetaInfo *feclip_meta_get_info (void);

G_END_DECLS
