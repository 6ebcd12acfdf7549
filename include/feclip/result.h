/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/settings.h>

G_BEGIN_DECLS

#define FECLIP_TYPE_RESULT (feclip_result_get_type ())

typedef struct _FeclipResult FeclipResult;

/**
 * FeclipResult:
 * @score: the frame's anomaly score: the mean of @tap_scores, with what
 *   #FeclipReferenceScore adds or puts in its place where there are references;
 *   with tiles that of the most anomalous one
 * @n_taps: number of taps
 * @tap_scores: (array length=n_taps): score at each tap, shallowest first
 * @x: left edge of the analysed rectangle, as a share of the frame's width
 * @y: top edge, as a share of the frame's height
 * @width: width of the analysed rectangle, as a share of the frame's width
 * @height: height, as a share of the frame's height
 * @map_type: what the map's numbers mean
 * @map_width: columns of @map, 0 when there is none
 * @map_height: rows of @map, 0 when there is none
 * @map: (nullable) (array): row-major [@map_height][@map_width] over the
 *   analysed rectangle, as the frame is stored; G×G, or S×S when smoothed, and
 *   more with tiles or regions
 * @n_references: normal images that the frame was compared with, 0 for none
 * @mean_score: the mean of @tile_scores but for those of which nothing counts;
 *   without tiles @score
 * @tile_columns: columns of tiles, 0 when the frame was analysed as one
 * @tile_rows: rows of tiles, 0 likewise
 * @tile_scores: (nullable) (array): row-major [@tile_rows][@tile_columns], as
 *   the frame is stored; 0 for a tile of which nothing counts
 *
 * What was found in one frame. Immutable and reference-counted; the references
 * are thread-safe.
 */
struct _FeclipResult {
  double score;
  guint n_taps;
  const double *tap_scores;
  double x;
  double y;
  double width;
  double height;
  FeclipMapType map_type;
  guint map_width;
  guint map_height;
  const float *map;
  guint n_references;
  double mean_score;
  guint tile_columns;
  guint tile_rows;
  const double *tile_scores;
};

FECLIP_API
GType feclip_result_get_type (void);

/**
 * feclip_result_new: (constructor) (skip)
 * @values: what the result shall hold; arrays are copied
 *
 * Returns: (transfer full): a result with one reference
 */
FECLIP_API
FeclipResult *feclip_result_new (const FeclipResult *values);

/**
 * feclip_result_merge: (skip)
 * @parts: (array length=n_parts): results of parts of one frame, as
 *   feclip_detector_analyse_part() returns them
 * @n_parts: how many, at least 1
 *
 * Makes one result for the whole frame: the score of the most anomalous part,
 * and a map that is at its scale's floor outside of all parts. Where parts
 * overlap, the higher number counts.
 *
 * Returns: (transfer full): the result
 */
FECLIP_API
FeclipResult *feclip_result_merge (FeclipResult *const *parts, guint n_parts);

FECLIP_API
FeclipResult *feclip_result_ref (FeclipResult *self);

FECLIP_API
void feclip_result_unref (FeclipResult *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeclipResult, feclip_result_unref)

/**
 * FeclipDefect:
 * @x_min: left edge, as a share of the frame's width
 * @y_min: top edge, as a share of the frame's height
 * @x_max: right edge, exclusive
 * @y_max: bottom edge, exclusive
 * @confidence: the map's maximum inside
 * @area: pixels of the frame that belong to it
 *
 * An 8-connected region of the frame-sized map at or above a threshold.
 */
typedef struct {
  double x_min;
  double y_min;
  double x_max;
  double y_max;
  double confidence;
  guint64 area;
} FeclipDefect;

/**
 * feclip_result_find_defects:
 * @self: a result
 * @frame_width: the frame's width in pixels
 * @frame_height: the frame's height in pixels
 * @pixel_threshold: the map value from which a pixel counts as defective
 *
 * Enlarges the map to the frame bilinearly (half-pixel centres) and collects
 * its defects, largest confidence first.
 *
 * Returns: (transfer full) (element-type FeclipDefect): the defects, possibly
 *   none
 */
FECLIP_API
GArray *feclip_result_find_defects (const FeclipResult *self, guint frame_width,
                                    guint frame_height, double pixel_threshold);

/**
 * feclip_defects_drop_small: (skip)
 * @defects: (element-type FeclipDefect): what feclip_result_find_defects()
 *   returned
 * @frame_width: the frame's width in pixels
 * @frame_height: the frame's height in pixels
 * @min_area: the smallest area to keep: below 1 as a share of the frame's area,
 *   from 1 on in pixels
 *
 * Removes small defects and keeps the others in their order.
 */
FECLIP_API
void feclip_defects_drop_small (GArray *defects, guint frame_width,
                                guint frame_height, double min_area);

/**
 * feclip_result_mix: (skip)
 * @self: a result
 * @earlier: the result before it
 * @score_share: what @self counts for in the scores, 0…1; @earlier is the rest
 * @map_share: the same for the map
 *
 * Mixes two results of one stream, for smoothing over time, but for the tiles'
 * scores. What cannot be
 * mixed, because maps have different sizes or a number is not finite, is
 * @self's.
 *
 * Returns: (transfer full): the mixture, which may be @self
 */
FECLIP_API
FeclipResult *feclip_result_mix (FeclipResult *self,
                                 const FeclipResult *earlier,
                                 double score_share, double map_share);

/**
 * FeclipReport:
 * @source: (nullable): what the frame comes from: a stream, a file
 * @timestamp: presentation time in ns, or %G_MAXUINT64 for none
 * @width: the frame's width in pixels
 * @height: the frame's height in pixels
 * @threshold: the score from which a frame is anomalous
 * @pixel_threshold: the map value from which a pixel is defective
 * @min_area: defects below it are left out, see feclip_defects_drop_small()
 * @include_map: whether the map itself is written
 * @result_age: time in ns since the frame that the result comes from, 0 if it
 *   is this one, or %G_MAXUINT64 if it is another one but not known how old
 * @in_stream: whether @raw_score and @event_id are written
 * @raw_score: the score before smoothing over time
 * @event_id: the event that the frame belongs to, 0 for none
 *
 * What a JSON line says beside the result itself.
 */
typedef struct {
  const char *source;
  guint64 timestamp;
  guint width;
  guint height;
  double threshold;
  double pixel_threshold;
  double min_area;
  gboolean include_map;
  guint64 result_age;
  gboolean in_stream;
  double raw_score;
  guint64 event_id;
} FeclipReport;

/**
 * feclip_result_to_json:
 * @self: a result
 * @report: what the line says beside it
 *
 * Writes the result as one line of JSON without a line break: DL Streamer's
 * keys for the frame and its objects, and "anomaly" with score, verdict,
 * per-tap scores, the analysed region and, where there are any, the tiles'
 * scores. Numbers have 9 significant digits whatever the locale.
 *
 * Returns: (transfer full): the line
 */
FECLIP_API
char *feclip_result_to_json (const FeclipResult *self,
                             const FeclipReport *report);

G_END_DECLS
