/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <feclip/settings.h>

G_BEGIN_DECLS

#define FECLIP_TYPE_RESULT (feclip_result_get_type ())

typedef struct _FeclipResult FeclipResult;

/**
 * FeclipResult:
 * @score: anomaly score of the frame: the mean of @tap_scores, combined with
 *   the references as #FeclipReferenceScore says, if there are any; with tiles,
 *   the highest score of a tile
 * @n_taps: number of taps
 * @tap_scores: (array length=n_taps): score at each tap, shallowest first
 * @x: left edge of the analysed rectangle, as a fraction of the frame's width
 * @y: top edge, as a fraction of the frame's height
 * @width: width of the analysed rectangle, as a fraction of the frame's width
 * @height: height, as a fraction of the frame's height
 * @map_type: meaning of the map's values
 * @map_width: columns of @map, 0 if there is none
 * @map_height: rows of @map, 0 if there is none
 * @map: (nullable) (array): row-major [@map_height][@map_width], covers the
 *   analysed rectangle in the orientation of the stored frame. G×G cells; S×S
 *   if smoothed; more with tiles or regions
 * @n_references: number of normal images that the frame was compared with
 * @mean_score: mean of @tile_scores without the tiles that are ignored
 *   completely; equal to @score without tiles
 * @tile_columns: columns of tiles, 0 if the frame was not cut into tiles
 * @tile_rows: rows of tiles, 0 if the frame was not cut into tiles
 * @tile_scores: (nullable) (array): row-major [@tile_rows][@tile_columns], in
 *   the orientation of the stored frame; 0 for a tile that is ignored
 *   completely
 *
 * Result of the analysis of one frame. Immutable and reference-counted;
 * feclip_result_ref() and feclip_result_unref() are thread-safe.
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
 * @values: the values of the result; arrays are copied
 *
 * Returns: (transfer full): a result with one reference
 */
FECLIP_API
FeclipResult *feclip_result_new (const FeclipResult *values);

/**
 * feclip_result_merge: (skip)
 * @parts: (array length=n_parts): results of rectangles of one frame, as
 *   feclip_detector_analyse_part() returns them
 * @n_parts: number of results, at least 1
 *
 * Merges them into one result for the whole frame. Its score is the highest
 * one. Its map has the lowest value of the scale outside of all rectangles, and
 * the highest value where they overlap.
 *
 * Returns: (transfer full): the result
 */
FECLIP_API
FeclipResult *feclip_result_merge (FeclipResult *const *parts, guint n_parts);

/**
 * feclip_result_ref:
 * @self: a result
 *
 * Adds a reference. Thread-safe.
 *
 * Returns: (transfer full): @self
 */
FECLIP_API
FeclipResult *feclip_result_ref (FeclipResult *self);

/**
 * feclip_result_unref:
 * @self: (nullable) (transfer full): a result
 *
 * Drops a reference and frees the result with the last one. Thread-safe.
 */
FECLIP_API
void feclip_result_unref (FeclipResult *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeclipResult, feclip_result_unref)

/**
 * FeclipDefect:
 * @x_min: left edge, as a fraction of the frame's width
 * @y_min: top edge, as a fraction of the frame's height
 * @x_max: right edge, exclusive, as a fraction of the frame's width
 * @y_max: bottom edge, exclusive, as a fraction of the frame's height
 * @confidence: highest map value inside
 * @area: number of frame pixels that belong to the defect
 *
 * An 8-connected region of pixels at or above a threshold, in the map resampled
 * to the frame's size.
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
 * @frame_width: width of the frame in pixels
 * @frame_height: height of the frame in pixels
 * @pixel_threshold: a pixel whose map value is at or above it is defective
 *
 * Upsamples the map to the frame bilinearly (half-pixel centres) and finds its
 * connected components, highest confidence first.
 *
 * Returns: (transfer full) (element-type FeclipDefect): the defects, possibly
 *   none
 */
FECLIP_API
GArray *feclip_result_find_defects (const FeclipResult *self, guint frame_width,
                                    guint frame_height, double pixel_threshold);

/**
 * feclip_defects_drop_small: (skip)
 * @defects: (element-type FeclipDefect): defects from
 *   feclip_result_find_defects()
 * @frame_width: width of the frame in pixels
 * @frame_height: height of the frame in pixels
 * @min_area: smallest area to keep: a fraction of the frame's area if below 1,
 *   else a number of pixels
 *
 * Removes smaller defects from the array and keeps the order of the others.
 */
FECLIP_API
void feclip_defects_drop_small (GArray *defects, guint frame_width,
                                guint frame_height, double min_area);

/**
 * feclip_result_mix: (skip)
 * @self: a result
 * @earlier: the previous result of the stream
 * @score_share: weight of @self in the scores, 0…1; the weight of @earlier is 1
 *   − @score_share
 * @map_share: the same for the map
 *
 * Computes the weighted mean of two results of one stream, for exponential
 * smoothing over time. Scores of tiles are not smoothed. Values of @self are
 * kept where a mean is impossible: if the maps differ in size or type, or if
 * the earlier value is not finite.
 *
 * Returns: (transfer full): the mean, or a new reference to @self if both
 *   weights are 1
 */
FECLIP_API
FeclipResult *feclip_result_mix (FeclipResult *self,
                                 const FeclipResult *earlier,
                                 double score_share, double map_share);

/**
 * FeclipReport:
 * @source: (nullable): where the frame comes from: a stream or a file
 * @timestamp: presentation time in ns, or %G_MAXUINT64 for none
 * @width: width of the frame in pixels
 * @height: height of the frame in pixels
 * @threshold: a frame whose score is at or above it is anomalous
 * @pixel_threshold: a pixel whose map value is at or above it is defective
 * @min_area: smaller defects are omitted, see feclip_defects_drop_small()
 * @include_map: whether to write the map
 * @result_age: time in ns since the frame that was analysed: 0 if it is this
 *   frame, %G_MAXUINT64 if it is an earlier frame of unknown age
 * @in_stream: whether to write @raw_score and @event_id
 * @raw_score: score before smoothing over time
 * @event_id: event that the frame belongs to, 0 for none
 *
 * What a line of JSON contains besides the result.
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
 * @report: what the line contains besides the result
 *
 * Serialises the result as JSON on a single line, without a line break: the
 * keys of DL Streamer for the frame and its objects, and a member "anomaly"
 * with the score, the verdict, the scores per tap, the analysed rectangle and,
 * if there are any, the scores of the tiles. Numbers have 9 significant digits
 * and do not depend on the locale.
 *
 * Returns: (transfer full): the line
 */
FECLIP_API
char *feclip_result_to_json (const FeclipResult *self,
                             const FeclipReport *report);

G_END_DECLS
